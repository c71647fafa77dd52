"""Answers that come by a channel: a button, a key, a few words. Checked against who was told, where (SEMANTICS 5).

Each run is answered in a transaction of its own, so a bundle of 37 never holds 37 tickets at once.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tocsin.domain.escalation.actions.answering import acknowledge, call_next, decline, snooze, take
from tocsin.domain.escalation.logic.run import RunStatus
from tocsin.domain.escalation.logic.said import SNOOZE_MINUTES, Said, Verb, read
from tocsin.domain.escalation.models import ENDED, Run
from tocsin.domain.escalation.views import Answer
from tocsin.domain.notify import links
from tocsin.domain.notify.enums import TELLING, PageState
from tocsin.domain.notify.models import AnswerCode, ContactMethod, Delivery, Page
from tocsin.domain.people.models import User
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import NotAllowed, NotFound, TocsinError

UNSAID = "no reason given"  # of a decline by a key or a button
LISTED = 5
UNANSWERED = [RunStatus.CLIMBING, RunStatus.EXHAUSTED]
HOW = 'Answer "ack" and the code, "decline", the code and why, "next", "take" or "snooze" and the code, or "ack all".'


@dataclass(frozen=True, slots=True)
class _Asked:
    """One page that waits for its person's answer. `cycle` of the page; None: whatever the run is at."""

    run: UUID
    cycle: int | None
    person: User


def answer_delivery(*, delivery_id: UUID, channel: str, address: str, said: Said, now: datetime) -> Answer:
    """Take a button or key on one sent message; that of a bundle answers for all that it told of.

    Raises NotFound for an unknown delivery, NotAllowed unless it went out by `channel` to `address`, which must
    still be its person's verified address.
    """
    delivery = _delivery(delivery_id)
    if delivery.channel != channel or not _same_address(delivery.address, address):
        raise NotAllowed("wrong_sender", "This message went to somebody else. Only its receiver may answer it.")
    return _answer_message(delivery, said, channel, now)


def answer_link(*, token: str, said: Said, via: str = "", now: datetime) -> Answer:
    """Take what a push service's button posts to the signed address in its message (Message.answer_url).

    Whoever holds the token was told. `via` defaults to the channel the message went out by. Raises NotFound:
    link_invalid or link_expired.
    """
    delivery = _delivery(links.read_answer_token(token, now=now))
    return _answer_message(delivery, said, via or delivery.channel, now)


def answer_text(*, channel: str, address: str, text: str, now: datetime) -> Answer:
    """Take a few words ("ack 4711", "ack all", "decline 4711 I am ill") from a verified address.

    Words that are not understood, or that do not say which of several pages they mean, change nothing:
    the answer lists what is open. Raises NotAllowed for an address that nobody has verified.
    """
    people = _people_at(channel, address)
    if not people:
        raise NotAllowed("unknown_sender", "This address belongs to nobody here. Add it under Notifications first.")
    said, code, everything = read(text)
    if said is None:
        return _told(f"Not understood. {_open_in_words(people)}")
    if everything:
        asked = [one for person in people for one in _unanswered(person)]
        return _answer_all(asked, said, channel, now) if asked else _told("Nothing waits for an answer from you.")
    if code:
        named = _named(people, code)
        return _answer_all(named, said, channel, now) if named else _told(f"Unknown: {code}. {_open_in_words(people)}")
    candidates = [one for person in people for one in _candidates(person, said)]
    if len(candidates) == 1:
        return _answer_all(candidates, said, channel, now)
    return _told(_open_in_words(people))


def answer_page(*, run_id: UUID, cycle: int | None, by: User, said: Said, via: str, now: datetime) -> Answer:
    """Answer one run as `by`, by whatever way their identity was established."""
    return _answer_all([_Asked(run_id, cycle, by)], said, via, now)


def _told(message: str) -> Answer:
    return Answer(changed=False, status="", message=message, detail={"answered": 0})


