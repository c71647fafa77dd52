"""Reading reviews: lists, one review with its parts, corrective actions, shared versions."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_staff
from tocsin.domain.reviews import links, rules
from tocsin.domain.reviews.enums import ActionState, Bone
from tocsin.domain.reviews.logic import causes
from tocsin.domain.reviews.logic.wording import Hint, hints
from tocsin.domain.reviews.models import (
    CauseNode,
    CorrectiveAction,
    Moment,
    Review,
    Setting,
    Share,
    StartRule,
)
from tocsin.domain.reviews.wordlists import blameless
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.queries import visible_to
from tocsin.kernel.errors import NotFound

PAGE = 200
NO_SUCH = "There is no such review, or you may not see it."


def _visible(user: User) -> QuerySet[Review]:
    """Return the reviews all of whose tickets this person sees."""
    if not rules.may_see_reviews.test(user):
        return Review.objects.none()
    if is_staff.test(user):
        return Review.objects.all()
    return Review.objects.exclude(escalations__ticket__in=Ticket.objects.exclude(pk__in=visible_to(user)))


def access_review(user: User, number: int) -> Review:
    """Return a review. Raises NotFound if absent or not for this person."""
    found = _visible(user).select_related("facilitator").filter(number=number).first()
    if found is None:
        raise NotFound("review_not_found", NO_SUCH)
    return found


def reviews(user: User, *, which: str = "", text: str = "", mine: bool = False) -> QuerySet[Review]:
    """Return reviews with counts of their actions. `which`: a state, "all", otherwise those not signed off."""
    found = _visible(user).select_related("facilitator")
    if which and which != "all":
        found = found.filter(state=which)
    elif which != "all":
        found = found.exclude(state="signed_off")
    if mine:
        found = found.filter(Q(facilitator=user) | Q(participants=user))
    for word in text.split()[:8]:
        about = Q(title__icontains=word) | Q(summary__icontains=word)
        number = word.upper().removeprefix("R-")
        found = found.filter(about | Q(number=int(number)) if number.isascii() and number.isdigit() and len(number) < 16
                             else about)  # fmt: skip
    return found.annotate(
        open_actions=Count("actions", filter=Q(actions__state=ActionState.OPEN), distinct=True),
        all_actions=Count("actions", distinct=True),
    )


def state_counts(user: User) -> dict[str, int]:
    return dict(_visible(user).order_by().values_list("state").annotate(n=Count("pk")))


def reviews_of_ticket(user: User, ticket_id: UUID) -> list[Review]:
    """Return the reviews of a ticket's escalations, the latest first."""
    return list(_visible(user).filter(escalations__ticket=ticket_id).distinct().order_by("-opened_at"))


def review_for(escalation_id: UUID) -> Review | None:
    """Return the review that an escalation has already, for machines."""
    return Review.objects.filter(escalations=escalation_id).order_by("opened_at").first()


def moments_of(review: Review) -> list[Moment]:
    return list(review.moments.all())


def nodes_of(review: Review) -> list[causes.Node]:
    """Return the tree's nodes as plain values."""
    return [
        causes.Node(
            id=one.pk, parent=one.parent_id, order=one.order, text=one.text, bone=one.bone, contributing=one.contributing,
            evidence=one.evidence,
        )
        for one in review.causes.all()
    ]  # fmt: skip


def causes_of(review: Review) -> list[causes.Placed]:
    """Return the tree in reading order."""
    return causes.in_order(nodes_of(review))


def fishbone_of(review: Review) -> list[tuple[str, str, list[causes.Node]]]:
    """Return (category, its name, its causes), empty categories too."""
    return [(bone, str(Bone(bone).label), found) for bone, found in causes.fishbone(nodes_of(review), Bone.values)]


def actions_of(review: Review) -> list[CorrectiveAction]:
    rows = review.actions.select_related("owner", "cause", "measure__problem", "article", "ended_by")
    return sorted(rows, key=lambda one: (one.state != ActionState.OPEN, one.due_on, one.made_at))


