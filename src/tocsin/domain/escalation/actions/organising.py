"""Maintenance windows and the catch-all: settings that every run obeys."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.escalation.models import Maintenance, Setting
from tocsin.domain.escalation.rules import may_plan_maintenance, may_set_catch_all
from tocsin.domain.journal.actions import record
from tocsin.domain.notify import queries as notify_queries
from tocsin.domain.people.models import Service, User
from tocsin.kernel.errors import InvalidInput, NotAllowed, NotFound


def plan_maintenance(
    *, service: Service | None, starts_at: datetime, ends_at: datetime, reason: str, by: User, now: datetime
) -> Maintenance:
    """Defer every step on tickets of `service` (None: of everything) between two instants; re-evaluated at the end."""
    if not may_plan_maintenance.test(by):
        raise NotAllowed("not_allowed", "Only leads, escalation managers and administrators plan maintenance.")
    fields = {}
    if ends_at <= starts_at:
        fields["ends_at"] = "The end must lie after the start."
    if ends_at <= now:
        fields["ends_at"] = "The window is over already."
    if not reason.strip():
        fields["reason"] = "Say what is maintained."
    if fields:
        raise InvalidInput("maintenance", "The window cannot be planned like this.", fields)
    with transaction.atomic():
        window = Maintenance.objects.create(
            service=service, starts_at=starts_at, ends_at=ends_at, reason=reason.strip(), created_by=f"person:{by.pk}"
        )
        data = {
            "service": service.slug if service else "",
            "starts_at": starts_at.isoformat(),
            "ends_at": ends_at.isoformat(),
            "reason": window.reason,
        }
        record(stream="system", kind="maintenance.planned", actor=f"person:{by.pk}", at=now, data=data)
        return window


def end_maintenance(*, window_id: UUID, by: User, now: datetime) -> Maintenance:
    """End a window early, or call off one that has not begun."""
    if not may_plan_maintenance.test(by):
        raise NotAllowed("not_allowed", "Only leads, escalation managers and administrators plan maintenance.")
    with transaction.atomic():
        window = Maintenance.objects.select_for_update().filter(pk=window_id).first()
        if window is None:
            raise NotFound("maintenance_not_found", "There is no such maintenance window.")
        record(
            stream="system", kind="maintenance.ended", actor=f"person:{by.pk}", at=now,
            data={"window": str(window.pk), "planned_end": window.ends_at.isoformat()},
        )  # fmt: skip
        if window.starts_at >= now:
            window.delete()
        elif window.ends_at > now:
            window.ends_at = now
            window.save(update_fields=["ends_at"])
        return window


def set_catch_all(*, user: User, by: User | None, now: datetime) -> Setting:
    """Name the person who is paged when a whole ladder is empty or unanswered (SEMANTICS 4)."""
    if by is not None and not may_set_catch_all.test(by):
        raise NotAllowed("not_allowed", "Only an administrator names the catch-all.")
    if not user.is_active or not notify_queries.reachable([user.pk]):
        remedy = f"{user.name} cannot be reached: give them a verified contact method first."
        raise InvalidInput("catch_all_unreachable", remedy, {"user": remedy})
    with transaction.atomic():
        setting, _ = Setting.objects.update_or_create(pk=1, defaults={"catch_all": user})
        actor = f"person:{by.pk}" if by else "system"
        record(stream="system", kind="settings.catch_all", actor=actor, at=now, data={"user": str(user.pk)})
        return setting