def _delivery(delivery_id: UUID) -> Delivery:
    found = Delivery.objects.select_related("page", "user").filter(pk=delivery_id).first()
    if found is None:
        raise NotFound("delivery_not_found", "There is no such message. Open the newest one, or sign in.")
    return found


def _same_address(ours: str, theirs: str) -> bool:
    return ours.strip().casefold() == theirs.strip().casefold()


def _answer_message(delivery: Delivery, said: Said, via: str, now: datetime) -> Answer:
    """Answer what a sent message told of, if its person may still be reached there."""
    if delivery.attempts == 0:
        raise NotAllowed("not_sent", "This message was not sent. Sign in to answer.")
    theirs = ContactMethod.objects.filter(
        user=delivery.user, channel=delivery.channel, address=delivery.address, verified_at__isnull=False
    )
    if not delivery.user.is_active or not theirs.exists():
        raise NotAllowed("address_removed", "This address is not its person's any more. Sign in to answer.")
    pages = [delivery.page]
    if delivery.bundle is not None:
        together = Delivery.objects.filter(bundle=delivery.bundle, user=delivery.user).select_related("page")
        pages = [one.page for one in together.order_by("page__created_at")]
    asked = [_Asked(p.run, p.cycle, delivery.user) for p in pages if p.run is not None and p.purpose not in TELLING]
    if not asked:
        return _told("This message asks for no answer.")
    return _answer_all(asked, said, via, now)


def _answer_all(asked: Sequence[_Asked], said: Said, via: str, now: datetime) -> Answer:
    """Answer each; where one cannot be answered the others are all the same, and the message says how many."""
    if len(asked) == 1:
        return _answer_one(asked[0], said, via, now)
    answers, refused = [], []
    for one in asked:
        try:
            answers.append(_answer_one(one, said, via, now))
        except TocsinError as error:
            refused.append(error.message)
    changed = sum(answer.changed for answer in answers)
    words = [_DONE[said.verb].format(n=changed) if changed else "Nothing changed"]
    if unchanged := len(answers) - changed:
        words.append(f"{unchanged} stood as they were" if changed else f"all {unchanged} stand as they were")
    words += [f"{count} refused ({reason.rstrip('.')})" for reason, count in Counter(refused).items()]
    detail = {"answered": changed, "unchanged": len(answers) - changed, "refused": len(refused)}
    return Answer(changed=changed > 0, status="", message="; ".join(words) + ".", detail=detail)


_DONE = {
    Verb.ACKNOWLEDGE: "{n} acknowledged, nobody else is paged for them",
    Verb.TAKE: "{n} taken, nobody else is paged for them",
    Verb.DECLINE: "{n} declined, others are paged",
    Verb.SNOOZE: "{n} snoozed, they come back to you first",
    Verb.CALL_NEXT: "the next level is paged for {n}",
}


def _answer_one(asked: _Asked, said: Said, via: str, now: datetime) -> Answer:
    return _ANSWERS[said.verb](asked, said, via, now)


def _acknowledge(asked: _Asked, _said: Said, via: str, now: datetime) -> Answer:
    return acknowledge(run_id=asked.run, by=asked.person, now=now, cycle=asked.cycle, via=via)


def _take(asked: _Asked, _said: Said, via: str, now: datetime) -> Answer:
    return take(run_id=asked.run, by=asked.person, now=now, cycle=asked.cycle, via=via)


def _decline(asked: _Asked, said: Said, via: str, now: datetime) -> Answer:
    reason = said.reason.strip() or UNSAID
    return decline(run_id=asked.run, by=asked.person, reason=reason, now=now, cycle=asked.cycle, via=via)


def _snooze(asked: _Asked, said: Said, via: str, now: datetime) -> Answer:
    duration = timedelta(minutes=said.minutes if said.minutes is not None else SNOOZE_MINUTES)
    return snooze(run_id=asked.run, by=asked.person, duration=duration, now=now, cycle=asked.cycle, via=via)


def _call_next(asked: _Asked, _said: Said, via: str, now: datetime) -> Answer:
    return call_next(run_id=asked.run, by=asked.person, now=now, cycle=asked.cycle, via=via)


