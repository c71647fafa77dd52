"""Keeping the catalogue: every change makes a version and a line in the journal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.text import slugify

from tocsin.domain.decisions.enums import Holder, Unit
from tocsin.domain.decisions.models import Decision, Grant, Version
from tocsin.domain.decisions.queries.catalogue import right_of
from tocsin.domain.decisions.rules import may_keep_catalogue
from tocsin.domain.escalation.logic import conditions
from tocsin.domain.journal.actions import record
from tocsin.domain.people.enums import Line, Role
from tocsin.domain.people.models import Organisation, Service, Skill, Team, User
from tocsin.domain.tickets.actions.recording import text
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound

LARGEST = Decimal("999999999999.99")
MOST_GRANTS, MOST_FIELDS = 40, 10
STAFF_ROLES = frozenset(Role.values) - {Role.REQUESTER, Role.STAKEHOLDER}
KEEPERS = "The catalogue is kept by team leads, escalation managers and administrators. Ask one of them."


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """One right as it is written down: `key` is a line, a role, a skill's name or a team's slug."""

    holder: str
    key: str
    limit: Decimal | None = None


@transaction.atomic
def save_decision(
    *,
    name: str,
    purpose: str,
    unit: str,
    unit_name: str,
    condition: str,
    fields: Sequence[str],
    grants: Sequence[Granted],
    services: Sequence[Service] = (),
    customers: Sequence[Organisation] = (),
    answer_within: int = 240,
    starts_on: date,
    ends_on: date | None = None,
    by: User | None,
    now: datetime,
    word: str = "",
    decision_id: UUID | None = None,
    expected_version: int | None = None,
) -> Decision:
    """Add a decision to the catalogue, or write its next version. What was decided keeps the version it was taken by.

    `answer_within` is in minutes; the dates are days in UTC, the last one included. Raises InvalidInput naming the
    field, Conflict if somebody else saved it since `expected_version`.
    """
    if by is not None and not may_keep_catalogue.test(by):
        raise NotAllowed("not_allowed", KEEPERS)
    found = _locked(decision_id, expected_version) if decision_id else Decision(made_at=now, version=0)
    found.name = _free_name(text("name", name, limit=120, required=True), found)
    found.slug = found.slug or _free_slug(found.name)
    found.purpose = text("purpose", purpose, limit=5_000)
    found.unit, found.unit_name = _unit(unit, unit_name)
    found.condition = _condition(condition)
    found.fields = _fields(fields)
    found.answer_within = _minutes(answer_within)
    found.starts_on, found.ends_on = _dates(starts_on, ends_on)
    rows = [_grant(position, one, found.unit) for position, one in enumerate(_some(grants))]
    found.version += 1
    found.changed_at = now
    found.save()
    found.services.set(services)
    found.customers.set(customers)
    Grant.objects.filter(decision=found).delete()
    for row in rows:
        row.decision = found
        row.save(force_insert=True)
    content = _content(found, rows, services, customers)
    Version.objects.create(
        decision=found, number=found.version, content=content, by=by, at=now, word=text("word", word, limit=200)
    )
    actor = f"person:{by.pk}" if by else "system"
    data = {"decision": str(found.pk), "name": found.name, "version": found.version, "word": word, "content": content}
    record(stream="decisions", kind="decision.catalogued", actor=actor, at=now, data=data)
    return found


def _locked(decision_id: UUID, expected_version: int | None) -> Decision:
    found = Decision.objects.select_for_update().filter(pk=decision_id).first()
    if found is None:
        raise NotFound("decision_not_found", "There is no such decision in the catalogue.")
    if expected_version is not None and expected_version != found.version:
        raise Conflict("decision_changed", f"{found.name} was changed meanwhile. Open it again, and enter your change.")
    return found


def _free_name(name: str, found: Decision) -> str:
    if Decision.objects.filter(name__iexact=name).exclude(pk=found.pk).exists():
        problem = "The catalogue has a decision of this name already."
        raise InvalidInput("name_taken", problem, {"name": problem})
    return name


def _free_slug(name: str) -> str:
    stem = slugify(name)[:70] or "decision"
    taken = set(Decision.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    return next(slug for n in range(1, len(taken) + 2) if (slug := stem if n == 1 else f"{stem}-{n}") not in taken)


def _unit(unit: str, unit_name: str) -> tuple[str, str]:
    if unit not in Unit.values:
        raise InvalidInput("bad_unit", "Choose what it is counted in.", {"unit": "Choose one of them."})
    if unit == Unit.NONE:
        return unit, ""
    return unit, text("unit_name", unit_name, limit=20, required=True)


def _condition(condition: str) -> str:
    cleaned = condition.strip()
    try:
        conditions.check(cleaned)
    except conditions.ConditionError as error:
        problem = f"{error.message} {error.remedy}".strip()
        raise InvalidInput("bad_condition", f"Check the condition. {problem}", {"condition": problem}) from None
    return cleaned


def _fields(fields: Sequence[str]) -> list[str]:
    cleaned = list(dict.fromkeys(text("fields", one, limit=80) for one in fields if one.strip()))
    if len(cleaned) > MOST_FIELDS:
        problem = f"At most {MOST_FIELDS}: whoever decides has to fill in all of them."
        raise InvalidInput("too_many_fields", problem, {"fields": problem})
    return cleaned


def _minutes(minutes: int) -> int:
    if not 5 <= minutes <= 7 * 24 * 60:
        problem = "Between 5 minutes and 7 days."
        raise InvalidInput("bad_answer_within", problem, {"answer_within": problem})
    return minutes


def _dates(starts_on: date, ends_on: date | None) -> tuple[date, date | None]:
    if ends_on is not None and ends_on < starts_on:
        problem = "The last day cannot be before the first."
        raise InvalidInput("bad_dates", problem, {"ends_on": problem})
    return starts_on, ends_on


def _some(grants: Sequence[Granted]) -> Sequence[Granted]:
    if not grants:
        problem = "Say who may take it: at least one line, role, skill or team."
        raise InvalidInput("nobody_may", problem, {"grants": problem})
    if len(grants) > MOST_GRANTS:
        problem = f"At most {MOST_GRANTS} rights for one decision."
        raise InvalidInput("too_many_grants", problem, {"grants": problem})
    keys = [(one.holder, one.key) for one in grants]
    if twice := next((key for holder, key in keys if keys.count((holder, key)) > 1), None):
        problem = f"{twice} stands there twice. Keep one limit for it."
        raise InvalidInput("grant_twice", problem, {"grants": problem})
    return grants


def _grant(position: int, one: Granted, unit: str) -> Grant:
    limit = None if unit == Unit.NONE else one.limit
    if limit is not None and (
        not limit.is_finite() or not 0 <= limit <= LARGEST or limit != limit.quantize(Decimal("0.01"))
    ):
        problem = "A limit is 0 or more, below a million millions, and has at most two decimals."
        raise InvalidInput("bad_limit", problem, {"grants": problem})
    row = Grant(position=position, holder=one.holder, limit=limit)
    if one.holder == Holder.LINE and one.key in Line.values:
        row.line = one.key
    elif one.holder == Holder.ROLE and one.key in STAFF_ROLES:
        row.role = one.key
    elif one.holder == Holder.SKILL and (skill := Skill.objects.filter(name__iexact=one.key).first()):
        row.skill = skill
    elif one.holder == Holder.TEAM and (team := Team.objects.filter(slug=one.key).first()):
        row.team = team
    else:
        problem = f"There is no {one.holder} “{one.key}” that could decide. Choose one that exists."
        raise InvalidInput("bad_grant", problem, {"grants": problem})
    return row


def _content(
    found: Decision, rows: Sequence[Grant], services: Sequence[Service], customers: Sequence[Organisation]
) -> dict[str, Any]:
    rights = [right_of(row) for row in rows]
    return {
        "name": found.name, "purpose": found.purpose, "unit": found.unit, "unit_name": found.unit_name,
        "condition": found.condition, "fields": list(found.fields), "answer_within": found.answer_within,
        "services": sorted(one.name for one in services), "customers": sorted(one.name for one in customers),
        "starts_on": str(found.starts_on), "ends_on": str(found.ends_on) if found.ends_on else "",
        "rights": [{"holder": r.holder, "name": r.name, "limit": _plain(r.limit)} for r in rights],
    }  # fmt: skip


def _plain(limit: Decimal | None) -> str:
    return "" if limit is None else f"{limit:f}"