def actions_where(
    user: User, *, today: date, which: str = "", owner: User | None = None, kind: str = ""
) -> QuerySet[CorrectiveAction]:
    """Return corrective actions. `which`: overdue, done, dropped, all, otherwise open ones; the next due first."""
    found = CorrectiveAction.objects.filter(review__in=_visible(user)).select_related("review", "owner")
    if which == "overdue":
        found = found.filter(state=ActionState.OPEN, due_on__lt=today)
    elif which in ActionState.values:
        found = found.filter(state=which)
    elif which != "all":
        found = found.filter(state=ActionState.OPEN)
    if owner is not None:
        found = found.filter(owner=owner)
    if kind:
        found = found.filter(kind=kind)
    return found.order_by("due_on", "made_at")


def action_counts(user: User, *, today: date) -> dict[str, int]:
    """Return how many are open, overdue, done."""
    rows = CorrectiveAction.objects.filter(review__in=_visible(user))
    return dict(
        rows.aggregate(
            open=Count("pk", filter=Q(state=ActionState.OPEN)),
            overdue=Count("pk", filter=Q(state=ActionState.OPEN, due_on__lt=today)),
            done=Count("pk", filter=Q(state=ActionState.DONE)),
        )
    )


def overdue_count(user: User, today: date) -> int:
    """Return how many of a person's own actions are overdue."""
    return CorrectiveAction.objects.filter(owner=user, state=ActionState.OPEN, due_on__lt=today).count()


def access_action(review: Review, action_id: UUID) -> CorrectiveAction:
    """Return a corrective action of a review. Raises NotFound."""
    found = CorrectiveAction.objects.select_related("owner", "review").filter(review=review, pk=action_id).first()
    if found is None:
        raise NotFound("action_not_found", "There is no such corrective action.")
    return found


def access_moment(review: Review, moment_id: UUID) -> Moment:
    """Return a moment of a review. Raises NotFound."""
    found = Moment.objects.filter(review=review, pk=moment_id).first()
    if found is None:
        raise NotFound("moment_not_found", "There is no such moment.")
    return found


def access_cause(review: Review, cause_id: UUID) -> CauseNode:
    """Return a node of a review's tree. Raises NotFound."""
    found = CauseNode.objects.filter(review=review, pk=cause_id).first()
    if found is None:
        raise NotFound("cause_not_found", "There is no such cause.")
    return found


def hints_on(review: Review, language: str) -> list[Hint]:
    """Return the hints on what people wrote in a review."""
    texts = [("Summary", review.summary), ("Notes", review.notes)]
    texts += [("Timeline", one.text) for one in review.moments.all() if one.picked and not one.position]
    texts += [("Causes", one.text) for one in review.causes.all()]
    texts += [("Actions", one.title) for one in review.actions.all()]
    return hints(texts, blameless(language))


def rules_of_starting() -> Sequence[StartRule]:
    return list(StartRule.objects.all())


def setting() -> Setting:
    """Return the settings, the usual ones where nobody has changed any."""
    return Setting.objects.filter(pk=1).first() or Setting()


def shares_of(review: Review) -> list[Share]:
    return list(review.shares.select_related("made_by").order_by("-made_at"))


def access_share(review: Review, share_id: UUID) -> Share:
    """Return a shared version of a review. Raises NotFound."""
    found = Share.objects.filter(review=review, pk=share_id).first()
    if found is None:
        raise NotFound("share_not_found", "There is no such shared version.")
    return found


def opened_share(token: str, now: datetime) -> Share:
    """Return what a signed link shows. Raises NotFound: link_invalid, link_expired or link_revoked."""
    found = Share.objects.select_related("review").filter(pk=links.read_share(token, now=now)).first()
    if found is None or found.revoked_at is not None:
        raise NotFound("link_revoked", "This review is not shared any more.")
    return found


def next_action_due() -> datetime | None:
    """Return when the engine looks at the next corrective action (UTC), or None."""
    rows = CorrectiveAction.objects.filter(next_at__isnull=False).order_by("next_at")
    return rows.values_list("next_at", flat=True).first()


def next_draft_due() -> datetime | None:
    """Return since when the oldest review waits to be drafted (UTC), or None."""
    rows = Review.objects.filter(draft_due_at__isnull=False).order_by("draft_due_at")
    return rows.values_list("draft_due_at", flat=True).first()
