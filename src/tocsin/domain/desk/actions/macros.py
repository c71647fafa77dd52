"""Macros: written once, filled in for each ticket."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from tocsin.domain.desk import queries
from tocsin.domain.desk.logic.macros import VARIABLES, unknown
from tocsin.domain.desk.models import Macro
from tocsin.domain.desk.rules import may_change_macro, may_share_macros
from tocsin.domain.journal.actions import record
from tocsin.domain.people.models import Team, User
from tocsin.domain.tickets.enums import MessageKind, Status
from tocsin.kernel.errors import InvalidInput, NotAllowed

STATUSES = ("", *(status.value for status in Status if status not in (Status.NEW, Status.REOPENED)))


@transaction.atomic
def save_macro(
    *, name: str, body: str, by: User, now: datetime, kind: str = MessageKind.REPLY, status: str = "",
    team: Team | None = None, shared: bool = False, macro_id: UUID | None = None,
) -> Macro:  # fmt: skip
    """Write a macro of one's own, of a team, or (`shared`) of everybody; with `macro_id`, change that one.

    Raises InvalidInput (name, body, a variable that does not exist), NotAllowed for other people's.
    """
    if (shared or team is not None) and not may_share_macros.test(by):
        raise NotAllowed("not_allowed", "Macros for others are written by leads and administrators. Ask one of them.")
    _check(name, body, kind, status)
    values = {"name": name.strip(), "body": body.strip(), "kind": kind, "status": status, "updated_at": now}
    values |= {"team": team, "owner": None if shared or team is not None else by}
    if macro_id is None:
        macro = Macro.objects.create(**values)
    else:
        macro = queries.access_macro(by, macro_id)
        if not may_change_macro.test(by, macro):
            raise NotAllowed("not_allowed", "This macro belongs to others. Save it under another name.")
        for field, value in values.items():
            setattr(macro, field, value)
        macro.save()
    data = {"macro": str(macro.pk), "name": macro.name, "team": team.slug if team else "", "shared": shared}
    record(stream=f"person:{by.pk}", kind="macro.saved", actor=f"person:{by.pk}", at=now, data=data)
    return macro


@transaction.atomic
def delete_macro(*, macro_id: UUID, by: User, now: datetime) -> None:
    """Delete a macro. What was written with it stays."""
    macro = queries.access_macro(by, macro_id)
    if not may_change_macro.test(by, macro):
        raise NotAllowed("not_allowed", "This macro belongs to others.")
    macro.delete()
    data = {"macro": str(macro_id), "name": macro.name}
    record(stream=f"person:{by.pk}", kind="macro.deleted", actor=f"person:{by.pk}", at=now, data=data)


def use_macro(*, macro_id: UUID) -> None:
    """Count a use."""
    Macro.objects.filter(pk=macro_id).update(uses=F("uses") + 1)


def _check(name: str, body: str, kind: str, status: str) -> None:
    problems: dict[str, str] = {}
    if not name.strip() or len(name.strip()) > 120:
        problems["name"] = "Give it a name of at most 120 characters."
    if not body.strip() or len(body) > 50_000:
        problems["body"] = "Write a text of at most 50,000 characters."
    if wrong := unknown(body):
        problems["body"] = f"There is no variable {wrong[0]}. Known are: {', '.join(VARIABLES)}."
    if kind not in (MessageKind.REPLY, MessageKind.NOTE):
        problems["kind"] = "Choose reply or note."
    if status not in STATUSES:
        problems["status"] = "Choose a status that a person can set."
    if problems:
        raise InvalidInput("bad_macro", " ".join(problems.values()), problems)
