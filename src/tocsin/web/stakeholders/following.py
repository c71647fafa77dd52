"""What I follow: subscriptions, the feed, and the public address by which a mail is stopped (RFC 8058)."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.people import queries as people
from tocsin.domain.people.models import User
from tocsin.domain.stakeholders import actions, links, queries, rules
from tocsin.domain.stakeholders.models import Subscription
from tocsin.domain.status import queries as status
from tocsin.kernel.errors import NotFound, TocsinError
from tocsin.web.access import now, public, signed_in, viewer
from tocsin.web.sheets import done, sheet
from tocsin.web.stakeholders.forms import FollowForm

GET_OR_POST = ["GET", "HEAD", "POST"]
LONGEST_TOKEN = 200


@signed_in
@require_safe
def following(request: HttpRequest) -> HttpResponse:
    """What I follow, and what I was told."""
    user = viewer(request)
    context = {
        "subscriptions": [{"row": one, "what": what_of(one)} for one in queries.subscriptions_of(user)],
        "heard": queries.heard_by(user, 30), "has_feed": queries.has_feed(user), "may_more": bool(_things(user)),
        "section": "following",
        "status_pages": [
            {"page": one, "address": reverse("status", args=[one.slug]), "wrong": one.open_incidents > 0}  # type: ignore[attr-defined]  # counted by the query
            for one in status.pages_for(user)
        ],
    }  # fmt: skip
    return render(request, "stakeholders/following.html", context)


def what_of(subscription: Subscription) -> str:
    """Return what a subscription follows, in words."""
    if subscription.escalation is not None:
        return f"{subscription.escalation.ticket.reference} {subscription.escalation.ticket.subject}"
    if subscription.service is not None:
        return f"Service {subscription.service.name}"
    return f"Customer {subscription.organisation.name}" if subscription.organisation is not None else ""


@signed_in
@require_http_methods(GET_OR_POST)
def follow(request: HttpRequest) -> HttpResponse:
    """Follow a service or a customer."""
    user = viewer(request)
    form = FollowForm(request.POST or None, things=_things(user))
    if request.method == "POST" and form.is_valid():
        kind, _, pk = form.value("thing").partition(":")
        what: dict[str, Any] = {}
        if kind == "service":
            what["service"] = next((one for one in people.services() if str(one.pk) == pk), None)
        else:
            what["organisation"] = next((one for one in people.organisations() if str(one.pk) == pk), None)
        try:
            actions.subscribe(user=user, ways=form.cleaned_data["ways"], by=user, now=now(request), **what)
            return done(request, reverse("following"), "You will be told.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title="Follow", submit="Follow", cancel=reverse("following"))


def _things(user: User) -> list[tuple[str, str]]:
    """Return what may be followed: everything for people of the house, one's own organisation for a customer's."""
    if rules.of_the_house.test(user):
        services = [(f"service:{one.pk}", f"Service {one.name}") for one in people.services()]
        return services + [(f"customer:{one.pk}", f"Customer {one.name}") for one in people.organisations()]
    own = user.organisation
    return [(f"customer:{own.pk}", f"Everything of {own.name} that you may see")] if own is not None else []


@signed_in
@require_POST
def follow_escalation(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Be told about one escalation by e-mail; more ways are on the page of what I follow."""
    user = viewer(request)
    found = queries.escalation_to_follow(user, escalation_id)
    actions.subscribe(user=user, ways=["mail", "feed"], by=user, now=now(request), escalation=found)
    said = f"You follow {found.ticket.reference}: each update comes by e-mail."
    where = _ticket(found.ticket.number, user) if request.POST.get("here") else reverse("following")
    return done(request, where, said)


@signed_in
@require_POST
def unfollow(request: HttpRequest, subscription_id: UUID) -> HttpResponse:
    """Give it up."""
    ended = actions.unsubscribe(subscription_id=subscription_id, by=viewer(request), now=now(request))
    where = reverse("following")
    if request.POST.get("here") and ended.escalation is not None:
        where = _ticket(ended.escalation.ticket.number, viewer(request))
    return done(request, where, "You are told no more.")


def _ticket(number: int, user: User) -> str:
    return reverse("portal_ticket" if user.role == "requester" else "ticket", args=[number])


@public
@csrf_exempt
@never_cache
@require_http_methods(GET_OR_POST)
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Stop what a mail told: GET shows a page with a button and changes nothing, POST stops (from a mail program too).

    Exempt from CSRF: the token in the address is the right to do it, and mail programs have no cookie.
    """
    if len(token) > LONGEST_TOKEN:
        raise NotFound("link_invalid", "This link is not whole. Open the newest message, or sign in.")
    try:
        found = queries.subscription_of(links.read_unsubscribe_token(token, now=now(request)))
    except NotFound as error:
        return render(request, "stakeholders/unsubscribe.html", {"message": error.message}, status=404)
    stopped = found.ended_at is not None
    if request.method == "POST":
        actions.unsubscribe(subscription_id=found.pk, by=None, now=now(request))
        stopped = True
    answer = render(request, "stakeholders/unsubscribe.html", {"what": what_of(found), "stopped": stopped})
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer


@signed_in
@never_cache
@require_POST
def make_feed(request: HttpRequest) -> HttpResponse:
    """Make an address for my feed and show it this once; the old one answers no more."""
    token = actions.make_feed_key(user=viewer(request), now=now(request))
    address = f"{settings.BASE_URL}{reverse('updates_feed', args=[token])}"
    context = {"address": address, "section": "following"}
    return render(request, "stakeholders/feed_made.html", context)


@public
@require_safe
def feed(_request: HttpRequest, token: str) -> HttpResponse:
    """The updates that one person was told, in their own wording, as Atom; 404 for an address that is not good."""
    if len(token) > LONGEST_TOKEN:
        raise NotFound("feed_not_found", "There is no such feed. Make a new address on the page of your subscriptions.")
    user = queries.reader_of_feed(token)
    own = f"{settings.BASE_URL}{reverse('following')}"
    atom = Atom1Feed(title="Updates from Tocsin", link=own, description="", feed_guid="urn:tocsin:updates")
    for heard in queries.heard_by(user):
        update = heard.update
        atom.add_item(
            title=f"{update.ticket.reference} {update.ticket.subject}: update {update.number}",
            link=f"{settings.BASE_URL}{_ticket(update.ticket.number, user)}", description=heard.text,
            unique_id=f"urn:uuid:{update.pk}", pubdate=update.at, updateddate=update.at, author_name=update.by.name,
        )  # fmt: skip
    answer = HttpResponse(atom.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
    answer["Cache-Control"] = "private, max-age=300"
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
