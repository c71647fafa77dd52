"""How I am reached: my addresses, the sequence per urgency, quiet hours, deputy, and why I could not be reached."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from tocsin.domain.escalation import queries as escalation
from tocsin.domain.notify import actions, reaching
from tocsin.domain.notify import queries as notify
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.notify.models import ContactMethod, ContactRule
from tocsin.domain.oncall import queries as oncall
from tocsin.domain.people import queries as people
from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_staff
from tocsin.kernel.errors import InvalidInput
from tocsin.web.access import administrator, now, signed_in, viewer
from tocsin.web.people import pushing
from tocsin.web.people.forms import QuietForm
from tocsin.web.sheets import done

DELAYS = [
    (0, "at once"),
    (60, "after 1 minute"),
    (120, "after 2 minutes"),
    (180, "after 3 minutes"),
    (300, "after 5 minutes"),
    (600, "after 10 minutes"),
    (900, "after 15 minutes"),
    (1800, "after 30 minutes"),
    (3600, "after 1 hour"),
]
NAMES = {Urgency.HIGH: "Urgent pages", Urgency.NORMAL: "Other pages"}


def sequences(user_id: UUID) -> list[dict[str, object]]:
    """Return the sequence for each urgency, the urgent one first, and for each method what is chosen."""
    rules, methods = notify.rules_of(user_id), notify.methods_of(user_id)
    return [
        {
            "urgency": urgency.value,
            "name": NAMES[urgency],
            "rules": rules[urgency],
            "rows": _rows(methods, rules[urgency]),
        }
        for urgency in (Urgency.HIGH, Urgency.NORMAL)
    ]


def _rows(methods: list[ContactMethod], rules: list[ContactRule]) -> list[dict[str, object]]:
    """Return the verified methods, those in use first, in the order in which they are used."""
    chosen = {rule.method_id: (rule.delay_seconds, rule.position) for rule in rules}
    in_order = sorted((m for m in methods if m.verified_at), key=lambda m: chosen.get(m.pk, (10**9, 0)))
    return [_row(method, chosen.get(method.pk, (None, 0))[0]) for method in in_order]


def _row(method: ContactMethod, delay: int | None) -> dict[str, object]:
    return {"method": method, "delay": delay, "delays": _delays(delay)}


def _delays(current: int | None) -> list[tuple[int, str]]:
    known = dict(DELAYS)
    if current is not None and current not in known:
        known[current] = f"after {current // 60} minutes"
    return sorted(known.items())


def duties(user: User, at: datetime) -> list[str]:
    """Return what somebody is answerable for at this moment, in words."""
    slugs = [one.slug for one in oncall.schedules()]
    on = oncall.who_is_on_now(slugs, at)
    found = [one.name for one in on.values() if any(person == user.pk for person, _ in one.people)]
    catch_all = escalation.catch_all()
    return [*found, *(["the catch-all, where pages go that reach nobody else"] if catch_all == user else [])]


@signed_in
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Show what is set, what is verified, whether it works, and what was sent."""
    user, at = viewer(request), now(request)
    hours = notify.quiet_hours([user.pk]).get(user.pk)
    trials = reaching.trials(user.pk, at)
    answering, evidence = people.answerable(user.pk, at)
    context = {
        "person": user,
        "judged": reaching.judgements([user.pk], at)[user.pk],
        "duties": duties(user, at),
        "rows": [_method(one, trials.get((one.channel, one.address)), at) for one in notify.methods_of(user.pk)],
        "sequences": sequences(user.pk),
        "quiet": QuietForm(initial={"starts": hours[0], "ends": hours[1]} if hours else None),
        "answering": answering,
        "evidence": evidence,
        "deputies": people.deputies_of(user, after=at),
        "may_deputy": is_staff.test(user),
        "deliveries": notify.deliveries_of_user(user.pk, limit=30),
        "push_key": pushing.push_key(),
        "section": "notifications",
    }
    return render(request, "people/notifications.html", context)


def _method(method: ContactMethod, trial: reaching.Trial | None, at: datetime) -> dict[str, object]:
    return {"method": method, "trial": trial, "polled": trial is not None and not trial.over(at)}


@signed_in
@require_POST
def set_sequence(request: HttpRequest, urgency: str) -> HttpResponse:
    """Replace my sequence for one urgency: each address is not used, or used at once or later."""
    user = viewer(request)
    steps: list[tuple[UUID, int]] = []
    for method in notify.methods_of(user.pk):
        wanted = request.POST.get(f"delay-{method.pk}", "")
        if wanted == "":
            continue
        if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 6):
            raise InvalidInput("delay", "Choose when each address is used.", {"delay": "not a number of seconds"})
        steps.append((method.pk, int(wanted)))
    steps.sort(key=lambda step: step[1])
    actions.set_rules(user_id=user.pk, urgency=urgency, steps=steps, now=now(request), actor=f"person:{user.pk}")
    messages.success(request, "Your sequence is set.")
    return redirect("notifications")


@signed_in
@require_POST
def set_quiet(request: HttpRequest) -> HttpResponse:
    """Set or clear my quiet hours; urgent pages ignore them."""
    form = QuietForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("quiet_hours", "Give both times, or leave both empty to have no quiet hours.")
    user = viewer(request)
    actions.set_quiet_hours(
        user_id=user.pk, starts=form.cleaned_data["starts"], ends=form.cleaned_data["ends"], now=now(request),
        actor=f"person:{user.pk}",
    )  # fmt: skip
    messages.success(request, "Your quiet hours are set.")
    return redirect("notifications")


@administrator
@require_POST
def vouch(request: HttpRequest, method_id: UUID) -> HttpResponse:
    """An administrator vouches for somebody's address; the journal names them."""
    method = notify.method_of(method_id)
    actions.verify_method(method_id=method.pk, now=now(request), actor=f"person:{viewer(request).pk}")
    return done(request, reverse("person", args=[method.user_id]), f"{method.address} is verified.")
