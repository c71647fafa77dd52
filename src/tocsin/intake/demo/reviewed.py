"""Reviews of the demonstration: one finished with its actions, one that waits as a draft, and closings."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from tocsin.domain.escalation.models import Escalation
from tocsin.domain.reviews import actions
from tocsin.domain.reviews.models import CauseCategory, CauseNode, Closing, CorrectiveAction, Review, Share, SignOff
from tocsin.intake.demo.company import Company, read


def create(company: Company, now: datetime) -> None:
    """Close what ended, live one review to its signature, and leave another as a draft."""
    told, people = read("reviewed.yaml"), company.people
    ended = list(
        Escalation.objects.filter(ticket__is_demo=True, ticket__is_drill=False, closed_at__isnull=False, parent=None)
        .select_related("ticket")
        .order_by("-closed_at")
    )
    if len(ended) < 2:
        return
    # Rules have started some by themselves; the two that are shown are lived by hand.
    Review.objects.filter(escalations__ticket__is_demo=True).delete()
    for one, line in zip(ended[1:], told["closings"], strict=False):
        words, category, by, avoidable = line
        actions.fill_closing(
            escalation_id=one.pk, done=words, category=CauseCategory.objects.get(name=category).pk,
            avoidable_by=avoidable, by=people[by], now=now - timedelta(hours=5),
        )  # fmt: skip
    _finished(told["finished"], company, ended[0], now)
    actions.open_review(
        escalation_ids=[ended[1].pk],
        by=people["hana"],
        facilitator=people["hana"],
        now=now - timedelta(hours=3),
        is_demo=True,
    )


def _finished(told: dict[str, Any], company: Company, escalation: Escalation, now: datetime) -> None:
    people, at = company.people, now - timedelta(hours=8)
    lead, expert = people["hana"], people["kai"]
    made = actions.open_review(escalation_ids=[escalation.pk], by=lead, facilitator=lead, now=at, is_demo=True)
    actions.write(
        review_id=made.pk, by=lead, now=at, summary=f"{made.summary}\n\n{told['summary']}", went_well=told["went_well"],
        mitigated_at=escalation.opened_at + (at - escalation.opened_at) / 8,
    )  # fmt: skip
    actions.meet(review_id=made.pk, by=lead, now=at)
    nodes: dict[str, CauseNode] = {}
    for line in told["causes"]:
        above = nodes.get(line.get("below"))
        nodes[line["text"]] = actions.save_cause(
            review_id=made.pk, words=line["text"], by=expert, now=at, bone=line["bone"],
            parent_id=above.pk if above else None, contributing=line.get("contributing", False),
        )  # fmt: skip
    actions.save_notes(review_id=made.pk, notes=told["notes"], by=lead, now=at)
    taken = [
        actions.add_action(
            review_id=made.pk, title=line["title"], kind=line["kind"], effort=line["effort"], owner=people[line["owner"]],
            due_on=(at + timedelta(days=line["days"])).date(), cause=nodes[line["against"]], by=lead, now=at,
        )
        for line in told["actions"]
    ]  # fmt: skip
    actions.finish_meeting(review_id=made.pk, by=lead, now=at)
    actions.sign_off(review_id=made.pk, by=lead, now=at + timedelta(hours=1), word=told["word"])
    actions.end_action(
        review_id=made.pk,
        action_id=taken[0].pk,
        evidence=told["evidence"],
        by=taken[0].owner,
        now=at + timedelta(hours=2),
    )
    # One is late, so that the list shows how that looks; the engine has said so already.
    late = (now - timedelta(days=4)).date()
    CorrectiveAction.objects.filter(pk=taken[-1].pk).update(due_on=late, stage=2, next_at=None)


def remove(people: Any, ticket_ids: list[Any]) -> None:
    """Remove reviews and closings of the demonstration or touched by its people, before its tickets and they go."""
    theirs = Q(is_demo=True) | Q(escalations__ticket__in=ticket_ids) | Q(facilitator__in=people)
    ids = list(Review.objects.filter(theirs).values_list("pk", flat=True).distinct())
    SignOff.objects.filter(Q(review__in=ids) | Q(by__in=people)).delete()
    Share.objects.filter(Q(review__in=ids) | Q(made_by__in=people)).delete()
    CorrectiveAction.objects.filter(Q(review__in=ids) | Q(owner__in=people) | Q(ended_by__in=people)).delete()
    Review.objects.filter(pk__in=ids).delete()
    Closing.objects.filter(Q(escalation__ticket__in=ticket_ids) | Q(filled_by__in=people)).delete()
