"""Reports of figures: set up, sent when they are due, left by their readers."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction

from tocsin.domain.insights import rules
from tocsin.domain.insights.logic.metrics import DIMENSIONS
from tocsin.domain.insights.logic.report_times import next_due
from tocsin.domain.insights.models.reports import Cadence, FigureReport, ReportReader
from tocsin.domain.journal.actions import record
from tocsin.domain.notify.actions import post_letter
from tocsin.domain.people.models import User
from tocsin.kernel.errors import InvalidInput, NotAllowed, NotFound
from tocsin.kernel.ids import new_id

log = structlog.get_logger(__name__)

STREAM = "insights"
AGAIN = timedelta(hours=1)
MOST_READERS = 100
WORDS = frozenset({*DIMENSIONS, "clock"})


@dataclass(frozen=True, slots=True)
class ReportLetter:
    """A report as it leaves. `data` is what the letter's transport reads."""

    subject: str
    body: str
    data: Mapping[str, Any]


type Write = Callable[[ReportReader, datetime], ReportLetter | None]


@transaction.atomic
def save_report(
    *, report_id: UUID | None, name: str, scope: Mapping[str, str], cadence: str, weekday: int, hour: int,
    readers: Iterable[User], by: User, now: datetime, is_demo: bool = False,
) -> FigureReport:  # fmt: skip
    """Set up a report, or change one. Weekday (1 Monday) and hour are of the clock of whoever sets it up.

    Readers who had left stay out, also if they are chosen again. Raises NotAllowed, NotFound, InvalidInput.
    """
    _demand(by)
    wanted = list(dict.fromkeys(readers))
    _check(name, cadence, weekday, hour, wanted)
    report = _report(report_id) if report_id else FigureReport(id=new_id(), made_by=by, made_at=now, zone=by.zone)
    report.name, report.cadence, report.weekday, report.hour = name.strip(), cadence, weekday, hour
    report.scope = {word: value for word, value in scope.items() if value and word in WORDS}
    report.due_at = next_due(cadence, weekday, hour, report.zone, now)
    report.is_demo = report.is_demo or is_demo
    report.save()
    ReportReader.objects.filter(report=report, left_at__isnull=True).exclude(user__in=wanted).delete()
    known = set(ReportReader.objects.filter(report=report).values_list("user_id", flat=True))
    ReportReader.objects.bulk_create(
        ReportReader(report=report, user=user) for user in wanted if user.pk not in known
    )  # fmt: skip
    data = {"report": str(report.pk), "name": report.name, "readers": [str(user.pk) for user in wanted]}
    record(stream=STREAM, kind="report.set_up", actor=f"person:{by.pk}", at=now, data=data)
    return report


def _check(name: str, cadence: str, weekday: int, hour: int, readers: list[User]) -> None:
    problems: dict[str, str] = {}
    if not name.strip() or len(name) > 80:
        problems["name"] = "Give it a name of at most 80 characters."
    if cadence not in Cadence.values:
        problems["cadence"] = f"Choose one of {', '.join(Cadence.values)}."
    if not 1 <= weekday <= 7 or not 0 <= hour <= 23:
        problems["hour"] = "Choose a weekday from 1 to 7 and an hour from 0 to 23."
    if not readers:
        problems["readers"] = "Choose who gets it."
    elif len(readers) > MOST_READERS:
        problems["readers"] = f"At most {MOST_READERS} people get one report. Make a second one."
    else:
        outside = next((user for user in readers if not rules.may_read_insights.test(user)), None)
        if outside is not None:
            problems["readers"] = f"{outside.name} may not see figures. Choose people who work here, or stakeholders."
    if problems:
        raise InvalidInput("bad_report", next(iter(problems.values())), problems)


@transaction.atomic
def remove_report(*, report_id: UUID, by: User, now: datetime) -> None:
    """Take a report away; what was sent stays in the journal. Raises NotFound and NotAllowed."""
    _demand(by)
    report = _report(report_id)
    data = {"report": str(report.pk), "name": report.name}
    report.delete()
    record(stream=STREAM, kind="report.removed", actor=f"person:{by.pk}", at=now, data=data)


