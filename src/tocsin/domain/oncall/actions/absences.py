"""Absences, and who covers for them: proposed by one, accepted by the other."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.journal.publish import publish
from tocsin.domain.oncall.actions.recording import check_span, check_worker
from tocsin.domain.oncall.enums import CoverState
from tocsin.domain.oncall.events import CoverAnswered, CoverProposed, ScheduleChanged
from tocsin.domain.oncall.models import Absence, Schedule
from tocsin.domain.oncall.rules import may_answer_for, may_report_absence
from tocsin.domain.people.actions.checking import actor_of, demand, stream_of, tell, words
from tocsin.domain.people.models import User
from tocsin.kernel.errors import Conflict, InvalidInput, NotFound
from tocsin.kernel.ids import new_id

YOURS = "People report their own absences; leads, escalation managers and administrators may do it for them."


@transaction.atomic
def report_absence(
    *,
    person: User,
    starts_at: datetime,
    ends_at: datetime,
    by: User | None,
    now: datetime,
    cover: User | None = None,
    reason: str = "",
    actor: str | None = None,
) -> Absence:
    """Say that `person` is away, in every schedule, and ask `cover` (if given) to stand in.

    Until the cover accepts, the person is passed over wherever anybody else is on. Raises InvalidInput.
    """
    demand(by, may_report_absence, YOURS, person)
    check_span(starts_at, ends_at, now)
    schedules = _locked_schedules()
    row = Absence.objects.create(
        id=new_id(), person=person, starts_at=max(starts_at, now), ends_at=ends_at, reported_at=now,
        reason=words("reason", reason, limit=200, required=False),
    )  # fmt: skip
    told = {"absence": row.pk, "starts_at": row.starts_at, "ends_at": ends_at}
    _changed(schedules, row, "absence.reported", by, actor, now, told)
    if cover is not None:
        _propose(row, cover, by, actor, now)
    return row


@transaction.atomic
def propose_cover(
    *, absence_id: UUID, cover: User, by: User | None, now: datetime, actor: str | None = None
) -> Absence:
    """Ask somebody (else) to cover an absence. Whoever had accepted before no longer covers. Raises InvalidInput."""
    schedules, row = _locked_absence(absence_id)
    demand(by, may_report_absence, YOURS, row.person)
    if row.ends_at <= now:
        raise Conflict("absence_over", "This absence is over.")
    _propose(row, cover, by, actor, now)
    _changed(schedules, row, "absence.cover_proposed", by, actor, now, {"absence": row.pk, "cover": cover.pk})
    return row


@transaction.atomic
def answer_cover(
    *, absence_id: UUID, accept: bool, by: User | None, now: datetime, actor: str | None = None
) -> Absence:
    """Accept or decline to cover; from acceptance on the duty is the cover's. The same answer again changes nothing.

    Raises NotFound if nobody is asked, NotAllowed for others than the one who is, Conflict if it is answered otherwise.
    """
    schedules, row = _locked_absence(absence_id)
    if row.cover is None:
        raise NotFound("cover_not_found", "Nobody is asked to cover this absence.")
    demand(by, may_answer_for, "Only the person who is asked can answer.", row.cover)
    wanted = CoverState.ACCEPTED if accept else CoverState.DECLINED
    if row.cover_state == wanted:
        return row
    if row.cover_state != CoverState.PROPOSED or row.ends_at <= now:
        raise Conflict("cover_answered", "This was answered already, or the absence is over. Ask for a new proposal.")
    row.cover_state = wanted
    row.save(update_fields=["cover_state"])
    kind = "absence.cover_accepted" if accept else "absence.cover_declined"
    _changed(schedules, row, kind, by, actor, now, {"absence": row.pk, "cover": row.cover.pk})
    who = actor_of(by, actor)
    publish(CoverAnswered(at=now, actor=who, absence_id=row.pk, person=row.person_id, accepted=accept))
    return row


@transaction.atomic
def end_absence(*, absence_id: UUID, by: User | None, now: datetime, actor: str | None = None) -> None:
    """Say that the person is back now; an absence that has not begun is removed, one that is over stays."""
    schedules, row = _locked_absence(absence_id)
    demand(by, may_report_absence, YOURS, row.person)
    if row.ends_at <= now:
        return
    told = {"absence": row.pk, "began": row.starts_at < now}
    if row.starts_at < now:
        row.ends_at = now
        row.save(update_fields=["ends_at"])
    _changed(schedules, row, "absence.ended", by, actor, now, told)
    if row.starts_at >= now:
        row.delete()


def _locked_schedules() -> list[Schedule]:
    """Lock every schedule, in order of id: an absence changes them all, and two at once must not deadlock."""
    return list(Schedule.objects.select_for_update().order_by("pk"))


def _locked_absence(absence_id: UUID) -> tuple[list[Schedule], Absence]:
    schedules = _locked_schedules()
    row = Absence.objects.select_related("person", "cover").filter(pk=absence_id).first()
    if row is None:
        raise NotFound("absence_not_found", "There is no such absence.")
    return schedules, row


def _propose(row: Absence, cover: User, by: User | None, actor: str | None, now: datetime) -> None:
    check_worker("cover", cover)
    if cover.pk == row.person_id:
        problem = "Nobody can cover for themselves. Choose somebody else."
        raise InvalidInput("same_person", problem, {"cover": problem})
    row.cover = cover
    row.cover_state = CoverState.PROPOSED
    row.save(update_fields=["cover", "cover_state"])
    publish(CoverProposed(at=now, actor=actor_of(by, actor), absence_id=row.pk, cover=cover.pk))


def _changed(
    schedules: list[Schedule], row: Absence, kind: str, by: User | None, actor: str | None, now: datetime,
    told: dict[str, object],
) -> None:  # fmt: skip
    who = actor_of(by, actor)
    tell(stream_of(row.person_id), kind, who, now, told)
    Schedule.objects.filter(pk__in=[schedule.pk for schedule in schedules]).update(stamp=new_id())
    for schedule in schedules:
        publish(ScheduleChanged(at=now, actor=who, schedule_id=schedule.pk))
