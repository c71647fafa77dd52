"""A status page for programs: an Atom feed, and a summary as JSON."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe

from tocsin.domain.status import links, queries
from tocsin.domain.status.enums import Audience, ComponentState
from tocsin.domain.status.models import StatusPage
from tocsin.domain.status.queries import Told
from tocsin.kernel.errors import NotFound
from tocsin.web.access import now, public
from tocsin.web.status.reading import kept_fresh

ENTRIES = 50


@public
@require_safe
def atom(request: HttpRequest, word: str) -> HttpResponse:
    """Every update as an entry, newest first. Not for pages behind a sign-in: readers of feeds have none."""
    found = _open_to_programs(request, word)
    address = _address(request, found)
    feed = Atom1Feed(
        title=_clean(found.name), link=address, description=_clean(found.intro), feed_url=f"{address}/feed.atom",
        feed_guid=f"urn:uuid:{found.pk}", author_name=_clean(found.name),
    )  # fmt: skip
    updates = [(update, one) for one in queries.history(found) + _planned(found) for update in one.updates]
    for update, one in sorted(updates, key=lambda pair: pair[0].at, reverse=True)[:ENTRIES]:
        feed.add_item(
            title=_clean(f"{update.get_state_display()}: {one.incident.title}"),
            link=f"{address}/incidents/{one.incident.pk}", description=_clean(update.body), pubdate=update.at,
            updateddate=update.at, unique_id=f"urn:uuid:{update.pk}",
        )  # fmt: skip
    response = HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
    return kept_fresh(request, found, response)


@public
@require_safe
def summary(request: HttpRequest, word: str) -> HttpResponse:
    """How everything does, for programs."""
    found = _open_to_programs(request, word)
    shown = queries.reading(found, now(request))
    address = _address(request, found)
    told = {
        "page": {"name": found.name, "url": address, "updated_at": found.updated_at.isoformat(), "time_zone": found.zone},
        "status": {"indicator": shown.state, "description": shown.headline},
        "components": [
            {
                "id": str(line.component.pk), "name": line.component.name, "group": group.name, "status": line.component.state,
                "uptime_90_days": None if line.uptime.share is None else round(line.uptime.share, 6),
            }
            for group in shown.groups
            for line in group.lines
        ],
        "incidents": [_as_json(one, address) for one in shown.now_open if one.incident.kind == "incident"],
        "scheduled_maintenances": [
            _as_json(one, address) for one in [*shown.now_open, *shown.planned] if one.incident.kind == "maintenance"
        ],
    }  # fmt: skip
    response = kept_fresh(request, found, JsonResponse(told))
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _as_json(one: Told, address: str) -> dict[str, Any]:
    last = one.updates[0]
    return {
        "id": str(one.incident.pk), "title": one.incident.title, "status": one.incident.state,
        "url": f"{address}/incidents/{one.incident.pk}", "starts_at": one.incident.starts_at.isoformat(),
        "ends_at": one.incident.ends_at.isoformat() if one.incident.ends_at else None,
        "components": [
            {"name": part.component.name, "status": str(ComponentState(part.state))} for part in one.affected
        ],
        "last_update": {"at": last.at.isoformat(), "status": last.state, "body": last.body},
    }  # fmt: skip


def _planned(found: StatusPage) -> list[Told]:
    return queries.told(found.incidents.filter(kind="maintenance", state="scheduled"))


def _open_to_programs(request: HttpRequest, word: str) -> StatusPage:
    found = queries.access_page(request.user, word)
    if found.audience == Audience.ORGANISATION:
        raise NotFound("no_feed", "A page behind a sign-in has no feed. Its people subscribe by mail.")
    return found


def _address(request: HttpRequest, found: StatusPage) -> str:
    return links.page_url(found) or request.build_absolute_uri(f"/status/{links.address_of(found)}")


def _clean(text: str) -> str:
    """Return a text without the control characters that XML cannot hold."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff"))
