"""Providers of the channels: set up, ordered, tried out, and how they do. For administrators."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.channels.kinds import KINDS, kind_of
from tocsin.channels.ways import readable_way, send_test, ways
from tocsin.domain.notify import actions, providers, queries
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.models import Provider
from tocsin.domain.notify.transport import ProviderKind, TransportError
from tocsin.domain.people import sign_in
from tocsin.kernel.errors import Conflict, InvalidInput, NotFound, TocsinError
from tocsin.web.access import administrator, now, viewer
from tocsin.web.control.provider_forms import ProviderForm
from tocsin.web.network import address_of
from tocsin.web.sheets import done, sheet

WORDS = {
    "well": "works",
    "failing": "failed last",
    "resting": "left alone",
    "unused": "not used yet",
    "disabled": "disabled",
    "unreadable": "credentials unreadable",
    "unknown": "unknown kind",
}
ALARMING = {"resting", "failing", "unreadable", "unknown"}


@administrator
@never_cache
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Every channel with its ways out in the order in which they are tried, and how each does."""
    context = {"channels": _channels(now(request)), "kinds": KINDS, "section": "settings"}
    return render(request, "control/providers.html", context)


def _channels(at: datetime) -> list[dict[str, object]]:
    healths, unreadable = providers.healths(), {one.pk for one in providers.unreadable()}
    waiting = providers.people_by_channel()
    found = []
    for channel, label in Channel.choices:
        own = [one for one in providers.providers() if one.channel == channel]
        rows = [_row(one, healths, unreadable, at) for one in own]
        usable = [one for one, row in zip(own, rows, strict=True) if row["usable"] and one.enabled]
        given = [_given(way.label, healths.get(way.name), at) for way in ways(channel) if _is_given(channel, way.name)]
        if own or channel == Channel.EMAIL or waiting.get(channel):
            found.append(
                {
                    "channel": channel, "label": label, "rows": rows, "given": given, "people": waiting.get(channel, 0),
                    "carried": bool(given or usable),
                }
            )  # fmt: skip
    return found


def _is_given(channel: str, name: str) -> bool:
    """Say whether the environment carries it; without a mail server it only says what is missing."""
    return name.startswith(providers.ENVIRONMENT) and (channel != Channel.EMAIL or bool(settings.SMTP_HOST))


def _given(label: str, health: providers.Health | None, at: datetime) -> dict[str, object]:
    health = health or providers.Health()
    state = health.state(at)
    return {"label": label, "health": health, "state": WORDS[state], "alarming": state in ALARMING}


def _row(one: Provider, healths: dict[str, providers.Health], unreadable: set[UUID], at: datetime) -> dict[str, object]:
    kind, health = kind_of(one.kind), healths.get(str(one.pk), providers.Health())
    state = "unknown" if kind is None else "unreadable" if one.pk in unreadable else health.state(at)
    usable = state not in ("unknown", "unreadable")
    if usable and not one.enabled:
        state = "disabled"
    return {
        "provider": one, "kind": kind.label if kind else one.kind, "health": health, "state": WORDS[state],
        "alarming": state in ALARMING, "usable": usable, "editable": kind is not None, "hooks": _hooks(kind, one),
    }  # fmt: skip


def _hooks(kind: ProviderKind | None, one: Provider) -> Iterable[tuple[str, str]]:
    base = settings.BASE_URL
    return [(label, base + path.replace("{provider}", str(one.pk))) for label, path in kind.hooks] if kind else []


@administrator
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """Set up a provider of one kind."""
    chosen = _kind(kind)
    form = ProviderForm(request.POST or None, kind=chosen, initial={"name": _free_name(chosen.label)})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.add_provider(
                kind=chosen, name=form.value("name"), values=form.values(), by=viewer(request), now=now(request)
            )
            return done(request, reverse("providers"), f"{made.name} is set up. Send a test to see that it works.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title=f"Add {chosen.label}", submit="Add", cancel=reverse("providers"))


@administrator
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, provider_id: UUID) -> HttpResponse:
    """Change a provider; what is secret is kept where nothing is written."""
    found = providers.provider(provider_id)
    chosen = _kind(found.kind)
    form = ProviderForm(request.POST or None, kind=chosen, provider=found, initial={"name": found.name})
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_provider(
                provider_id=provider_id, kind=chosen, name=form.value("name"), values=form.values(), by=viewer(request),
                now=now(request),
            )  # fmt: skip
            return done(request, reverse("providers"), f"{form.value('name')} is changed.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title=f"Edit {found.name}", submit="Save", cancel=reverse("providers"))


@administrator
@require_POST
def enable(request: HttpRequest, provider_id: UUID) -> HttpResponse:
    """Use a provider, or pass it over."""
    wanted = request.POST.get("enabled") == "1"
    name = providers.provider(provider_id).name
    actions.enable_provider(provider_id=provider_id, enabled=wanted, by=viewer(request), now=now(request))
    return done(request, reverse("providers"), f"{name} is {'enabled' if wanted else 'disabled'}.")


@administrator
@require_POST
def move(request: HttpRequest, provider_id: UUID) -> HttpResponse:
    """Have a provider tried earlier or later."""
    actions.move_provider(
        provider_id=provider_id, earlier=request.POST.get("earlier") == "1", by=viewer(request), now=now(request)
    )
    return redirect("providers")


@administrator
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, provider_id: UUID) -> HttpResponse:
    """Forget a provider and its credentials, after a question."""
    found = providers.provider(provider_id)
    if request.method == "POST":
        actions.remove_provider(provider_id=provider_id, by=viewer(request), now=now(request))
        return done(request, reverse("providers"), f"{found.name} is removed.")
    lead = "Its credentials are deleted for good. What it has sent stays recorded. To stop using it for a while, disable it."
    return sheet(request, None, title=f"Remove {found.name}", submit="Remove", cancel=reverse("providers"), lead=lead)


@administrator
@require_POST
def test(request: HttpRequest, provider_id: UUID) -> HttpResponse:
    """Send a test by this provider to the viewer's own verified address; so often and no oftener."""
    found, user, at = providers.provider(provider_id), viewer(request), now(request)
    way = readable_way(provider_id)
    if way is None:
        raise Conflict("unreadable", "Its credentials cannot be read. Edit it and write them anew.")
    to = queries.own_address(user.pk, found.channel)
    if not to:
        where = Channel(found.channel).label.lower()
        raise InvalidInput(
            "no_own_address", f"You have no verified address for {where}. Add one under How I am reached."
        )
    if not sign_in.spend("provider_test", str(user.pk), address_of(request), at):
        raise InvalidInput("too_many_tests", "That were many tests. Try again in a quarter of an hour.")
    try:
        answer = send_test(way, channel=found.channel, to=to, name=user.name, by=user.name, at=at)
    except TransportError as error:
        actions.note_provider_test(provider_id=provider_id, accepted=False, answer=error.answer, by=user, now=at)
        messages.error(request, f"{found.name} did not accept the test: {error.answer}")
        return redirect("providers")
    actions.note_provider_test(provider_id=provider_id, accepted=True, answer=answer, by=user, now=at)
    messages.success(request, f"{found.name} has accepted a test to you: {answer}")
    return redirect("providers")


def _kind(name: str) -> ProviderKind:
    kind = kind_of(name)
    if kind is None:
        raise NotFound("kind_not_found", "This release knows no such kind of provider.")
    return kind


def _free_name(label: str) -> str:
    """Return a name that no provider has: the label, or the label and a number."""
    taken = {one.name for one in providers.providers()}
    return next(name for n in range(1, len(taken) + 2) if (name := label if n == 1 else f"{label} {n}") not in taken)
