"""Writing on a review: its texts, its timeline, its tree of causes. Never on one that is signed off."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tocsin.domain.people.models import User
from tocsin.domain.problems.actions.recording import demand, text
from tocsin.domain.reviews import rules
from tocsin.domain.reviews.actions.recording import LONGEST, WRITERS, chosen, tell, touch, web_address, writable
from tocsin.domain.reviews.enums import Bone
from tocsin.domain.reviews.logic.causes import DEEPEST, in_order, is_below
from tocsin.domain.reviews.logic.together import plain, settled
from tocsin.domain.reviews.models import CauseNode, Moment, Review
from tocsin.domain.reviews.queries import access_cause, access_moment, as_text, nodes_of, values_of
from tocsin.kernel.errors import Conflict, InvalidInput
from tocsin.kernel.ids import new_id

# {field: longest text}
WORDS = {"title": 200, "summary": LONGEST, "went_well": LONGEST, "agenda": LONGEST}
MOST_CAUSES = 200


def _begin(review_id: UUID, by: User) -> Review:
    found = writable(review_id)
    demand(by, rules.may_write_reviews, None, WRITERS)
    return found


@transaction.atomic
def write(
    *, review_id: UUID, by: User, now: datetime, seen: Mapping[str, str] | None = None,
    participants: Sequence[User] | None = None, **fields: Any,
) -> Review:  # fmt: skip
    """Write title, summary, went_well, agenda, facilitator, meeting_at, mitigated_at. What is not given stays.

    With `seen` (logic.together.marks of what the writer began from) only what the writer changed is written. Raises
    Conflict naming the fields that somebody else has changed meanwhile too, or when the review is signed off.
    """
    found = _begin(review_id, by)
    given = {name: _cleaned(name, value) for name, value in fields.items()}
    if participants is not None:
        given["participants"] = list(participants)
    if seen is not None:
        theirs = values_of(found)
        decided = settled(mine={name: as_text(value) for name, value in given.items()}, theirs=theirs, seen=seen)
        if decided.clash:
            problem = (
                "Somebody else has changed this meanwhile. Theirs stands above; put both together, then save again."
            )
            raise Conflict("review_changed", problem, dict.fromkeys(sorted(decided.clash), problem))
        given = {name: value for name, value in given.items() if name in decided.write}
    people = given.pop("participants", None)
    changed = [name for name, value in given.items() if getattr(found, name) != value]
    for name in changed:
        setattr(found, name, given[name])
    if people is not None and set(people) != set(found.participants.all()):
        found.participants.set(people)
        changed.append("participants")
    if changed:
        found.updated_at = now
        found.save()
        tell(found, "review.changed", by, now, fields=sorted(changed))
    return found


def _cleaned(name: str, value: Any) -> Any:
    if name in WORDS:
        return plain(text(name, value, WORDS[name], required=name == "title"))
    if name not in ("facilitator", "meeting_at", "mitigated_at"):
        raise InvalidInput("unknown_field", f"A review has no {name}.", {name: "There is no such field."})
    if name == "facilitator" and value is not None and not rules.may_write_reviews.test(value):
        problem = "Choose somebody who works here."
        raise InvalidInput("facilitator", problem, {name: problem})
    return value


@transaction.atomic
def save_notes(*, review_id: UUID, notes: str, by: User, now: datetime, expected: str | None = None) -> Review:
    """Save the meeting's notes as they are typed. Raises Conflict if they are not `expected` any more: two are writing."""
    found = _begin(review_id, by)
    cleaned = plain(text("notes", notes, LONGEST))
    if expected is not None and plain(expected) != found.notes and cleaned != found.notes:
        problem = "Somebody else has written notes meanwhile. Theirs stand above; put both together, then save again."
        raise Conflict("notes_changed", problem, {"notes": problem})
    if found.notes != cleaned:
        found.notes = cleaned
        found.updated_at = now
        found.save(update_fields=["notes", "updated_at"])
    return found


@transaction.atomic
def pick(*, review_id: UUID, moment_id: UUID, picked: bool, by: User, now: datetime) -> Moment:
    """Put a moment into the timeline, or take it out."""
    found = _begin(review_id, by)
    moment = access_moment(found, moment_id)
    moment.picked = picked
    moment.save(update_fields=["picked"])
    touch(found, now)
    return moment


@transaction.atomic
def add_moment(*, review_id: UUID, at: datetime, words: str, internal: bool, by: User, now: datetime) -> Moment:
    """Write a moment that no journal knows: a call, a corridor, the supplier's own log. It stands by its time."""
    found = _begin(review_id, by)
    _in_past(at, now)
    made = Moment.objects.create(
        id=new_id(), review=found, at=at, text=text("words", words, 500, required=True), internal=internal
    )
    touch(found, now)
    return made


