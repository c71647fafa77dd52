"""Twilio as a provider: one kind for texts, one for calls, since an operator may want only one of them."""

import re
from collections.abc import Mapping

from tocsin.channels.twilio.transport import API_URL, Account, SmsTransport, VoiceTransport
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.transport import ProviderKind, Reach, Setting

_NUMBER = re.compile(r"\+[1-9]\d{6,14}\Z")
_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{2,11}\Z")  # an alphanumeric sender; nobody can answer to one
_SHORT_CODE = re.compile(r"\d{3,8}\Z")
_SID = re.compile(r"AC[0-9a-fA-F]{32}\Z")

_ACCOUNT = (
    Setting(
        name="account_sid",
        label="Account SID",
        remedy="Twilio's console shows it on the first page; it begins with AC.",
    ),
    Setting(
        name="auth_token", label="Auth token", secret=True, remedy="Twilio's console shows it beside the account SID."
    ),
)
_API = Setting(
    name="api_url",
    label="API address",
    required=False,
    default=API_URL,
    remedy="Change it only for a proxy of your own.",
)


def _account(values: Mapping[str, str], sender: str, service: str = "") -> Account:
    if not _SID.match(values["account_sid"]):
        raise ValueError("An account SID is AC and 32 hexadecimal digits.")
    return Account(
        sid=values["account_sid"], token=values["auth_token"], sender=sender, service=service,
        api_url=values.get("api_url") or API_URL,
    )  # fmt: skip


def _sms(values: Mapping[str, str], reach: Reach) -> SmsTransport:
    sender, service = values.get("sender", "").strip(), values.get("messaging_service_sid", "").strip()
    if not sender and not service:
        raise ValueError("Give a sender or a messaging service.")
    if sender and not (_NUMBER.match(sender) or _NAME.match(sender) or _SHORT_CODE.match(sender)):
        raise ValueError("A sender is a number such as +4915123456789, a short code, or a name of up to 11 letters.")
    return SmsTransport(_account(values, sender, service), reach)


def _voice(values: Mapping[str, str], reach: Reach) -> VoiceTransport:
    if not _NUMBER.match(values["sender"]):
        raise ValueError("Calls come from a number such as +493012345678.")
    return VoiceTransport(_account(values, values["sender"]), reach)


SMS_KIND = ProviderKind(
    kind="twilio_sms",
    channel=Channel.SMS,
    label="Twilio text messages",
    settings=(
        *_ACCOUNT,
        Setting(
            name="sender",
            label="Sender",
            required=False,
            remedy="A number of the account, or leave it to a messaging service.",
        ),
        Setting(
            name="messaging_service_sid",
            label="Messaging service SID",
            required=False,
            remedy="Begins with MG; used instead of the sender.",
        ),
        _API,
    ),
    build=_sms,
    hooks=(("A message comes in (webhook, HTTP POST)", "/hooks/twilio/{provider}/sms"),),
)
VOICE_KIND = ProviderKind(
    kind="twilio_voice",
    channel=Channel.VOICE,
    label="Twilio phone calls",
    settings=(*_ACCOUNT, Setting(name="sender", label="Calling number", remedy="A voice number of the account."), _API),
    build=_voice,
)
