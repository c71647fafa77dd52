"""The detector at work: count, judge every series, keep what repeats as proposals; then what people decide about them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.people.models import User
from tocsin.domain.problems import rules
from tocsin.domain.problems.actions.opening import _link, open_problem
from tocsin.domain.problems.actions.recording import demand, lock, text
from tocsin.domain.problems.actions.tallying import tally
from tocsin.domain.problems.enums import ProposalState
from tocsin.domain.problems.logic.changes import Change, changes
from tocsin.domain.problems.logic.likeness import LEAST, groups, words_of
from tocsin.domain.problems.logic.repeats import USUAL_RULE, Repeat, families, repeats
from tocsin.domain.problems.logic.series import ESCALATIONS, TICKETS, WEEK, Days, Key, parsed
from tocsin.domain.problems.logic.words import named
from tocsin.domain.problems.models import Problem, Progress, Proposal
from tocsin.domain.problems.queries import series as counted
from tocsin.domain.problems.queries.sayings import said_proposal
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import Conflict, InvalidInput, NotFound
from tocsin.kernel.ids import new_id

LONGEST = timedelta(weeks=USUAL_RULE.usual + max(size for size, _ in USUAL_RULE.windows))
AGAIN = 1.5  # a rejected repeat is proposed again when its rate is so many times what it was then
SAME = 0.8  # share of tickets from which two repeats are the same one

type Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look of the detector came to."""

    days: int  # counted anew
    series: int
    weeks: int
    proposed: int  # new
    standing: int  # proposals that wait for a decision now
    lapsed: int


def detect(*, now: datetime, anew: bool = False, say: Say = lambda _: None) -> Look:
    """Look for repeats up to the end of yesterday (UTC) and bring the proposals up to date.

    Only days that changed are counted again. Interrupted, it leaves what was before; two at once do no harm.
    """
    say("counting")
    days = tally(now=now, anew=anew)
    last = now.astimezone(UTC).date() - timedelta(days=1)
    begun = counted.begun()
    if begun is None or begun > last:
        return Look(days=days, series=0, weeks=0, proposed=0, standing=_standing(), lapsed=0)
    first = max(begun, last - LONGEST + timedelta(days=1))
    say("comparing")
    every = counted.every_series(first, last)
    say("reading subjects")
    every |= by_words(counted.subjects(first), first, last)
    found: list[Repeat] = []
    for of in (TICKETS, ESCALATIONS):
        mine = {key: days for key, days in every.items() if key.of == of}
        found += repeats(mine, counted.total(of, first, last))
    found.sort(key=lambda one: (one.p, -one.ratio))
    say("gathering evidence")
    with transaction.atomic():
        Progress.objects.select_for_update().get(pk=1)
        proposed, lapsed = _keep(found, every, first, last, now)
        weeks = ((last - first).days + 1) // WEEK
        Progress.objects.filter(pk=1).update(looked_at=now, series=len(every), weeks=weeks)
        return Look(days=days, series=len(every), weeks=weeks, proposed=proposed, standing=_standing(), lapsed=lapsed)


def by_words(subjects: Sequence[tuple[UUID, date, str, date | None]], first: date, last: date) -> dict[Key, Days]:
    """Return the series of subjects that are alike: of all that hold the words that a group shares."""
    worded = [frozenset(words_of(subject)) for _, _, subject, _ in subjects]
    holders: dict[str, set[int]] = {}
    for at, words in enumerate(worded):
        for word in words:
            holders.setdefault(word, set()).add(at)
    made: dict[Key, Days] = {}
    for group in groups([subject for _, _, subject, _ in subjects]):
        wanted = words_of(group.name)
        members = set.intersection(*(holders[word] for word in wanted)) if wanted else set()
        if len(members) < LEAST:
            continue
        for of in (TICKETS, ESCALATIONS):
            days = np.zeros((last - first).days + 1, dtype=np.int64)
            for at in members:
                day = subjects[at][1] if of == TICKETS else subjects[at][3]
                if day is not None and first <= day <= last:
                    days[(day - first).days] += 1
            if days.any():
                made[Key(of, ("text",), (group.name,))] = days
    return made


def _keep(
    found: Sequence[Repeat], every: Mapping[Key, Days], first: date, last: date, now: datetime
) -> tuple[int, int]:
    """Write proposals; return how many are new and how many lapsed. What was decided is not asked again."""
    evidence = {one.key: _evidence(one, last) for one in found}
    numbered: dict[UUID, int] = {}
    short = {key: frozenset(numbered.setdefault(pk, len(numbered)) for pk in ids) for key, ids in evidence.items()}
    standing = {one.series: one for one in Proposal.objects.filter(state=ProposalState.PROPOSED)}
    rejected = _rejected()
    proposed, seen = 0, set()
    for head, others in families(found, short):
        ids = evidence[head.key]
        free = ids - counted.linked_already(ids)
        if len(free) < USUAL_RULE.at_least or _was_rejected(head, ids, rejected):
            continue
        row = standing.get(head.key.text) or Proposal(id=new_id(), series=head.key.text, found_at=now)
        proposed += row.series not in standing
        _fill(row, head, others, every[head.key], first, last, now)
        row.tickets.set(Ticket.objects.filter(pk__in=ids))
        seen.add(row.series)
    gone = [one.pk for series, one in standing.items() if series not in seen]
    Proposal.objects.filter(pk__in=gone).update(state=ProposalState.LAPSED, looked_at=now)
    return proposed, len(gone)


def _evidence(repeat: Repeat, last: date) -> set[UUID]:
    start = last - timedelta(days=repeat.weeks * WEEK - 1)
    return {pk for pk, _ in counted.matching(repeat.key, start, last)}


