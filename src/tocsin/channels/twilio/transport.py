"""Text messages and phone calls by Twilio's REST API, over the guarded client.

Twilio takes no idempotency key for these, so a try without an answer is told apart (Fault.UNSURE) and not doubled at
another provider within the same try.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from twilio.twiml.voice_response import VoiceResponse

from tocsin.channels.twilio.refusals import refusal
from tocsin.channels.twilio.text import sms_text
from tocsin.domain.notify.enums import TEST, Channel
from tocsin.domain.notify.guarded import Refused, Unreachable, fetch
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.transport import Capabilities, Message, Reach, Sent, TransportError

API_URL = "https://api.twilio.com"
RING_SECONDS = 25  # then the call counts as not answered; a mailbox mostly answers later


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose messages they are. `sender`: a number, or (texts only) a name; or else `service`, a messaging service."""

    sid: str
    token: str = field(repr=False)
    sender: str = ""
    service: str = ""
    api_url: str = API_URL


@dataclass(frozen=True, slots=True)
class Request:
    """What would be posted to the account: the resource and its form."""

    resource: str  # "Messages" or "Calls"
    form: Mapping[str, str]


class _TwilioTransport:
    """What texts and calls share: where it goes, who we are, what an answer means."""

    def __init__(self, account: Account, reach: Reach) -> None:
        self._account = account
        self._reach = reach

    def send(self, payload: Request, *, idempotency_key: str, timeout: float) -> Sent:  # noqa: ARG002 - Twilio takes no keys
        """Post it. Raises TransportError, with whose fault it is."""
        account = self._account
        url = f"{account.api_url.rstrip('/')}/2010-04-01/Accounts/{account.sid}/{payload.resource}.json"
        basic = base64.b64encode(f"{account.sid}:{account.token}".encode()).decode()
        headers = {
            "authorization": f"Basic {basic}",
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
        }
        body = urlencode(payload.form).encode()
        try:
            answer = fetch("POST", url, body=body, headers=headers, timeout=timeout, allow=self._reach.allow)
        except Refused as error:
            raise TransportError(str(error), fault=Fault.CREDENTIALS) from error
        except Unreachable as error:
            raise TransportError(str(error)) from error
        if not 200 <= answer.status < 300:
            raise refusal(answer)
        sid, status = _accepted(answer.body)
        if not sid:
            # It says yes and not to what: it may well have sent it.
            raise TransportError(f"Twilio answered {answer.status} without an id", fault=Fault.UNSURE)
        return Sent(provider_id=sid, answer=f"{answer.status} {status}".strip())

    def close(self) -> None:
        """Nothing is kept between requests."""

    def _callback(self, path: str, message: Message) -> str:
        """Return the public address of one of our hooks for this message, or "" where there can be none."""
        reach = self._reach
        if not reach.base_url or not reach.provider or message.purpose == TEST:
            return ""  # no delivery stands behind a test
        return f"{reach.base_url}/hooks/twilio/{reach.provider}/{path}/{message.key}"


class SmsTransport(_TwilioTransport):
    """Texts. Answered by text with the page's code, or by the link."""

    capabilities = Capabilities(channel=Channel.SMS, bundles=True, takes_keys=False, receipts=True)

    def payload(self, message: Message) -> Request:
        """Return the request: at most two segments of text."""
        form = {"To": message.to, "Body": sms_text(message)}
        if self._account.service:
            form["MessagingServiceSid"] = self._account.service
        else:
            form["From"] = self._account.sender
        callback = self._callback("status", message)
        return Request("Messages", form | ({"StatusCallback": callback} if callback else {}))


class VoiceTransport(_TwilioTransport):
    """Calls. What is said, and what the keys do, is served by our hooks once somebody has picked up."""

    capabilities = Capabilities(channel=Channel.VOICE, bundles=True, takes_keys=False, receipts=True)

    def payload(self, message: Message) -> Request:
        """Return the request. Raises TransportError while no public address is set to which Twilio could come back."""
        form = {"To": message.to, "From": self._account.sender, "Timeout": str(RING_SECONDS)}
        if message.purpose == TEST:
            spoken = VoiceResponse()
            spoken.say(f"{message.subject}. {message.body}")
            return Request("Calls", form | {"Twiml": str(spoken)})
        url = self._callback("voice", message)
        if not url:
            raise TransportError("calls need TOCSIN_BASE_URL: Twilio asks there what to say", fault=Fault.CREDENTIALS)
        form |= {
            "Url": url, "Method": "POST", "MachineDetection": "Enable",
            "StatusCallback": self._callback("call-status", message), "StatusCallbackMethod": "POST",
        }  # fmt: skip
        return Request("Calls", form)


def _accepted(body: bytes) -> tuple[str, str]:
    try:
        told: Any = json.loads(body)
    except ValueError:
        return "", ""
    if not isinstance(told, dict):
        return "", ""
    sid, status = told.get("sid"), told.get("status")
    return (sid if isinstance(sid, str) else "")[:200], str(status or "")[:40]
