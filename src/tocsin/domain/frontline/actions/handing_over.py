"""Shift handover: every open promise is offered at once, by the tickets' own handovers (SEMANTICS 6).

There is no second way of owning: each ticket in a bundle is a handover offer of its own, and what is not accepted stays
with its owner. The bundle keeps them together, so that the next one answers them in one act and is told once.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from tocsin.domain.escalation import actions as escalation
from tocsin.domain.frontline import rules
from tocsin.domain.frontline.enums import BundleState, ItemState
from tocsin.domain.frontline.logic.shift import summary
from tocsin.domain.frontline.models import Bundle, BundleItem
from tocsin.domain.frontline.queries.promises import Held
from tocsin.domain.journal.actions import record
from tocsin.domain.notify.actions import PageRequest, enqueue
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.people.models import Team, User
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.actions.recording import text
from tocsin.domain.tickets.enums import HandoverState
from tocsin.domain.tickets.models import Handover
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound, TocsinError
from tocsin.kernel.ids import new_id

LONGEST = timedelta(hours=24)
USUAL = timedelta(hours=2)


@transaction.atomic
def offer_bundle(
    *, held: Sequence[Held], to_user: User, by: User, now: datetime, giver: User | None = None, team: Team | None = None,
    note: str = "", expires_in: timedelta = USUAL,
) -> Bundle:  # fmt: skip
    """Offer these promises of `giver`, or of `team`, to the next one. Nothing moves before it is accepted.

    A ticket that cannot be offered (offered already, hop budget used up) is kept in the bundle with the reason; it
    stays where it is. Raises InvalidInput if nothing can be offered, NotAllowed for others' promises.
    """
    _check(giver, team, by, to_user, expires_in)
    if not held:
        problem = "Tick at least one promise to hand over."
        raise InvalidInput("nothing_held", problem, {"ticket": problem})
    bundle = Bundle.objects.create(
        id=new_id(), giver=giver, team=team, made_by=by, to_user=to_user, offered_at=now, expires_at=now + expires_in,
        note=text("note", note, limit=5_000),
    )  # fmt: skip
    # In order of ticket, which is the order in which all who lock several journal streams lock them.
    items = [_item(bundle, one, by, now, expires_in) for one in sorted(held, key=lambda one: one.ticket.pk)]
    BundleItem.objects.bulk_create(items)
    offered = [one for one in items if one.state == ItemState.OFFERED]
    if not offered:
        raise InvalidInput("nothing_offered", f"None of it can be offered. {items[0].why}", {"ticket": items[0].why})
    _journal(bundle, "shift.offered", f"person:{by.pk}", now, offered=len(offered), kept=len(items) - len(offered))
    lines = [f"{one.ticket.reference} {one.ticket.subject}" for one in sorted(offered, key=_first_due)]
    word = f"{bundle.note}\n\n" if bundle.note else ""
    _tell(
        bundle, to_user, f"Shift handover from {bundle.source}: {len(offered)} open promises",
        f"{word}Until you accept they stay where they are.\n\n" + "\n".join(lines), now,
    )  # fmt: skip
    return bundle


def _check(giver: User | None, team: Team | None, by: User, to_user: User, expires_in: timedelta) -> None:
    if (giver is None) == (team is None):
        raise InvalidInput("no_giver", "Say whose promises are handed over: one person's or one team's.")
    allowed = rules.may_hand_over_for.test(by, giver) if giver is not None else rules.may_hand_over_team.test(by, team)
    if not allowed:
        raise NotAllowed(
            "not_allowed", "You hand over your own promises; those of others are handed over by their lead."
        )
    if to_user == giver:
        problem = "They have these promises already. Choose somebody else."
        raise InvalidInput("owns_already", problem, {"to_user": problem})
    if not timedelta() < expires_in <= LONGEST:
        problem = "A shift handover stands for at most 24 hours."
        raise InvalidInput("bad_expiry", problem, {"expires_in": problem})


def _item(bundle: Bundle, one: Held, by: User, now: datetime, expires_in: timedelta) -> BundleItem:
    item = BundleItem(
        bundle=bundle, ticket=one.ticket, run=one.run, brief=one.brief, due_at=one.due_at,
        promises=[{"what": p.what, "due_at": p.due_at.isoformat() if p.due_at else None} for p in one.promises],
    )  # fmt: skip
    if not one.owned:
        return item
    if one.ticket.owner_id == bundle.to_user_id:
        item.state, item.why = ItemState.KEPT, f"{bundle.to_user.name} owns it already."
        return item
    try:
        item.handover = tickets.offer_handover(
            ticket_id=one.ticket.pk, to_user=bundle.to_user, brief=one.brief, by=by, now=now, expires_in=expires_in,
            bundled=True,
        )  # fmt: skip
    except (Conflict, NotAllowed, InvalidInput) as error:
        item.state, item.why = ItemState.KEPT, error.message[:300]
    return item


@transaction.atomic
def answer_bundle(
    *, bundle_id: UUID, by: User, now: datetime, take: Collection[int] | None = None, word: str = ""
) -> tuple[Bundle, str]:
    """Take over all of it (`take` None) or the items with these ids; the rest stays. Returns it and what came of it.

    Answering once more changes nothing. Raises NotAllowed for others than the one it is offered to, Conflict when it
    was taken back or has run out.
    """
    bundle = _locked(bundle_id)
    if not rules.may_answer_bundle.test(by, bundle):
        raise NotAllowed("not_addressed", f"This is offered to {bundle.to_user.name}. Only they can answer it.")
    items = list(BundleItem.objects.filter(bundle=bundle).select_related("ticket", "run").order_by("ticket"))
    if bundle.state == BundleState.ANSWERED:
        return bundle, _sum_up(items)
    _check_open(bundle, now)
    answer = text("word", word, limit=5_000)
    for item in items:
        if item.state == ItemState.OFFERED:
            _settle(item, by, now, take=take is None or item.pk in take, word=answer)
    bundle.state, bundle.answered_at = BundleState.ANSWERED, now
    bundle.save(update_fields=["state", "answered_at"])
    said = _sum_up(items)
    taken = sum(one.state == ItemState.TAKEN for one in items)
    _journal(bundle, "shift.answered", f"person:{by.pk}", now, taken=taken, kept=len(items) - taken)
    stays = [f"{one.ticket.reference} {one.ticket.subject}: {one.why}" for one in items if one.state == ItemState.KEPT]
    _tell_giver(bundle, by, f"{by.name} answered your shift handover: {said}", "\n".join([answer, *stays]).strip(), now)
    return bundle, said


def _settle(item: BundleItem, by: User, now: datetime, *, take: bool, word: str) -> None:
    """Take one item over, or leave it. What has moved on meanwhile stays where it is, with the reason."""
    try:
        with transaction.atomic():
            if item.handover_id is not None:
                said = word if take else word or "not taken over at the shift handover"
                tickets.answer_handover(handover_id=item.handover_id, accept=take, answer=said, by=by, now=now)
            if take and item.run is not None:
                escalation.acknowledge(run_id=item.run.pk, by=by, now=now, via="shift handover")
        item.state, item.why = (ItemState.TAKEN, "") if take else (ItemState.KEPT, "not taken over")
    except TocsinError as error:
        item.state, item.why = ItemState.KEPT, error.message[:300]
    item.save(update_fields=["state", "why"])


@transaction.atomic
def withdraw_bundle(*, bundle_id: UUID, by: User, now: datetime) -> Bundle:
    """Take it back, by who gave it or those who direct; nothing has moved. Twice changes nothing."""
    bundle = _locked(bundle_id)
    if not rules.may_withdraw_bundle.test(by, bundle):
        raise NotAllowed("not_allowed", "Only those who offered it, or a lead, can take it back.")
    if bundle.state == BundleState.WITHDRAWN:
        return bundle
    _check_open(bundle, now)
    offers = Handover.objects.filter(bundle_item__bundle=bundle, state=HandoverState.OFFERED).order_by("ticket")
    for offer in offers:
        tickets.withdraw_handover(handover_id=offer.pk, by=None, actor=f"person:{by.pk}", now=now)
    _end(bundle, BundleState.WITHDRAWN, now, f"person:{by.pk}")
    return bundle


@transaction.atomic
def expire_bundles(*, now: datetime, limit: int) -> int:
    """End up to `limit` shift handovers that nobody answered in time; their givers are told. Returns how many.

    The tickets' own offers run out by themselves at the same instant. Rows that another worker holds are passed over.
    """
    due = Bundle.objects.filter(state=BundleState.OFFERED, expires_at__lte=now).order_by("expires_at")
    rows = list(due.select_for_update(of=("self",), skip_locked=True)[:limit])
    for bundle in rows:
        _end(bundle, BundleState.EXPIRED, now, "engine")
        many = bundle.items.filter(state=ItemState.KEPT).count()
        body = f"{bundle.to_user.name} did not answer in time. {many} promises stay where they are."
        _tell_giver(bundle, None, "Your shift handover has run out", body, now)
    return len(rows)


def _end(bundle: Bundle, state: BundleState, now: datetime, actor: str) -> None:
    bundle.state, bundle.answered_at = state, now
    bundle.save(update_fields=["state", "answered_at"])
    word = "taken back" if state == BundleState.WITHDRAWN else "not answered in time"
    open_items = bundle.items.filter(state=ItemState.OFFERED)
    # One ticket of it may have been accepted on its own page.
    accepted = open_items.filter(handover__state=HandoverState.ACCEPTED)
    BundleItem.objects.filter(pk__in=list(accepted.values_list("pk", flat=True))).update(state=ItemState.TAKEN)
    bundle.items.filter(state=ItemState.OFFERED).update(state=ItemState.KEPT, why=word)
    _journal(bundle, f"shift.{state}", actor, now)


def _locked(bundle_id: UUID) -> Bundle:
    found = Bundle.objects.select_for_update(of=("self",)).filter(pk=bundle_id).first()
    if found is None:
        raise NotFound("bundle_not_found", "There is no such shift handover, or you may not see it.")
    return found


def _check_open(bundle: Bundle, now: datetime) -> None:
    if bundle.state != BundleState.OFFERED:
        message = f"This shift handover is {bundle.get_state_display().lower()} already. Nothing was changed."
        raise Conflict("bundle_ended", message)
    if bundle.expires_at <= now:
        raise Conflict("bundle_expired", "This shift handover has run out. Ask for a new one.")


def _sum_up(items: Sequence[BundleItem]) -> str:
    taken = sum(one.state == ItemState.TAKEN for one in items)
    return summary(taken, len(items) - taken)


def _first_due(item: BundleItem) -> tuple[bool, str]:
    return item.due_at is None, item.due_at.isoformat() if item.due_at else ""


def _journal(bundle: Bundle, kind: str, actor: str, now: datetime, **data: object) -> None:
    told = {
        "to": str(bundle.to_user_id), "giver": str(bundle.giver_id or ""), "team": str(bundle.team_id or ""), **data,
    }  # fmt: skip
    record(stream=f"shift:{bundle.pk}", kind=kind, actor=actor, at=now, data=told)


def _tell(bundle: Bundle, user: User, subject: str, body: str, now: datetime) -> None:
    page = PageRequest(
        user_id=user.pk, purpose="notice", urgency=Urgency.NORMAL, subject=subject[:300], body=body,
        data={"shift_handover": str(bundle.pk)},
    )  # fmt: skip
    enqueue(pages=[page], now=now)


def _tell_giver(bundle: Bundle, by: User | None, subject: str, body: str, now: datetime) -> None:
    people = {one.pk: one for one in (bundle.giver, bundle.made_by) if one is not None and one != by}
    for person in people.values():
        _tell(bundle, person, subject, body, now)
