"""When an escalation ends: its closing waits to be filled in, and a rule may start its review (SEMANTICS 8)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.decisions.models import Taken
from tocsin.domain.escalation.enums import EscalationState
from tocsin.domain.escalation.events import EscalationEnded
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.journal.actions import Fact, record_many
from tocsin.domain.journal.publish import publish
from tocsin.domain.knowledge.models import Article, Use
from tocsin.domain.people.models import User
from tocsin.domain.problems import actions as problems
from tocsin.domain.problems.actions.recording import demand, text
from tocsin.domain.reviews import rules
from tocsin.domain.reviews.actions.opening import begin
from tocsin.domain.reviews.actions.recording import WRITERS, chosen
from tocsin.domain.reviews.enums import AvoidableBy
from tocsin.domain.reviews.events import EscalationExplained
from tocsin.domain.reviews.logic.starting import Rule, first_match
from tocsin.domain.reviews.models import CauseCategory, Closing, Review, StartRule
from tocsin.domain.reviews.queries import category_names
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.events import TicketRated
from tocsin.domain.tickets.models import Message, Ticket
from tocsin.kernel.errors import InvalidInput, NotFound

LONGEST = 5_000


def on_escalation_ended(event: EscalationEnded) -> None:
    """Keep a closing to be filled in, and start a review where a rule says so.

    Escalations that others called are part of those; tests and refused ones (nobody was called) leave nothing.
    """
    found = Escalation.objects.select_related("ticket").get(pk=event.escalation_id)
    if found.parent_id is not None or found.ticket.is_drill or event.state == EscalationState.REFUSED:
        return
    Closing.objects.update_or_create(escalation=found, defaults={"ended_at": event.at})
    _start(found, event.at, rating=None)


def on_ticket_rated(event: TicketRated) -> None:
    """Start the review of a ticket's last escalation where a rule says that so low a rating asks for one."""
    rows = Escalation.objects.filter(ticket=event.ticket_id, closed_at__isnull=False, parent__isnull=True)
    found = rows.select_related("ticket").order_by("-closed_at").first()
    if found is not None and not found.ticket.is_drill:
        _start(found, event.at, rating=event.score)


def _start(found: Escalation, now: datetime, *, rating: int | None) -> None:
    offered = [
        Rule(
            name=one.name, types=one.types, least_severity=one.least_severity, share=one.share,
            rating_at_most=one.rating_at_most,
        )
        for one in StartRule.objects.filter(enabled=True)
    ]  # fmt: skip
    rule = first_match(offered, escalation=found.pk, kind=found.type, severity=found.ticket.priority, rating=rating)
    if rule is not None and not Review.objects.filter(escalations=found).exists():
        begin(escalations=[found], title="", why=rule.name, by=None, now=now)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a closing is prefilled with."""

    done: str
    article: Article | None


def suggestion(closing: Closing) -> Suggestion:
    """Return what was done as far as the journal knows: outcome, who acknowledged, decisions, the last expert's words."""
    found = Escalation.objects.select_related("ticket", "run").get(pk=closing.pk)
    lines = [found.outcome.strip()] if found.outcome.strip() else []
    acknowledger = found.run.state.get("acknowledger") or ""
    if acknowledger:
        name = User.objects.filter(pk=UUID(str(acknowledger))).values_list("name", flat=True).first()
        lines += [f"{name} acknowledged."] if name else []
    since = {"ticket": found.ticket_id, "at__gte": found.opened_at}
    taken = Taken.objects.filter(**since).select_related("decision", "by").order_by("at")
    lines += [f"{one.by.name} decided: {one.decision.name}." for one in taken[:5]]
    last = (
        Message.objects.filter(**since, kind__in=[MessageKind.REPLY, MessageKind.NOTE], author__isnull=False)
        .select_related("author")
        .order_by("-at")
        .first()
    )
    if last is not None and last.author is not None:
        words = " ".join(last.body.split())
        lines.append(f"{last.author.name}: {words[:400]}")
    use = Use.objects.filter(ticket=found.ticket_id).select_related("article").order_by("-pk").first()
    return Suggestion("\n".join(lines), use.article if use else None)


@transaction.atomic
def fill_closing(
    *, escalation_id: UUID, done: str, category: UUID | None, avoidable_by: str, by: User, now: datetime,
    decision_missing: str = "", article: Article | None = None, article_missing: str = "",
) -> Closing:  # fmt: skip
    """Say what an escalation came from and what would have made it unnecessary. May be corrected later.

    Raises NotFound while the escalation is at work, InvalidInput for what is missing.
    """
    demand(by, rules.may_write_reviews, None, WRITERS)
    found = Closing.objects.select_for_update(of=("self",)).filter(pk=escalation_id).first()
    if found is None:
        raise NotFound("closing_not_found", "This escalation is still at work, or there is no such escalation.")
    ticket = Ticket.objects.get(escalations=escalation_id)
    known = CauseCategory.objects.filter(pk=category).first() if category else None
    if known is None:
        raise InvalidInput("required", "Choose the category of cause.", {"category": "Choose what it came from."})
    first = found.filled_at is None
    found.done = text("done", done, LONGEST, required=True)
    found.category = known
    found.avoidable_by = chosen("avoidable_by", avoidable_by, AvoidableBy.values)
    found.decision_missing = text("decision_missing", decision_missing, 300)
    found.article, found.article_missing = article, text("article_missing", article_missing, 300)
    found.filled_at, found.filled_by = now, by
    found.save()
    name = category_names()[known.pk]
    # The detector of repeats keeps at most eighty characters of it.
    problems.note_cause(ticket_id=ticket.pk, category=name[:80], now=now)
    told = {"escalation": str(escalation_id), "category": name, "avoidable_by": found.avoidable_by, "first": first}
    record_many([
        Fact(stream=f"ticket:{ticket.pk}", kind="escalation.explained", at=now, actor=f"person:{by.pk}", data=told)
    ])  # fmt: skip
    publish(EscalationExplained(escalation_id=found.pk, ticket_id=ticket.pk, category=name, at=now))
    return found
