"""How I am reached: my addresses, the sequence per urgency, quiet hours, what was sent to me."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.notify import actions
from tocsin.domain.notify import queries as notify
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.notify.models import ContactMethod, ContactRule
from tocsin.kernel.errors import InvalidInput, TocsinError
from tocsin.web.access import administrator, now, signed_in, viewer
from tocsin.web.people.forms import MethodForm, QuietForm
from tocsin.web.sheets import done, sheet

DELAYS = [
    (0, "at once"),
    (60, "after 1 minute"),
    (120, "after 2 minutes"),
    (300, "after 5 minutes"),
    (600, "after 10 minutes"),
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
    chosen = {rule.method_id: rule.delay_seconds for rule in rules}
    return [
        {"method": m, "delay": chosen.get(m.pk), "delays": _delays(chosen.get(m.pk))} for m in methods if m.verified_at
    ]


def _delays(current: int | None) -> list[tuple[int, str]]:
    known = dict(DELAYS)
    if current is not None and current not in known:
        known[current] = f"after {current // 60} minutes"
    return sorted(known.items())


@signed_in
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Show what is set, what is verified, and what was sent."""
    user = viewer(request)
    hours = notify.quiet_hours([user.pk]).get(user.pk)
    context = {
        "person": user,
        "own": True,
        "methods": notify.methods_of(user.pk),
        "sequences": sequences(user.pk),
        "quiet": QuietForm(initial={"starts": hours[0], "ends": hours[1]} if hours else None),
        "deliveries": notify.deliveries_of_user(user.pk, limit=30),
        "section": "notifications",
    }
    return render(request, "people/notifications.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add an address. It is used only once it is verified."""
    form = MethodForm(request.POST or None)
    where = reverse("notifications")
    if request.method == "POST" and form.is_valid():
        user = viewer(request)
        try:
            actions.add_method(
                user_id=user.pk, channel=form.value("channel"), address=form.value("address"), now=now(request),
                actor=f"person:{user.pk}",
            )  # fmt: skip
            return done(request, where, "Added. It is used once it is verified.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title="Add an address", submit="Add", cancel=where)


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
