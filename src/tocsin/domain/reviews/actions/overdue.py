"""Actions whose day comes near or has passed: owner, then lead, then escalation manager, then a ladder (SEMANTICS 8)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction

from tocsin.domain.escalation import actions as escalation
from tocsin.domain.escalation.queries import catch_all
from tocsin.domain.journal.actions import record
from tocsin.domain.notify.actions import PageRequest, enqueue
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.people.models import Team, User
from tocsin.domain.reviews.actions.correcting import ladder
from tocsin.domain.reviews.actions.recording import tell, tickets_of
from tocsin.domain.reviews.logic import overdue
from tocsin.domain.reviews.logic.overdue import Step
from tocsin.domain.reviews.models import CorrectiveAction
from tocsin.domain.reviews.queries import setting
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import TocsinError

POISON_REST = timedelta(minutes=10)
KINDS = {
    Step.REMIND: "review.action_reminded", Step.OVERDUE: "review.action_overdue", Step.LEAD: "review.action_told_lead",
    Step.MANAGER: "review.action_told_manager",
}  # fmt: skip


def act_on_due(*, now: datetime, limit: int = 200) -> int:
    """Take the steps that are due; return how many. One that fails is put off and told, so that it holds up no other."""
    rows = CorrectiveAction.objects.filter(next_at__lte=now).order_by("next_at", "pk").values_list("pk", flat=True)
    return sum(_work_off(pk, now) for pk in rows[:limit])


def _work_off(pk: UUID, now: datetime) -> bool:
    try:
        with transaction.atomic():
            return _take(pk, now)
    except (OperationalError, InterfaceError):
        raise  # the database's trouble is no row's poison
    except Exception as error:
        with transaction.atomic():
            CorrectiveAction.objects.filter(pk=pk, next_at__lte=now).update(next_at=now + POISON_REST)
            why = {"row": str(pk), "error": f"{type(error).__name__}: {error}"[:300]}
            record(stream="system", kind="alarm.corrective_action_failing", actor="engine", at=now, data=why)
        return True


def _take(pk: UUID, now: datetime) -> bool:
    rows = CorrectiveAction.objects.select_for_update(skip_locked=True, of=("self",))
    found = rows.select_related("owner", "review").filter(pk=pk, next_at__lte=now).first()
    if found is None:
        return False
    days = ladder()
    step = overdue.due_step(found.stage, found.due_on, days, found.owner.zone, now)
    if step is None:  # the days of the settings were changed meanwhile
        found.next_at = overdue.following(found.stage, found.due_on, days, found.owner.zone)
        found.save(update_fields=["next_at"])
        return True
    tell(found.review, KINDS[step], None, now, action=found.title, owner=str(found.owner_id), due=str(found.due_on))
    _notify(found, step, now)
    if step is Step.MANAGER:
        _climb(found, now)
    found.stage = step
    found.next_at = overdue.following(step, found.due_on, days, found.owner.zone)
    found.save(update_fields=["stage", "next_at"])
    return True


def _whom(action: CorrectiveAction, step: Step) -> list[User]:
    """Return who is told at a step: the owner always, from LEAD on their lead, at MANAGER the escalation manager."""
    found: list[User] = [action.owner]
    if step >= Step.LEAD:
        teams = Team.objects.filter(members=action.owner).select_related("lead", "escalation_manager")
        leads: list[User | None] = [team.lead for team in teams if team.lead] or [action.owner.manager]
        found += [one for one in leads if one is not None]
        if step is Step.MANAGER:
            managers = [team.escalation_manager for team in teams if team.escalation_manager]
            found += managers or [one for one in (action.review.facilitator, catch_all()) if one is not None]
    return list({one.pk: one for one in found if one.is_active}.values())


def _notify(action: CorrectiveAction, step: Step, now: datetime) -> None:
    review = action.review
    where = f"{settings.BASE_URL}/reviews/{review.number}#actions" if settings.BASE_URL else ""
    due = f"due on {action.due_on:%d.%m.%Y}"
    says = f"Coming up, {due}" if step is Step.REMIND else f"Overdue, {due}"
    ticket = min(tickets_of(review), default=None)
    enqueue(
        pages=[
            PageRequest(
                user_id=person.pk, ticket=ticket, purpose="notice",
                urgency=Urgency.HIGH if step is Step.MANAGER else Urgency.NORMAL,
                subject=f"{says}: {action.title}"[:300],
                body=f"{action.title}\nOwner: {action.owner.name}\nFrom {review.reference} {review.title}\n\n"
                f"Done needs a word on what shows it; another day needs to be given in time.\n{where}",
                data={"reference": review.reference, "number": review.number},
            )
            for person in _whom(action, step)
        ],
        now=now,
    )  # fmt: skip


def _climb(action: CorrectiveAction, now: datetime) -> None:
    """Open a ticket for the overdue action and escalate it by the policy of the settings, if there is one."""
    slug = setting().policy
    by = action.review.facilitator or catch_all()
    source = Ticket.objects.filter(pk__in=tickets_of(action.review)).select_related("team", "service").first()
    if not slug or by is None or source is None:
        return
    try:
        with transaction.atomic():
            made = tickets.open_ticket(
                subject=f"Overdue corrective action: {action.title}"[:200], requester=None, by=None, now=now,
                description=f"From {action.review.reference} {action.review.title}. Owner: {action.owner.name}.",
                team=source.team, service=source.service, channel="web", is_demo=source.is_demo,
            )  # fmt: skip
            escalation.escalate(
                ticket_id=made.pk, policy=slug, by=by, now=now, type="internal", reason="expectation_missed",
                reason_text=f"A corrective action was due on {action.due_on}."[:500],
                tried="Its owner, their lead and the escalation manager were told.", impact=action.review.title,
                wanted="That it is done, or given another day.",
            )  # fmt: skip
            tell(action.review, "review.action_escalated", None, now, action=action.title, ticket=made.reference)
    except TocsinError as refused:  # a policy that was taken away must not stop the notices
        tell(action.review, "review.action_not_escalated", None, now, action=action.title, why=refused.message)


def begin_anew(*, now: datetime) -> int:
    """After the days of the settings changed: look at every open action again; return how many."""
    rows = CorrectiveAction.objects.filter(state="open", stage__lt=Step.MANAGER)
    return rows.update(next_at=now)
