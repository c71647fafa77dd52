"""Addresses of my own: add one, prove it by the code that is sent to it, try it out, remove it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.notify import actions, reaching
from tocsin.domain.notify import queries as notify
from tocsin.domain.notify.logic.addresses import GUIDES
from tocsin.domain.notify.models import ContactMethod
from tocsin.kernel.errors import Conflict, NotFound, TocsinError
from tocsin.web.access import now, signed_in, viewer
from tocsin.web.people.forms import ADDABLE, CodeForm, MethodForm
from tocsin.web.people.notifications import duties
from tocsin.web.sheets import done, sheet


def access_method(request: HttpRequest, method_id: UUID) -> ContactMethod:
    """Return one of the viewer's own methods. Raises NotFound, also for those of others."""
    method = notify.method_of(method_id)
    if method.user_id != viewer(request).pk:
        raise NotFound("method_not_found", "There is no such contact method.")
    return method


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Choose a channel, then give the address: a code goes to it, and it is used once the code came back."""
    user, where = viewer(request), reverse("notifications")
    chosen = request.POST.get("channel") or request.GET.get("channel", "")
    if chosen not in ADDABLE:
        idle = reaching.idle_channels(now(request))
        channels = [{"value": c.value, "label": c.label, "why_not": idle.get(c.value, "")} for c in ADDABLE]
        channels.sort(key=lambda one: bool(one["why_not"]))
        return sheet(
            request,
            None,
            title="Add an address",
            cancel=where,
            template="people/method_channel.html",
            channels=channels,
        )
    form = MethodForm(request.POST or None, initial={"channel": chosen}, guide=GUIDES[chosen])
    if request.method == "POST" and form.is_valid():
        try:
            method = actions.add_method(
                user_id=user.pk,
                channel=chosen,
                address=form.value("address"),
                now=now(request),
                actor=f"person:{user.pk}",
            )
        except TocsinError as error:
            form.refuse(error)
        else:
            return _prove(request, method)
    title = f"Add {dict(ContactMethod._meta.get_field('channel').flatchoices)[chosen]}"
    return sheet(request, form, title=title, submit="Send me a code", cancel=where)


def _prove(request: HttpRequest, method: ContactMethod) -> HttpResponse:
    """Send the code and go where it is typed; an address that was proven before needs none."""
    if method.verified_at is not None:
        return done(request, reverse("notifications"), "You have this address already, and it is verified.")
    try:
        actions.send_code(user_id=method.user_id, method_id=method.pk, now=now(request))
    except Conflict as error:
        messages.warning(request, error.message)
    return done(request, reverse("method_verify", args=[method.pk]))


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest, method_id: UUID) -> HttpResponse:
    """Type the code that came over the address."""
    method, at = access_method(request, method_id), now(request)
    form = CodeForm(request.POST or None)
    where = reverse("notifications")
    if method.verified_at is not None:
        return done(request, where, f"{method.get_channel_display()} is verified.")
    if request.method == "POST" and form.is_valid():
        try:
            actions.confirm_code(user_id=method.user_id, method_id=method.pk, code=form.value("code"), now=at)
            return done(request, where, f"{method.get_channel_display()} is verified. Send yourself a test.")
        except TocsinError as error:
            form.refuse(error)
    trial = reaching.trials(method.user_id, at).get((method.channel, method.address))
    return sheet(
        request, form, title="Verify this address", submit="Verify", cancel=where, template="people/method_verify.html",
        method=method, trial=trial, polled=trial is not None and not trial.over(at),
    )  # fmt: skip


@signed_in
@require_POST
def send_code(request: HttpRequest, method_id: UUID) -> HttpResponse:
    """Send another code."""
    method = access_method(request, method_id)
    actions.send_code(user_id=method.user_id, method_id=method.pk, now=now(request))
    return redirect("method_verify", method.pk)


@signed_in
@require_POST
def send_test(request: HttpRequest, method_id: UUID) -> HttpResponse:
    """Send a test over one address; the page shows what becomes of it."""
    method = access_method(request, method_id)
    actions.send_test(user_id=method.user_id, method_id=method.pk, now=now(request))
    return redirect(f"{reverse('notifications')}#method-{method.pk}")


@signed_in
@never_cache
@require_safe
def trial(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """The one line that says what became of a test or a code; it asks again until there is nothing new to expect."""
    found, at = reaching.trial(viewer(request).pk, delivery_id), now(request)
    return render(request, "people/trial.html", {"trial": found, "polled": not found.over(at)})


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, method_id: UUID) -> HttpResponse:
    """Remove an address, after saying what follows if it is the last one of somebody on duty."""
    method, at = access_method(request, method_id), now(request)
    user, where = viewer(request), reverse("notifications")
    on_duty = duties(user, at)
    others = [one for one in notify.methods_of(user.pk) if one.verified_at is not None and one.pk != method.pk]
    last = method.verified_at is not None and not others
    if request.method == "POST":
        actions.remove_method(
            user_id=user.pk, method_id=method.pk, duties=on_duty, confirmed="confirmed" in request.POST, now=at,
            actor=f"person:{user.pk}",
        )  # fmt: skip
        return done(request, where, f"{method.get_channel_display()} {method.address} is removed.")
    return sheet(
        request, None, title="Remove this address", submit="Remove it", cancel=where, template="people/method_remove.html",
        method=method, last=last, consequence=actions.consequence(on_duty) if last and on_duty else "",
    )  # fmt: skip
