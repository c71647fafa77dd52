"""What every act on a status page shares: lock, demand, cleaned texts, and what components become."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from rules.predicates import Predicate

from tocsin.domain.journal.actions import record
from tocsin.domain.people.models import User
from tocsin.domain.status.logic.incidents import shown
from tocsin.domain.status.models import Affected, Component, ComponentChange, StatusPage
from tocsin.kernel.errors import InvalidInput, NotAllowed, NotFound

LONGEST = 5_000


def locked_page(page_id: UUID) -> StatusPage:
    """Lock a page's row: every act on it, its components and its incidents begins so. Raises NotFound."""
    page = StatusPage.objects.select_for_update(of=("self",)).filter(pk=page_id).first()
    if page is None:
        raise NotFound("status_page_not_found", "There is no such status page.")
    return page


def demand(by: User, rule: Predicate, message: str) -> None:
    """Raise NotAllowed with `message` unless the person may."""
    if not rule.test(by):
        raise NotAllowed("not_allowed", message)


def text(name: str, value: str, limit: int, *, required: bool = True) -> str:
    """Return `value` without surrounding blanks. Raises InvalidInput if it is empty, too long or holds a NUL."""
    cleaned = value.strip()
    if required and not cleaned:
        raise InvalidInput("required", f"Fill in {name}.", {name: "This must not be empty."})
    if len(cleaned) > limit:
        problem = f"At most {limit} characters; this has {len(cleaned)}."
        raise InvalidInput("too_long", f"Shorten {name}. {problem}", {name: problem})
    if "\x00" in cleaned:
        problem = "It holds a NUL character, which cannot be stored. Remove it."
        raise InvalidInput("bad_character", f"Check {name}. {problem}", {name: problem})
    return cleaned


def tell_journal(page: StatusPage, kind: str, by: User | None, now: datetime, **data: Any) -> None:
    """Journal something on the page's stream."""
    actor = f"person:{by.pk}" if by is not None else "system"
    record(stream=f"status:{page.pk}", kind=kind, actor=actor, at=now, data={"page": page.slug, **data})


def changed(page: StatusPage, now: datetime) -> None:
    """Note that readers see something new."""
    page.updated_at = now
    page.save(update_fields=["updated_at"])


def settle(components: Iterable[Component], now: datetime) -> None:
    """Bring what readers see of these components in line with what is open on them, and keep the change for the days."""
    by_id = {one.pk: one for one in components}
    open_on: dict[UUID, list[tuple[str, str]]] = {pk: [] for pk in by_id}
    rows = Affected.objects.filter(component__in=by_id).values_list("component_id", "incident__state", "state")
    for pk, state, made in rows:
        open_on[pk].append((state, made))
    for pk, component in by_id.items():
        state = shown(component.own_state, open_on[pk])
        if state != component.state:
            component.state = state
            component.save(update_fields=["state"])
            ComponentChange.objects.create(component=component, at=now, state=state)