_ANSWERS: dict[Verb, Callable[[_Asked, Said, str, datetime], Answer]] = {
    Verb.ACKNOWLEDGE: _acknowledge,
    Verb.TAKE: _take,
    Verb.DECLINE: _decline,
    Verb.SNOOZE: _snooze,
    Verb.CALL_NEXT: _call_next,
}


def _people_at(channel: str, address: str) -> list[User]:
    """Return the active people who have verified this address; mostly one (a shared duty phone has more)."""
    methods = ContactMethod.objects.filter(
        channel=channel, address__iexact=address.strip(), verified_at__isnull=False, user__is_active=True
    )
    return [method.user for method in methods.select_related("user").order_by("pk")]


def _asking(person: User) -> list[_Asked]:
    """Return the open runs that have paged a person in their present cycle, oldest first."""
    live = Page.objects.filter(user=person, run__isnull=False, state__in=[PageState.ACTIVE, PageState.DONE])
    pages = live.exclude(purpose__in=TELLING).order_by("created_at").values_list("run", "cycle")
    newest = {run: cycle for run, cycle in pages if run is not None}
    runs = Run.objects.filter(pk__in=list(newest)).exclude(status__in=ENDED)
    return [_Asked(pk, cycle, person) for pk, cycle in runs.order_by("started_at").values_list("pk", "cycle")]


def _unanswered(person: User) -> list[_Asked]:
    """Return those of them that nobody has acknowledged and this person has not declined."""
    asked = {one.run: one for one in _asking(person)}
    waiting = Run.objects.filter(pk__in=list(asked), status__in=UNANSWERED)
    waiting = waiting.exclude(state__declined__contains=[str(person.pk)])
    return [asked[pk] for pk in waiting.order_by("started_at").values_list("pk", flat=True)]


def _candidates(person: User, said: Said) -> list[_Asked]:
    """Return what an answer without a code may mean: what waits, or else what this person has in hand."""
    waiting = _unanswered(person)
    if waiting or said.verb is Verb.ACKNOWLEDGE:
        return waiting
    held = Run.objects.filter(pk__in=[one.run for one in _asking(person)], state__acknowledger=str(person.pk))
    return [_Asked(pk, cycle, person) for pk, cycle in held.values_list("pk", "cycle")]


def _named(people: Sequence[User], code: str) -> list[_Asked]:
    """Return the page that a code (or T-1234) names among those of these people; at most one."""
    if code.startswith("T-"):
        number = int(code[2:])
        found = [one for person in people for one in _asking(person)]
        ids = Run.objects.filter(pk__in=[one.run for one in found], ticket__number=number).values_list("pk", flat=True)
        of_ticket = [one for one in found if one.run in set(ids)]
        return of_ticket if len(of_ticket) == 1 else []
    rows = AnswerCode.objects.filter(user__in=people, code=code).select_related("page", "user")
    codes = [_Asked(row.page.run, row.page.cycle, row.user) for row in rows if row.page.run is not None]
    return codes if len(codes) == 1 else []


def _open_in_words(people: Sequence[User]) -> str:
    """Say what is open and how each is answered."""
    lines = []
    total = 0
    for person in people:
        waiting = [one.run for one in _unanswered(person)]
        total += len(waiting)
        codes = dict(
            AnswerCode.objects.filter(user=person, page__run__in=waiting)
            .order_by("made_at")
            .values_list("page__run", "code")
        )
        tickets = Ticket.objects.filter(runs__in=waiting).values_list("runs__pk", "number", "subject")
        lines += [
            f"{codes.get(run, f'T-{number}')}: T-{number} {subject[:60]}" for run, number, subject in tickets.order_by()
        ]
    if not total:
        return "Nothing waits for an answer from you."
    more = [f"and {total - LISTED} more"] if total > LISTED else []
    opening = "1 escalation waits" if total == 1 else f"{total} escalations wait"
    return "\n".join([f"{opening} for you.", *lines[:LISTED], *more, HOW])
