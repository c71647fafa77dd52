"""Swaps: one person offers a part of their duty, another accepts; only then does anything change."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.journal.publish import publish
from tocsin.domain.oncall.actions.recording import changed, check_span, check_worker, locked
from tocsin.domain.oncall.enums import SwapState
from tocsin.domain.oncall.events import SwapAnswered, SwapOffered
from tocsin.domain.oncall.models import Override, Schedule, Swap
from tocsin.domain.oncall.queries import is_on_between
from tocsin.domain.oncall.rules import may_answer_for
from tocsin.domain.people.actions.checking import actor_of, demand, tell, words
from tocsin.domain.people.models import User
from tocsin.kernel.errors import Conflict, InvalidInput, NotFound
from tocsin.kernel.ids import new_id

type Between = tuple[datetime, datetime]


@transaction.atomic
def offer_swap(
    *,
    schedule_id: UUID,
    offered_by: User,
    offered_to: User,
    starts_at: datetime,
    ends_at: datetime,
    by: User | None,
    now: datetime,
    in_return: Between | None = None,
    reason: str = "",
    actor: str | None = None,
) -> Swap:
    """Ask `offered_to` to take the duty of `offered_by` in that time, for their own duty in the time `in_return`, if any.

    Nothing changes until they accept. Raises InvalidInput if either is not on call in the time they would give.
    """
    row = locked(schedule_id)
    demand(by, may_answer_for, "People offer their own duty; ask them, or an administrator.", offered_by)
    check_worker("offered_to", offered_to)
    check_span(starts_at, ends_at, now)
    if offered_by.pk == offered_to.pk:
        problem = "Nobody can swap with themselves."
        raise InvalidInput("same_person", problem, {"offered_to": problem})
    if in_return is not None:
        check_span(*in_return, now)
    if problem := _given(row, offered_by, (starts_at, ends_at), offered_to, in_return):
        raise InvalidInput("not_on_call", problem, {"starts_at": problem})
    swap = Swap.objects.create(
        id=new_id(), schedule=row, offered_by=offered_by, offered_to=offered_to, starts_at=starts_at, ends_at=ends_at,
        return_starts_at=in_return and in_return[0], return_ends_at=in_return and in_return[1], offered_at=now,
        reason=words("reason", reason, limit=200, required=False),
    )  # fmt: skip
    who = actor_of(by, actor)
    told = {"swap": swap.pk, "offered_by": offered_by.pk, "offered_to": offered_to.pk}
    told_times = {"starts_at": starts_at, "ends_at": ends_at}
    tell(f"schedule:{row.slug}", "schedule.swap_offered", who, now, {**told, **told_times})
    publish(SwapOffered(at=now, actor=who, swap_id=swap.pk, offered_to=offered_to.pk))
    return swap


@transaction.atomic
def answer_swap(
    *, swap_id: UUID, accept: bool, by: User | None, now: datetime, answer: str = "", actor: str | None = None
) -> Swap:
    """Accept or decline. On acceptance each takes the other's place; what has passed meanwhile stays as it was.

    Answering the same again changes nothing. Raises Conflict if it was answered otherwise, or if the roster has moved
    on so that somebody would give a duty that they no longer have.
    """
    schedule, swap = _locked_swap(swap_id)
    demand(by, may_answer_for, "Only the person who is asked can answer.", swap.offered_to)
    wanted = SwapState.ACCEPTED if accept else SwapState.DECLINED
    if swap.state == wanted:
        return swap
    _check_open(swap)
    if accept:
        _carry_out(schedule, swap, by, actor, now)
    _close(swap, wanted, now, answer)
    who = actor_of(by, actor)
    if not accept:
        tell(f"schedule:{schedule.slug}", "schedule.swap_declined", who, now, {"swap": swap.pk})
    publish(SwapAnswered(at=now, actor=who, swap_id=swap.pk, offered_by=swap.offered_by_id, accepted=accept))
    return swap


@transaction.atomic
def withdraw_swap(*, swap_id: UUID, by: User | None, now: datetime, actor: str | None = None) -> Swap:
    """Take an offer back before it is answered. Raises Conflict if it was."""
    schedule, swap = _locked_swap(swap_id)
    demand(by, may_answer_for, "Only the person who offered it can take it back.", swap.offered_by)
    if swap.state == SwapState.WITHDRAWN:
        return swap
    _check_open(swap)
    _close(swap, SwapState.WITHDRAWN, now, "")
    tell(f"schedule:{schedule.slug}", "schedule.swap_withdrawn", actor_of(by, actor), now, {"swap": swap.pk})
    return swap


def _locked_swap(swap_id: UUID) -> tuple[Schedule, Swap]:
    """Lock the schedule first, as every act does, then the swap."""
    schedule_id = Swap.objects.filter(pk=swap_id).values_list("schedule", flat=True).first()
    if schedule_id is None:
        raise NotFound("swap_not_found", "There is no such swap.")
    schedule = locked(schedule_id)
    people = ("offered_by", "offered_to")
    return schedule, Swap.objects.select_for_update(of=("self",)).select_related(*people).get(pk=swap_id)


def _check_open(swap: Swap) -> None:
    if swap.state != SwapState.OFFERED:
        raise Conflict("swap_answered", f"This swap is {swap.get_state_display().lower()} already. Offer a new one.")


def _close(swap: Swap, state: SwapState, now: datetime, answer: str) -> None:
    swap.state = state
    swap.answered_at = now
    swap.answer = words("answer", answer, limit=200, required=False)
    swap.save(update_fields=["state", "answered_at", "answer"])


def _given(schedule: Schedule, one: User, time: Between, other: User, in_return: Between | None) -> str:
    """Return why the swap cannot be; empty if both have what they give."""
    if not is_on_between(schedule.slug, one.pk, *time):
        return f"{one.name} is not on call in that time. Choose a time of their own duty."
    if in_return is not None and not is_on_between(schedule.slug, other.pk, *in_return):
        return f"{other.name} is not on call in the time in return. Choose a time of their own duty."
    return ""


def _carry_out(schedule: Schedule, swap: Swap, by: User | None, actor: str | None, now: datetime) -> None:
    if swap.ends_at <= now:
        raise Conflict("swap_over", "The time of this swap has passed.")
    in_return = (swap.return_starts_at, swap.return_ends_at)
    back = (in_return[0], in_return[1]) if in_return[0] and in_return[1] else None
    time = (swap.starts_at, swap.ends_at)
    if problem := _given(schedule, swap.offered_by, time, swap.offered_to, back):
        raise Conflict("roster_moved_on", f"{problem} The roster has changed since the offer.")
    pairs = [(time, swap.offered_to, swap.offered_by), *([(back, swap.offered_by, swap.offered_to)] if back else [])]
    for (starts_at, ends_at), person, instead_of in pairs:
        if ends_at > now:
            Override.objects.create(
                id=new_id(), schedule=schedule, person=person, instead_of=instead_of, starts_at=max(starts_at, now),
                ends_at=ends_at, reason=swap.reason, made_by=by, made_at=now,
            )  # fmt: skip
    changed(schedule, "schedule.swap_accepted", by, actor, now, {"swap": swap.pk})
