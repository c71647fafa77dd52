"""Where Telegram calls back. What is to be said back goes into the answer itself, so nothing more is called."""

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tocsin.domain.escalation import actions as escalation
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify import providers
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.sealing import Unsealable
from tocsin.intake.replies import telegram
from tocsin.kernel.errors import NotAllowed, NotFound, TocsinError, Unavailable
from tocsin.web.access import now, public

MOST = 64 * 1024  # bytes of an update
MOST_ALERT, MOST_TEXT = 200, 4000


@public
@csrf_exempt  # the secret in the header is the proof, and no cookie is read
@never_cache
@require_POST
def update(request: HttpRequest, provider_id: UUID) -> HttpResponse:
    """Take one update; a repeated one is answered as the first time and acts no more."""
    given = request.headers.get("x-telegram-bot-api-secret-token", "")
    if not telegram.is_genuine(_secret(provider_id), given):
        return HttpResponse("The secret does not match.", status=403, content_type="text/plain")
    taken = telegram.update(request.body if int(request.headers.get("content-length") or 0) <= MOST else b"")
    if taken is None:
        return JsonResponse({})
    key = f"telegram:{provider_id}:{taken.id}"
    before = notify.answered(key=key)
    if before is not None:
        return HttpResponse(before, content_type="application/json")
    back = json.dumps(_answer(taken, now(request)))
    notify.keep_answer(key=key, answer=back, now=now(request))
    return HttpResponse(back, content_type="application/json")


def _secret(provider_id: UUID) -> str:
    found = providers.provider(provider_id)
    if found.kind != "telegram":
        raise NotFound("provider_not_found", "There is no such provider.")
    try:
        return providers.opened(found).values["webhook_secret"]
    except Unsealable:
        raise Unavailable("credentials_sealed", "The provider's credentials cannot be read.") from None


def _answer(taken: telegram.Update, at: Any) -> dict[str, Any]:
    """Act, and return what Telegram is to do: show a word at the button, or write back."""
    if taken.delivery is not None and taken.said is not None:
        try:
            said = escalation.answer_delivery(
                delivery_id=taken.delivery, channel=Channel.TELEGRAM, address=taken.chat, said=taken.said, now=at
            ).message
        except TocsinError as error:
            said = error.message
        return {
            "method": "answerCallbackQuery", "callback_query_id": taken.query, "text": said[:MOST_ALERT], "show_alert": True,
        }  # fmt: skip
    if taken.text.startswith("/start"):
        # Before anybody is known: this is how a person learns their chat's number.
        return _write(taken, f"The number of this chat is {taken.chat}. Add it under How I am reached, kind Telegram.")
    try:
        said = escalation.answer_text(channel=Channel.TELEGRAM, address=taken.chat, text=taken.text, now=at).message
    except NotAllowed as error:
        if error.code == "unknown_sender":
            return {}  # strangers get no answer
        said = error.message
    except TocsinError as error:
        said = error.message
    return _write(taken, said)


def _write(taken: telegram.Update, text: str) -> dict[str, Any]:
    return {"method": "sendMessage", "chat_id": taken.chat, "text": text[:MOST_TEXT]}