def _rejected() -> list[tuple[Proposal, set[UUID]]]:
    rows = (
        Proposal.objects.filter(state=ProposalState.REJECTED).order_by("-decided_at").prefetch_related("tickets")[:500]
    )
    return [(row, {one.pk for one in row.tickets.all()}) for row in rows]


def _was_rejected(repeat: Repeat, ids: Collection[UUID], rejected: Sequence[tuple[Proposal, set[UUID]]]) -> bool:
    """Tell whether this was turned down before and has not grown since by the factor stated then."""
    for row, tickets in rejected:
        same = row.series == repeat.key.text
        alike = len(tickets & set(ids)) >= SAME * max(1, min(len(tickets), len(ids)))
        if same or alike:
            return repeat.recent / repeat.weeks < row.factor * row.recent / row.weeks
    return False


def _fill(
    row: Proposal, repeat: Repeat, others: Sequence[Repeat], days: Days, first: date, last: date, now: datetime
) -> None:  # fmt: skip
    change = _change(days, first, last)
    row.names = counted.names_of(repeat.key)
    row.looked_at, row.last_day, row.weeks = now, last, repeat.weeks
    row.recent, row.usual, row.ratio = repeat.recent, repeat.usual, repeat.ratio
    row.p, row.adjusted, row.scatter = repeat.p, repeat.adjusted, repeat.scatter
    row.changed_on = change.on if change else None
    row.changed_from, row.changed_to = (change.before, change.after) if change else (None, None)
    row.also = [
        {"series": one.key.text, "names": counted.names_of(one.key)}
        for one in others[:5]
        if one.key.kinds != repeat.key.kinds
    ]
    row.sentence = said_proposal(row)[:600]
    row.save()


def _change(days: Days, first: date, last: date) -> Change | None:
    """Return the last change upwards, if it came within a quarter."""
    recent = [one for one in changes(days, first) if one.after > one.before and (last - one.on).days <= 91]
    return recent[-1] if recent else None


def _standing() -> int:
    return Proposal.objects.filter(state=ProposalState.PROPOSED).count()


def _proposal(proposal_id: UUID) -> Proposal:
    found = Proposal.objects.select_for_update(of=("self",)).filter(pk=proposal_id).first()
    if found is None:
        raise NotFound("proposal_not_found", "There is no such proposal.")
    if found.state not in (ProposalState.PROPOSED, ProposalState.LAPSED):
        raise Conflict("decided", f"This was decided already: {found.get_state_display().lower()}.")
    return found


DECIDERS = (
    "Proposals are decided on by problem managers, leads, escalation managers and administrators. Ask one of them."
)


@transaction.atomic
def accept(*, proposal_id: UUID, by: User, now: datetime, title: str = "", owner: User | None = None) -> Problem:
    """Open a problem from a proposal, with its tickets. Raises Conflict if it was decided already."""
    demand(by, rules.may_decide_on_proposals, None, DECIDERS)
    found = _proposal(proposal_id)
    fields: dict[str, Any] = {}
    key = parsed(found.series)
    values = dict(zip(key.kinds, key.values, strict=True))
    fields["category"], fields["configuration_item"] = values.get("category", ""), values.get("item", "")
    tickets = list(found.tickets.filter(is_drill=False))
    services = {one.service_id for one in tickets}
    service = tickets[0].service if len(services) == 1 and tickets else None
    made = open_problem(
        title=title or named(key, found.names, by.language)[:200], by=by, now=now, owner=owner or by,
        description=said_proposal(found, by.language),
        tickets=[one.pk for one in tickets], service=service, series=found.series, **fields,
    )  # fmt: skip
    _decide(found, ProposalState.ACCEPTED, by, now, problem=made)
    return made


@transaction.atomic
def merge_into(*, proposal_id: UUID, problem_id: UUID, by: User, now: datetime) -> Problem:
    """Put a proposal's tickets to a problem that there is already."""
    demand(by, rules.may_decide_on_proposals, None, DECIDERS)
    target = lock(problem_id)
    if target.merged_into_id is not None:
        raise Conflict("problem_merged", f"{target.reference} was merged into another. Choose that one.")
    found = _proposal(proposal_id)
    _link(target, list(found.tickets.filter(is_drill=False).values_list("pk", flat=True)), by, now)
    _decide(found, ProposalState.MERGED, by, now, problem=target)
    return target


@transaction.atomic
def reject(*, proposal_id: UUID, reason: str, by: User, now: datetime, factor: float = AGAIN) -> Proposal:
    """Turn a proposal down. It is not made again until its rate has grown to `factor` times what it is now."""
    demand(by, rules.may_decide_on_proposals, None, DECIDERS)
    if not 1 < factor <= 100:
        problem = "Between just above 1 and 100 times."
        raise InvalidInput("bad_factor", problem, {"factor": problem})
    found = _proposal(proposal_id)
    _decide(found, ProposalState.REJECTED, by, now, reason=text("reason", reason, 500, required=True), factor=factor)
    return found


def _decide(proposal: Proposal, state: str, by: User, now: datetime, **more: Any) -> None:
    proposal.state, proposal.decided_by, proposal.decided_at = state, by, now
    for name, value in more.items():
        setattr(proposal, name, value)
    proposal.save()
    data = {"series": proposal.series, "state": str(state), "reason": proposal.reason,
            "problem": proposal.problem.reference if proposal.problem else ""}  # fmt: skip
    record(stream="problems", kind="proposal.decided", actor=f"person:{by.pk}", at=now, data=data)
