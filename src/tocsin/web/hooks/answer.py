"""The signed address that push services' buttons post to. Only a POST acts; the token says who was told what."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tocsin.domain.escalation import actions
from tocsin.domain.escalation.logic.said import Said, Verb
from tocsin.kernel.errors import InvalidInput, TocsinError
from tocsin.web.access import now, public

LONGEST_SNOOZE = 24 * 60  # minutes that are read; the policy caps further


@public
@csrf_exempt  # the token in the address is the proof, and no cookie is read
@never_cache
@require_POST
def by_button(request: HttpRequest, token: str) -> HttpResponse:
    """Take `verb` (with `reason` or `minutes`) from the form or the query; say in plain text what it did."""
    try:
        answer = actions.answer_link(token=token, said=_said(request), now=now(request))
    except TocsinError as error:
        return HttpResponse(error.message, content_type="text/plain; charset=utf-8", status=error.status)
    return HttpResponse(answer.message, content_type="text/plain; charset=utf-8")


def _said(request: HttpRequest) -> Said:
    given = request.POST.get("verb") or request.GET.get("verb", "")
    if given not in Verb:
        known = ", ".join(Verb)
        raise InvalidInput("unknown_verb", f"Say what to do: verb is one of {known}.", {"verb": known})
    minutes = request.POST.get("minutes") or request.GET.get("minutes", "")
    reason = (request.POST.get("reason") or request.GET.get("reason", "")).replace("\x00", "")[:500]
    wanted = int(minutes) if minutes.isascii() and minutes.isdigit() and len(minutes) < 5 else None
    if minutes and (wanted is None or not 0 < wanted <= LONGEST_SNOOZE):
        problem = f"Say between 1 and {LONGEST_SNOOZE} minutes."
        raise InvalidInput("minutes", problem, {"minutes": problem})
    return Said(Verb(given), reason=reason, minutes=wanted)
