"""Log a call: one form while the caller is still on the phone."""

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.domain.people import actions as people_actions
from tocsin.domain.people import queries as people
from tocsin.domain.people.models import User
from tocsin.domain.tickets import actions
from tocsin.domain.tickets.enums import Level3, MessageKind, Status
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import InvalidInput, TocsinError
from tocsin.web.access import now, viewer, worker
from tocsin.web.desk import choices
from tocsin.web.fields import Choices, Form, area, choice
from tocsin.web.sheets import done

CALLERS_SHOWN = 8
_LEVELS = [(str(value), label) for value, label in Level3.choices]


class CallForm(Form):
    """Who calls, what they say, and whether it was solved on the phone."""

    caller = forms.EmailField(
        label="Who calls", max_length=254, help_text="Their e-mail address; begin to type a name.",
        widget=forms.EmailInput(
            attrs={
                "list": "callers", "autofocus": True, "autocomplete": "off", "hx-get": "/calls/callers",
                "hx-trigger": "input changed delay:200ms", "hx-target": "#callers-slot", "hx-params": "caller",
            }
        ),
    )  # fmt: skip
    name = forms.CharField(
        label="Name, if they are new",
        max_length=120,
        required=False,
        help_text="Fill it in to add somebody not yet known.",
    )
    organisation = choice("Organisation, if they are new", [], required=False, empty="none")
    subject = forms.CharField(label="In one line", max_length=300)
    said = area("What they said", rows=5)
    service = choice("Service", [], required=False, empty="not known")
    impact = choice("Impact", _LEVELS, initial="2")
    urgency = choice("Urgency", _LEVELS, initial="2")
    solved = forms.BooleanField(label="Solved on the phone", required=False)
    solution = area("What solved it", rows=3, required=False, help_text="The caller gets this as your reply.")

    def __init__(self, *args: object, services: Choices, organisations: Choices, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.offer("service", [("", "not known"), *services])
        self.offer("organisation", [("", "none"), *organisations])

    def clean(self) -> None:
        """A call that was solved says by what: whoever reads it later needs it."""
        if self.cleaned_data.get("solved") and not self.cleaned_data.get("solution"):
            self.add_error("solution", "Say in a sentence what solved it.")


@worker
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Write a call down; solved on the phone it is a first contact and closed in one go."""
    organisations = [(str(row.pk), row.name) for row in people.organisations()]
    form = CallForm(request.POST or None, services=choices.services(), organisations=organisations)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                made = _log(request, form)
            said = f"{made.reference} is solved." if made.status == Status.RESOLVED else f"{made.reference} is yours."
            if request.POST.get("then") == "notes":
                return done(request, reverse("ticket_call", args=[made.number]) + "?from=call", said)
            return done(request, reverse("ticket", args=[made.number]), said)
        except TocsinError as error:
            form.refuse(error)
    return render(request, "desk/call.html", {"form": form, "section": "call"}, status=422 if form.errors else 200)


def _log(request: HttpRequest, form: CallForm) -> Ticket:
    """Open the ticket in the caller's words; reply and resolve it where it was solved. One transaction."""
    by, at = viewer(request), now(request)
    made = actions.open_ticket(
        subject=form.value("subject"), description=form.value("said"), requester=_caller(request, form),
        service=choices.service_of(form.uuid("service")), impact=int(form.value("impact")),
        urgency=int(form.value("urgency")), owner=by, channel="phone", by=by, now=at,
    )  # fmt: skip
    if not form.cleaned_data["solved"]:
        return made
    actions.add_message(ticket_id=made.pk, kind=MessageKind.REPLY, body=form.value("solution"), by=by, now=at)
    return actions.resolve(ticket_id=made.pk, by=by, now=at, note="Solved on the phone.")


def _caller(request: HttpRequest, form: CallForm) -> User:
    known = people.find_person(form.value("caller"))
    if known is not None:
        return known
    if not form.value("name"):
        problem = "Nobody is known by this address. Give their name to add them."
        raise InvalidInput("unknown_caller", problem, {"name": problem})
    pk = form.uuid("organisation")
    return people_actions.add_requester(
        email=form.value("caller"), name=form.value("name"), organisation=people.organisation(pk) if pk else None,
        by=viewer(request), now=now(request),
    )  # fmt: skip


@worker
@require_safe
def callers(request: HttpRequest) -> HttpResponse:
    """People whose name or address holds what was typed."""
    typed = request.GET.get("caller", "").strip()[:100]
    found = list(people.people(typed)[:CALLERS_SHOWN]) if len(typed) > 1 else []
    return render(request, "desk/callers.html", {"callers": found})