@transaction.atomic
def leave_report(*, reader_id: UUID, by: User | None, now: datetime) -> ReportReader:
    """Get a report no more, by its own link or from its page. Leaving twice changes nothing. Raises NotFound."""
    reader = ReportReader.objects.select_for_update(of=("self",)).select_related("report").filter(pk=reader_id).first()
    if reader is None or (by is not None and by.pk != reader.user_id):
        raise NotFound("report_not_found", "There is no such report any more.")
    if reader.left_at is None:
        reader.left_at = now
        reader.save(update_fields=["left_at"])
        data = {"report": str(reader.report_id), "user": str(reader.user_id)}
        record(stream=STREAM, kind="report.left", actor=f"person:{reader.user_id}", at=now, data=data)
    return reader


def send_due_reports(*, write: Write, now: datetime, limit: int = 10) -> int:
    """Write and post the reports that are due; return how many. After a downtime the newest alone is sent.

    `write` makes the letter for one reader from what is due at an instant; None: no mail leaves here.
    """
    rows = FigureReport.objects.filter(due_at__lte=now).order_by("due_at", "pk")
    return sum(_tried(pk, write, now) for pk in list(rows.values_list("pk", flat=True)[:limit]))


def _tried(report_id: UUID, write: Write, now: datetime) -> bool:
    """Send one; what fails is tried again in an hour and holds up no other."""
    try:
        return _send(report_id, write, now)
    except Exception:
        log.exception("a report of figures could not be sent", report=str(report_id))
        FigureReport.objects.filter(pk=report_id, due_at__lte=now).update(due_at=now + AGAIN)
        return False


@transaction.atomic
def _send(report_id: UUID, write: Write, now: datetime) -> bool:
    rows = FigureReport.objects.select_for_update(skip_locked=True, of=("self",))
    report = rows.filter(pk=report_id, due_at__lte=now).first()
    if report is None:
        return False
    due_at = report.due_at
    while (following := next_due(report.cadence, report.weekday, report.hour, report.zone, due_at)) <= now:
        due_at = following
    letters = 0
    for reader in list(_getting(report)):
        letters += _post(reader, write, due_at, now)
    report.due_at, report.sent_at = following, now if letters else report.sent_at
    report.save(update_fields=["due_at", "sent_at"])
    data = {"report": str(report.pk), "name": report.name, "letters": letters}
    record(stream=STREAM, kind="report.sent" if letters else "report.not_sent", actor="engine", at=now, data=data)
    return True


@transaction.atomic
def send_sample(*, report_id: UUID, write: Write, by: User, now: datetime) -> bool:
    """Send the report as it would be now to whoever asks, and to nobody else; False where no mail leaves here."""
    _demand(by)
    report = _report(report_id)
    return _post(ReportReader(report=report, user=by), write, now, now)


def _post(reader: ReportReader, write: Write, due_at: datetime, now: datetime) -> bool:
    letter = write(reader, due_at)
    if letter is None:
        return False
    post_letter(
        user_id=reader.user_id, address=reader.user.email, subject=letter.subject, body=letter.body, data=letter.data,
        ticket=None, due_at=now, now=now,
    )  # fmt: skip
    return True


def _getting(report: FigureReport) -> Iterable[ReportReader]:
    """Return who gets it today: left, deactivated or no longer allowed to see figures are out."""
    rows = ReportReader.objects.filter(report=report, left_at__isnull=True, user__is_active=True)
    found = rows.select_related("user", "report").order_by("user__name", "pk")
    return (reader for reader in found if rules.may_read_insights.test(reader.user))


def _report(report_id: UUID) -> FigureReport:
    found = FigureReport.objects.select_for_update(of=("self",)).filter(pk=report_id).first()
    if found is None:
        raise NotFound("report_not_found", "There is no such report any more.")
    return found


def _demand(by: User) -> None:
    if not rules.may_set_targets.test(by):
        raise NotAllowed("not_allowed", "Reports are set up by leads, managers and administrators. Ask one of them.")
