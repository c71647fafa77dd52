"""What administrators do with integrations: make, change, rotate, pause, remove. Each is journalled without secrets."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.notify.sealing import seal
from tocsin.domain.people.logic.tokens import digest_of
from tocsin.domain.people.models import Organisation, Service, Team, User
from tocsin.intake.alerts.enums import Kind, OnResolved, Signing
from tocsin.intake.alerts.grouping import stream_of
from tocsin.intake.alerts.keys import problem_of
from tocsin.intake.alerts.models import UNKNOWN, Integration, usual_priorities
from tocsin.intake.alerts.reading.alert import Severity
from tocsin.intake.alerts.reading.generic import FIELDS
from tocsin.intake.alerts.rules import may_set_up_integrations
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from tocsin.kernel.ids import new_id

MARK = "tocsin_evt_"  # so that scanners of source code know one that was left lying about
SHOWN = 6  # characters of the random part that pages show: 36 of its 256 bits
OLD_TOKEN_LIVES = timedelta(hours=24)
SEVERITIES = (*[str(one.value) for one in Severity], UNKNOWN)
SHORTEST_SECRET = 16
LIMITS = {"reopen_minutes": 60 * 24 * 14, "per_minute": 1_000_000, "storm_tickets": 1_000, "storm_minutes": 60 * 24}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What can be set of an integration. `secret` "" keeps the one there is."""

    name: str
    kind: str
    service: Service | None = None
    team: Team | None = None
    organisation: Organisation | None = None
    signing: str = Signing.NONE
    secret: str = ""
    priorities: Mapping[str, int] = field(default_factory=usual_priorities)
    key_template: str = "{key}"
    mapping: Mapping[str, str] = field(default_factory=dict)
    on_resolved: str = OnResolved.UNOWNED
    reopen_minutes: int = 60
    per_minute: int = 12_000
    storm_tickets: int = 10
    storm_minutes: int = 10


@transaction.atomic
def add_integration(
    *, wanted: Settings, by: User | None, now: datetime, actor: str | None = None, is_demo: bool = False
) -> tuple[str, Integration]:
    """Return a new integration and its token, which is shown this once. Raises InvalidInput, NotAllowed."""
    _demand(by)
    token = _new_token()
    row = Integration(
        id=new_id(), made_at=now, made_by=by, is_demo=is_demo, digest=digest_of(token), prefix=_shown(token)
    )
    _put(row, wanted)
    row.save(force_insert=True)
    _tell(row, "integration.added", by, actor, now, sender=row.kind)
    return token, row


@transaction.atomic
def edit_integration(
    *, integration_id: UUID, wanted: Settings, by: User | None, now: datetime, actor: str | None = None
) -> Integration:
    """Change an integration. What is stored already is taken in by the new settings. Raises InvalidInput, NotFound."""
    row = _locked(integration_id, by)
    changed = _put(row, wanted)
    row.save()
    _tell(row, "integration.changed", by, actor, now, fields=changed)
    return row


@transaction.atomic
def rotate_token(
    *, integration_id: UUID, by: User | None, now: datetime, keep_old: bool = True, actor: str | None = None
) -> tuple[str, Integration]:
    """Return a new token. The old one stays good for a day with `keep_old`, so that nothing is lost on the way."""
    row = _locked(integration_id, by)
    token = _new_token()
    row.old_digest, row.old_until = (row.digest, now + OLD_TOKEN_LIVES) if keep_old else ("", None)
    row.digest, row.prefix = digest_of(token), _shown(token)
    row.save(update_fields=["old_digest", "old_until", "digest", "prefix"])
    _tell(row, "integration.rotated", by, actor, now, kept_old=keep_old)
    return token, row


@transaction.atomic
def pause_integration(
    *, integration_id: UUID, enabled: bool, by: User | None, now: datetime, actor: str | None = None
) -> Integration:
    """Stop taking its events in, or go on. While paused they are kept, and each can be taken in by hand later."""
    row = _locked(integration_id, by)
    if row.enabled != enabled:
        row.enabled = enabled
        row.save(update_fields=["enabled"])
        _tell(row, "integration.resumed" if enabled else "integration.paused", by, actor, now)
    return row


@transaction.atomic
def remove_integration(*, integration_id: UUID, by: User | None, now: datetime, actor: str | None = None) -> str:
    """Remove an integration with its events and alerts; the tickets stay. Return its name."""
    row = _locked(integration_id, by)
    _tell(row, "integration.removed", by, actor, now)
    name = row.name
    row.delete()
    return name


