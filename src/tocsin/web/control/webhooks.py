"""Webhooks: which programs hear of what, how each does, its log, and sending again. For administrators."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.webhooks import actions, queries
from tocsin.domain.webhooks.enums import DeliveryState
from tocsin.domain.webhooks.models import Subscription
from tocsin.kernel.errors import NotFound, TocsinError
from tocsin.web.access import administrator, now, viewer
from tocsin.web.fields import Form, area
from tocsin.web.sheets import done, sheet

GET_OR_POST = ["GET", "HEAD", "POST"]
FAMILIES = {
    "ticket.*": "Tickets: opened, taken, resolved, changed",
    "message.*": "Messages and notes",
    "escalation.*": "Escalations: opened, acknowledged, closed",
    "run.*": "Ladders: levels fired, answers",
    "clock.*": "Promises: started, broken, kept",
    "handover.*": "Handovers: offered, accepted, declined",
    "page.*": "Pages: sent, failed, withdrawn",
}


class WebhookForm(Form):
    """One receiver."""

    name = forms.CharField(
        label="Name", max_length=120, help_text="What it is for, such as: tickets to the data warehouse."
    )
    url = forms.CharField(
        label="Address", max_length=1000,
        help_text="Events are posted here. A private network must be in TOCSIN_WEBHOOK_ALLOW.",
    )  # fmt: skip
    families = forms.MultipleChoiceField(
        label="What is sent", choices=list(FAMILIES.items()), required=False, widget=forms.CheckboxSelectMultiple
    )
    kinds = area(
        "Single kinds", required=False, rows=2,
        help_text="Kinds of the journal, such as ticket.opened. Nothing ticked and nothing written: everything is sent.",
    )  # fmt: skip

    @property
    def all_kinds(self) -> str:
        """What is ticked and what is written."""
        return " ".join([*self.cleaned_data["families"], self.value("kinds")])


class AgainForm(Form):
    """From when on the log is sent again."""

    since = forms.DateTimeField(
        label="From then on", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    everything = forms.BooleanField(label="Also what was delivered", required=False)


@administrator
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Every receiver and how it does."""
    context = {"webhooks": queries.subscriptions(), "section": "settings"}
    return render(request, "control/webhooks.html", context)


@administrator
@never_cache
@require_http_methods(GET_OR_POST)
def edit(request: HttpRequest, webhook_id: UUID | None = None) -> HttpResponse:
    """Add a receiver, whose secret is then shown once, or change one."""
    present = queries.subscription(webhook_id) if webhook_id else None
    form = WebhookForm(request.POST or None, initial=_initial(present))
    if request.method == "POST" and form.is_valid():
        try:
            saved, secret = actions.save_subscription(
                name=form.value("name"), url=form.value("url"), kinds=form.all_kinds, subscription_id=webhook_id,
                by=viewer(request), now=now(request),
            )  # fmt: skip
        except TocsinError as error:
            form.refuse(error)
        else:
            if secret:
                return render(
                    request, "control/webhook_secret.html", {"webhook": saved, "secret": secret, "section": "settings"}
                )
            return done(request, reverse("webhook", args=[saved.pk]), "Saved.")
    title = f"Change {present.name}" if present else "New webhook"
    cancel = reverse("webhook", args=[present.pk]) if present else reverse("webhooks")
    return sheet(request, form, title=title, submit="Save the webhook", cancel=cancel)


def _initial(present: Subscription | None) -> dict[str, object]:
    if present is None:
        return {}
    families = [kind for kind in present.kinds if kind in FAMILIES]
    others = [kind for kind in present.kinds if kind not in FAMILIES]
    return {"name": present.name, "url": present.url, "families": families, "kinds": " ".join(others)}


