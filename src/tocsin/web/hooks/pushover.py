"""Where Pushover tells that an emergency was acknowledged on the phone: that answers the page."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tocsin.domain.escalation import actions
from tocsin.domain.escalation.logic.said import Said, Verb
from tocsin.domain.notify.actions import record_receipt
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.links import read_answer_token
from tocsin.intake.replies.pushover import acknowledged
from tocsin.kernel.errors import NotFound, TocsinError
from tocsin.web.access import now, public

_PLAIN = "text/plain; charset=utf-8"


@public
@csrf_exempt  # the token in the address is the proof, and no cookie is read
@never_cache
@require_POST
def called_back(request: HttpRequest, token: str) -> HttpResponse:
    """Note the receipt and acknowledge. Repeated calls change nothing; what is no acknowledgement is passed over."""
    at = now(request)
    try:
        read_answer_token(token, now=at)
    except NotFound as error:
        return HttpResponse(error.message, content_type=_PLAIN, status=error.status)
    found = acknowledged(request.POST)
    if found is None:
        return HttpResponse("Nothing to do.", content_type=_PLAIN)
    told = f"acknowledged on {found.device or 'the phone'}"
    record_receipt(channel=Channel.PUSHOVER, provider_id=found.receipt, delivered=True, answer=told, now=at)
    try:
        answer = actions.answer_link(token=token, said=Said(Verb.ACKNOWLEDGE), via=Channel.PUSHOVER, now=at)
    except TocsinError as error:
        # Too late or taken back: calling again would not change that, and Pushover calls until it hears 200.
        return HttpResponse(error.message, content_type=_PLAIN)
    return HttpResponse(answer.message, content_type=_PLAIN)
