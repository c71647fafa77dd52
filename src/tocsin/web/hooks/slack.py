"""Where Slack calls back: buttons and the /tocsin command. Signed over the raw body, or refused; each acts once."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tocsin.domain.escalation import actions as escalation
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify import providers, queries
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.guarded import Refused, Unreachable, fetch
from tocsin.domain.notify.sealing import Unsealable
from tocsin.domain.oncall import queries as oncall
from tocsin.intake.replies import slack
from tocsin.kernel.errors import NotAllowed, NotFound, TocsinError, Unavailable
from tocsin.web.access import now, public

log = structlog.get_logger(__name__)

MOST = 64 * 1024  # bytes of a request
REPLY_WITHIN = 2.0  # seconds for replacing the message: Slack waits three for our answer
HELP = (
    "/tocsin ack 4711, /tocsin ack all, /tocsin decline 4711 I am ill, /tocsin next 4711, /tocsin snooze 4711 30, "
    "/tocsin take 4711, /tocsin who"
)
STRANGER = "Your Slack account belongs to nobody here. Add your member ID under Notifications and verify it."


def _signed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """Let only Slack in, and answer a repeated request as the first time."""

    @csrf_exempt
    @never_cache
    @require_POST
    @wraps(view)
    def checked(request: HttpRequest, provider_id: UUID) -> HttpResponse:
        body = request.body if int(request.headers.get("content-length") or 0) <= MOST else b""
        signature = request.headers.get("x-slack-signature", "")
        stamp = request.headers.get("x-slack-request-timestamp", "")
        at = now(request)
        if not body or not slack.is_genuine(_secret(provider_id), body, stamp, signature, at):
            return HttpResponse("The signature does not match.", status=403, content_type="text/plain")
        key = f"slack:{hashlib.sha256(f'{stamp}:{signature}'.encode()).hexdigest()}"
        before = notify.answered(key=key)
        if before is not None:
            return HttpResponse(before, content_type="application/json")
        answer = view(request, at)
        notify.keep_answer(key=key, answer=answer.content.decode(), now=at)
        return answer

    return public(checked)


def _secret(provider_id: UUID) -> str:
    found = providers.provider(provider_id)
    if found.kind != "slack":
        raise NotFound("provider_not_found", "There is no such provider.")
    try:
        return providers.opened(found).values["signing_secret"]
    except Unsealable:
        raise Unavailable("credentials_sealed", "The provider's credentials cannot be read.") from None


@_signed
def interactive(request: HttpRequest, at: datetime) -> HttpResponse:
    """A button was pressed: answer the page, and put what came of it in the message's place."""
    pressed = slack.press(request.POST)
    if pressed.said is None or pressed.delivery is None:
        return JsonResponse({})
    try:
        answer = escalation.answer_delivery(
            delivery_id=pressed.delivery, channel=Channel.SLACK, address=pressed.member, said=pressed.said, now=at
        )
        _replace(pressed.response_url, {"replace_original": True, "text": answer.message})
    except TocsinError as error:
        _replace(pressed.response_url, {"replace_original": False, "response_type": "ephemeral", "text": error.message})
    return JsonResponse({})


@_signed
def command(request: HttpRequest, at: datetime) -> HttpResponse:
    """`/tocsin ...`: answer in words, or ask who is on call. Only the asker sees what comes back."""
    words = request.POST.get("text", "").replace("\x00", "").strip()
    member = request.POST.get("user_id", "")
    first = words.partition(" ")[0].lower()
    if first in ("", "help"):
        return _only_you(HELP)
    try:
        if first == "who":
            return _only_you(_who(member, at))
        said = escalation.answer_text(channel=Channel.SLACK, address=member, text=words, now=at).message
    except NotAllowed as error:
        said = STRANGER if error.code == "unknown_sender" else error.message
    except TocsinError as error:
        said = error.message
    return _only_you(said)


def _who(member: str, at: datetime) -> str:
    """Return who is on call everywhere, for people who are known here."""
    if not queries.is_known(Channel.SLACK, member):
        return STRANGER
    slugs = [schedule.slug for schedule in oncall.schedules()]
    lines = [f"{one.name}: {', '.join(one.names) or 'nobody'}" for one in oncall.who_is_on_now(slugs, at).values()]
    return "\n".join(lines) or "There is no schedule."


def _only_you(text: str) -> HttpResponse:
    return JsonResponse({"response_type": "ephemeral", "text": text[:3000]})


def _replace(url: str, content: dict[str, Any]) -> None:
    """Tell Slack what to show now. The answer counts whether or not this arrives."""
    if not url.startswith("https://hooks.slack.com/") and not settings.WEBHOOK_ALLOW:
        return
    try:
        fetch(
            "POST", url, body=json.dumps(content).encode(), headers={"content-type": "application/json"},
            timeout=REPLY_WITHIN, allow=settings.WEBHOOK_ALLOW,
        )  # fmt: skip
    except (Refused, Unreachable) as error:
        log.info("a message in Slack could not be replaced", error=str(error)[:200])