@administrator
@require_safe
def one(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """One receiver with its log, newest first."""
    found, state = queries.subscription(webhook_id), request.GET.get("state", "")
    rows = queries.log(webhook_id, state=state, before=_moment(request.GET.get("before", "")))
    context = {
        "webhook": found, "rows": rows, "state": state, "states": DeliveryState.choices, "section": "settings",
        "earlier": rows[-1].made_at.isoformat() if len(rows) == queries.PAGE else "",
    }  # fmt: skip
    return render(request, "control/webhook.html", context)


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


@administrator
@require_safe
def delivery(request: HttpRequest, webhook_id: UUID, delivery_id: UUID) -> HttpResponse:
    """One event: what was posted, and what each try came to."""
    found = queries.delivery(delivery_id)
    if found.subscription_id != webhook_id:
        raise NotFound("delivery_not_found", "There is no such delivery. The log keeps thirty days.")
    context = {
        "webhook": found.subscription,
        "delivery": found,
        "tries": queries.tries_of(found.pk),
        "section": "settings",
    }
    return render(request, "control/webhook_delivery.html", context)


@administrator
@require_POST
def test(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Send an event that says that it is a test."""
    sent = actions.send_test(subscription_id=webhook_id, by=viewer(request), now=now(request))
    messages.success(request, "A test is on its way. What came of it stands here in a moment.")
    return redirect("webhook_delivery", webhook_id, sent.pk)


@administrator
@require_POST
def enable(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Pause, or go on."""
    wanted = request.POST.get("enabled") == "1"
    actions.set_enabled(subscription_id=webhook_id, enabled=wanted, by=viewer(request), now=now(request))
    messages.success(request, "It is on." if wanted else "It is paused: what happens now is not sent, also not later.")
    return redirect("webhook", webhook_id)


@administrator
@never_cache
@require_http_methods(GET_OR_POST)
def secret(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Make another signing secret, shown once."""
    found = queries.subscription(webhook_id)
    if request.method == "POST":
        fresh = actions.new_secret(subscription_id=webhook_id, by=viewer(request), now=now(request))
        return render(
            request, "control/webhook_secret.html", {"webhook": found, "secret": fresh, "section": "settings"}
        )
    consequence = "What is sent from now on is signed with the new one alone. Tell the receiver at once."
    return sheet(
        request, None, title=f"New secret for {found.name}", submit="Make a new secret",
        cancel=reverse("webhook", args=[webhook_id]), template="control/webhook_ask.html", consequence=consequence,
    )  # fmt: skip


@administrator
@require_http_methods(GET_OR_POST)
def remove(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Forget a receiver and its log."""
    found = queries.subscription(webhook_id)
    if request.method == "POST":
        actions.remove_subscription(subscription_id=webhook_id, by=viewer(request), now=now(request))
        return done(request, reverse("webhooks"), f"{found.name} is removed.")
    consequence = "Its log goes with it, and what still waits is not sent. To stop it for a while, pause it."
    return sheet(
        request, None, title=f"Remove {found.name}", submit="Remove it", cancel=reverse("webhook", args=[webhook_id]),
        template="control/webhook_ask.html", consequence=consequence,
    )  # fmt: skip


@administrator
@require_POST
def again(request: HttpRequest, webhook_id: UUID, delivery_id: UUID) -> HttpResponse:
    """Send one event again."""
    if queries.delivery(delivery_id).subscription_id != webhook_id:
        raise NotFound("delivery_not_found", "There is no such delivery. The log keeps thirty days.")
    sent = actions.replay(delivery_id=delivery_id, by=viewer(request), now=now(request))
    messages.success(request, "It is sent again, as an event of its own.")
    return redirect("webhook_delivery", webhook_id, sent.pk)


@administrator
@require_http_methods(GET_OR_POST)
def again_since(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Send again what was given up, or everything, since a moment."""
    found, form = queries.subscription(webhook_id), AgainForm(request.POST or None)
    where = reverse("webhook", args=[webhook_id])
    if request.method == "POST" and form.is_valid():
        try:
            many = actions.replay_since(
                subscription_id=webhook_id, since=form.cleaned_data["since"], by=viewer(request), now=now(request),
                only_failed=not form.cleaned_data["everything"],
            )  # fmt: skip
            return done(request, where, f"{many} events are sent again.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title=f"Send again to {found.name}", submit="Send again", cancel=where)