def _put(row: Integration, wanted: Settings) -> list[str]:
    """Put checked settings on a row; return the names of those that differ. Raises InvalidInput."""
    name = " ".join(wanted.name.replace("\x00", "").split())
    problems: dict[str, str] = {}
    if not 0 < len(name) <= 120:
        problems["name"] = "Give it a name of at most 120 characters."
    if wanted.kind not in Kind.values:
        problems["kind"] = f"Choose one of {', '.join(Kind.values)}."
    if wanted.on_resolved not in OnResolved.values:
        problems["on_resolved"] = f"Choose one of {', '.join(OnResolved.values)}."
    problems |= _problems(row, wanted)
    if problems:
        raise InvalidInput("bad_integration", f"Correct {', '.join(problems)}. {' '.join(problems.values())}", problems)
    if Integration.objects.filter(name__iexact=name).exclude(pk=row.pk).exists():
        problem = f"There is an integration {name} already. Choose another name."
        raise Conflict("name_taken", problem, {"name": problem})
    values: dict[str, Any] = {
        "name": name, "kind": wanted.kind, "service": wanted.service, "team": wanted.team,
        "organisation": wanted.organisation, "signing": wanted.signing,
        "priorities": {key: int(wanted.priorities.get(key, 3)) for key in SEVERITIES},
        "key_template": wanted.key_template.strip(), "mapping": {k: v.strip() for k, v in wanted.mapping.items() if v.strip()},
        "on_resolved": wanted.on_resolved, **{key: getattr(wanted, key) for key in LIMITS},
    }  # fmt: skip
    if wanted.signing == Signing.NONE:
        values["sealed"] = ""
    elif wanted.secret:
        values["sealed"] = seal({"secret": wanted.secret})
    changed = [key for key, value in values.items() if getattr(row, key) != value]
    for key in changed:
        setattr(row, key, values[key])
    return changed


def _problems(row: Integration, wanted: Settings) -> dict[str, str]:
    """Return what is wrong with the settings whose bounds are ours: {field: problem}."""
    found: dict[str, str] = {}
    if wanted.signing not in Signing.values:
        found["signing"] = f"Choose one of {', '.join(Signing.values)}."
    elif wanted.signing != Signing.NONE:
        if not wanted.secret and not row.sealed:
            found["secret"] = "Enter the secret with which the sender signs."  # noqa: S105 - says that there is none
        elif wanted.secret and len(wanted.secret) < SHORTEST_SECRET:
            found["secret"] = f"It must have at least {SHORTEST_SECRET} characters."
    if len(wanted.key_template) > 200 or problem_of(wanted.key_template):
        found["key_template"] = problem_of(wanted.key_template) or "At most 200 characters."
    if any(key not in SEVERITIES or value not in (0, 1, 2, 3, 4) for key, value in wanted.priorities.items()):
        found["priorities"] = "Choose 1 to 4 for each severity, or 0 for no ticket."
    if any(key not in (*FIELDS, "each") or len(value) > 200 for key, value in wanted.mapping.items()):
        found["mapping"] = (
            f"Write one path a line, such as title = alert.name. Known are {', '.join((*FIELDS, 'each'))}."
        )
    for key, most in LIMITS.items():
        value, least = getattr(wanted, key), 1 if key == "storm_minutes" else 0
        if not least <= value <= most:
            found[key] = f"Choose {least} to {most}."
    return found


def _new_token() -> str:
    return MARK + secrets.token_urlsafe(32)


def _shown(token: str) -> str:
    return token[: len(MARK) + SHOWN]


def _demand(by: User | None) -> None:
    if by is not None and not may_set_up_integrations.test(by):
        raise NotAllowed("not_allowed", "Integrations are set up by administrators. Ask one of them.")


def _locked(integration_id: UUID, by: User | None) -> Integration:
    _demand(by)
    row = Integration.objects.select_for_update(of=("self",)).filter(pk=integration_id).first()
    if row is None:
        raise NotFound("integration_not_found", "There is no such integration.")
    return row


def _tell(row: Integration, kind: str, by: User | None, actor: str | None, now: datetime, **data: object) -> None:
    who = actor or (f"person:{by.pk}" if by else "system")
    record(stream=stream_of(row), kind=kind, actor=who, at=now, data={"name": row.name, **data})
