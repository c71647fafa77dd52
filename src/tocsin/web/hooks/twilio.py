"""Where Twilio calls back: inbound texts, what to say on a call, keys, receipts. Signed, or refused."""

from functools import wraps
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tocsin.channels.twilio import speech
from tocsin.channels.twilio.refusals import explained
from tocsin.domain.escalation import actions as escalation
from tocsin.domain.escalation.logic.said import Said
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify import providers, queries
from tocsin.domain.notify.enums import DRILL, TELLING, Channel
from tocsin.domain.notify.sealing import Unsealable
from tocsin.domain.people import sign_in
from tocsin.intake.replies import twilio
from tocsin.kernel.errors import NotAllowed, NotFound, TocsinError, Unavailable
from tocsin.web.access import View, now, public
from tocsin.web.network import address_of

REPEATS = 3  # times that a page is said to somebody who presses nothing
KINDS = ("twilio_sms", "twilio_voice")


def _signed(view: View) -> View:
    """Let only Twilio in: the signature over our public address and the form is checked before anything is read."""

    @wraps(view)
    def checked(request: HttpRequest, provider_id: UUID, *args: Any, **kwargs: Any) -> HttpResponseBase:
        token = _token(provider_id)
        public_url = urlsplit(settings.BASE_URL)
        url = f"{public_url.scheme}://{public_url.netloc}{request.get_full_path()}"
        signature = request.headers.get("x-twilio-signature", "")
        if not settings.BASE_URL or not signature or not twilio.is_genuine(token, url, request.POST, signature):
            return HttpResponse("The signature does not match.", status=403, content_type="text/plain")
        return view(request, provider_id, *args, **kwargs)

    return checked


def _hook(view: View) -> View:
    """Mark a call-back: no cookie is read, the signature is the proof."""
    guarded: View = csrf_exempt(never_cache(require_POST(_signed(view))))
    return public(guarded)


def _token(provider_id: UUID) -> str:
    """Return the account's auth token. A disabled provider still hears answers to what it has sent."""
    found = providers.provider(provider_id)
    if found.kind not in KINDS:
        raise NotFound("provider_not_found", "There is no such provider.")
    try:
        return providers.opened(found).values["auth_token"]
    except Unsealable:
        raise Unavailable("credentials_sealed", "The provider's credentials cannot be read.") from None


def _xml(twiml: str) -> HttpResponse:
    return HttpResponse(twiml, content_type="text/xml; charset=utf-8")


@_hook
def inbound(request: HttpRequest, provider_id: UUID) -> HttpResponse:
    """A text that somebody has sent us: an answer to a page, or STOP and START, which Twilio itself answers."""
    text = twilio.inbound_text(request.POST)
    key = f"twilio:{provider_id}:{text.id}"
    before = notify.answered(key=key) if text.id else None
    if before is not None:
        return _xml(speech.text_back(before))
    at = now(request)
    if text.wish:
        answer = ""
        if text.wish != "help":
            act = notify.stop_address if text.wish == "stop" else notify.start_address
            act(channel=Channel.SMS, address=text.sender, now=at)
    else:
        answer = _answer_text(text, at)
        if answer and not sign_in.spend("text_reply", text.sender, address_of(request), at):
            answer = ""  # each reply is paid for: what was said has been done, and is not said again and again
    if text.id:
        notify.keep_answer(key=key, answer=answer, now=at)
    return _xml(speech.text_back(answer))


def _answer_text(text: twilio.InboundText, at: Any) -> str:
    try:
        return escalation.answer_text(channel=Channel.SMS, address=text.sender, text=text.body, now=at).message
    except NotAllowed as error:
        # Strangers get no reply: it would cost money and tell them that somebody is here.
        return "" if error.code == "unknown_sender" else error.message
    except TocsinError as error:
        return error.message


@_hook
def message_status(request: HttpRequest, provider_id: UUID, delivery_id: UUID) -> HttpResponse:  # noqa: ARG001 - the provider's own id names it
    """What became of a text. In any order, doubled or lost: it only moves forward."""
    _take(twilio.message_report(request.POST), Channel.SMS, now(request))
    return HttpResponse(status=204)


@_hook
def call_status(request: HttpRequest, provider_id: UUID, delivery_id: UUID) -> HttpResponse:  # noqa: ARG001 - as above
    """What became of a call."""
    _take(twilio.call_report(request.POST), Channel.VOICE, now(request))
    return HttpResponse(status=204)


def _take(report: twilio.Report, channel: str, at: Any) -> None:
    if report.delivered is None:
        return
    why = ": ".join(part for part in (report.why, explained(report.code)) if part)
    notify.record_receipt(channel=channel, provider_id=report.id, delivered=report.delivered, answer=why, now=at)


@_hook
def voice(request: HttpRequest, provider_id: UUID, delivery_id: UUID) -> HttpResponse:
    """Somebody, or something, has picked up: say the page, as often as it takes within reason."""
    report = twilio.call_report(request.POST)
    _take(report, Channel.VOICE, now(request))
    if report.delivered is False:
        return _xml(speech.hang_up())
    told = _told(delivery_id)
    if not told.waits:
        return _xml(speech.over(told.language))
    said = _times(request)
    spoken = speech.Spoken(
        name=told.name, language=told.language, subject=told.subject, body=told.body, count=told.together,
        asks=told.run is not None and told.purpose not in TELLING, test=told.purpose == DRILL,
    )  # fmt: skip
    keys = _address("hook_twilio_keys", provider_id, delivery_id, said)
    again = _address("hook_twilio_voice", provider_id, delivery_id, said + 1) if said < REPEATS else ""
    return _xml(speech.page(spoken, keys_url=keys, again_url=again))


@_hook
def keys(request: HttpRequest, provider_id: UUID, delivery_id: UUID) -> HttpResponse:
    """A key was pressed: 4, 6 and 8 answer, every other one has the page said again."""
    told = _told(delivery_id)
    said = twilio.KEYS.get(request.POST.get("Digits", ""))
    if said is None:
        times = min(_times(request) + 1, REPEATS)
        return _xml(speech.back_to(_address("hook_twilio_voice", provider_id, delivery_id, times)))
    key = f"twilio:{request.POST.get('CallSid', '')}:{request.POST['Digits']}"
    answer = notify.answered(key=key)
    if answer is None:
        answer = _answer_key(told, request.POST.get("To", ""), said, now(request))
        notify.keep_answer(key=key, answer=answer, now=now(request))
    return _xml(speech.last_word(answer))


def _answer_key(told: queries.Told, called: str, said: Said, at: Any) -> str:
    try:
        answer = escalation.answer_delivery(
            delivery_id=told.delivery, channel=Channel.VOICE, address=called, said=said, now=at
        )
    except TocsinError as error:
        return error.message
    return speech.outcome(said.verb, answer.changed, answer.message, told.language)


def _told(delivery_id: UUID) -> queries.Told:
    told = queries.told(delivery_id)
    if told.channel != Channel.VOICE:
        raise NotFound("delivery_not_found", "There is no such message.")
    return told


def _times(request: HttpRequest) -> int:
    """Return which time the page is said in this call (1, 2, ...); the signature covers the query."""
    given = request.GET.get("n", "1")
    return int(given) if given in ("1", "2", "3") else 1


def _address(name: str, provider_id: UUID, delivery_id: UUID, n: int) -> str:
    return f"{settings.BASE_URL}{reverse(name, args=[provider_id, delivery_id])}?n={n}"