@transaction.atomic
def change_moment(
    *, review_id: UUID, moment_id: UUID, words: str, internal: bool, by: User, now: datetime, at: datetime | None = None
) -> Moment:
    """Put a moment into better words, and say whether customers may read it. The time of a journal's entry stays."""
    found = _begin(review_id, by)
    moment = access_moment(found, moment_id)
    moment.text, moment.internal = text("words", words, 500, required=True), internal
    if at is not None and not moment.position:
        _in_past(at, now)
        moment.at = at
    moment.save(update_fields=["text", "internal", "at"])
    touch(found, now)
    return moment


@transaction.atomic
def remove_moment(*, review_id: UUID, moment_id: UUID, by: User, now: datetime) -> None:
    """Remove a moment that was written by hand. What the journal tells can only be left out."""
    found = _begin(review_id, by)
    moment = access_moment(found, moment_id)
    if moment.position:
        raise Conflict("of_the_journal", "This is what the journal tells. Take it out of the timeline instead.")
    moment.delete()
    touch(found, now)


def _in_past(at: datetime, now: datetime) -> None:
    if at > now:
        problem = "A timeline tells of what has happened. Give a time in the past."
        raise InvalidInput("in_future", problem, {"at": problem})


@transaction.atomic
def save_cause(
    *, review_id: UUID, words: str, by: User, now: datetime, cause_id: UUID | None = None, parent_id: UUID | None = None,
    bone: str = "", contributing: bool = False, evidence: Sequence[tuple[str, str]] = (),
) -> CauseNode:  # fmt: skip
    """Answer "why?" below a node (or for the escalation itself), or put an answer into better words.

    `evidence`: (what one sees there, web address). Raises InvalidInput, Conflict for a tree too deep to help.
    """
    found = _begin(review_id, by)
    links = [
        {"label": text("evidence", label, 120) or url, "url": web_address("evidence", url)}
        for label, url in evidence
        if url
    ]
    words = text("words", words, 500, required=True)
    bone = chosen("bone", bone, Bone.values, optional=True)
    if cause_id is not None:
        node = access_cause(found, cause_id)
    else:
        parent = access_cause(found, parent_id) if parent_id else None
        _fits(found, parent)
        order = CauseNode.objects.filter(review=found, parent=parent).count()
        node = CauseNode(id=new_id(), review=found, parent=parent, order=order)
    node.text, node.bone, node.contributing, node.evidence = words, bone, contributing, links
    node.save()
    touch(found, now)
    tell(found, "review.cause", by, now, cause=words, contributing=contributing)
    return node


def _fits(review: Review, parent: CauseNode | None) -> None:
    placed = in_order(nodes_of(review))
    if len(placed) >= MOST_CAUSES:
        raise Conflict("too_many_causes", f"A tree of {MOST_CAUSES} answers helps nobody. Remove some first.")
    if parent is not None and any(one.node.id == parent.pk and one.depth + 1 >= DEEPEST for one in placed):
        raise Conflict("too_deep", f"After {DEEPEST} times why, begin another branch.")


@transaction.atomic
def move_cause(*, review_id: UUID, cause_id: UUID, to: str, by: User, now: datetime) -> CauseNode:
    """Move a node with all below it: "up" and "down" among its siblings, "in" below the one before it, "out" beside
    its parent. Where there is nowhere to go, nothing happens.
    """
    found = _begin(review_id, by)
    node = access_cause(found, cause_id)
    siblings = list(found.causes.filter(parent=node.parent_id).order_by("order", "id"))
    place = [one.pk for one in siblings].index(node.pk)
    chosen("to", to, ("up", "down", "in", "out"))
    if to in ("up", "down"):
        other = place + (1 if to == "down" else -1)
        if 0 <= other < len(siblings):
            siblings[place], siblings[other] = siblings[other], siblings[place]
            _renumber(siblings)
    elif to == "in" and place > 0:
        _fits(found, siblings[place - 1])
        _hang(found, node, siblings[place - 1])
    elif to == "out" and node.parent_id:
        _hang(found, node, access_cause(found, node.parent_id).parent)
    touch(found, now)
    node.refresh_from_db()
    return node


def _hang(review: Review, node: CauseNode, parent: CauseNode | None) -> None:
    if parent is not None and is_below(nodes_of(review), parent.pk, node.pk):
        raise Conflict("below_itself", "A cause cannot hang below itself.")
    node.parent = parent
    node.order = review.causes.filter(parent=parent).count()
    node.save(update_fields=["parent", "order"])


def _renumber(nodes: Sequence[CauseNode]) -> None:
    for order, node in enumerate(nodes):
        node.order = order
    CauseNode.objects.bulk_update(nodes, ["order"])


@transaction.atomic
def remove_cause(*, review_id: UUID, cause_id: UUID, by: User, now: datetime) -> int:
    """Remove a node and all below it; return how many are gone. Actions against it stay, without their cause."""
    found = _begin(review_id, by)
    node = access_cause(found, cause_id)
    nodes = nodes_of(found)
    count = sum(is_below(nodes, one.id, node.pk) for one in nodes)
    words = node.text
    node.delete()
    touch(found, now)
    tell(found, "review.cause_removed", by, now, cause=words, count=count)
    return count
