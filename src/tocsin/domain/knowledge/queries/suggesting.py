"""What may help with a ticket: articles, similar tickets that were resolved, what is down now, who solved such tickets.

Words first (BM25 over the telling words of the text), then what is known of each thing: the ticket's own service, how
often it was used, whether its suggestions were taken up. Each says why it is shown.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tocsin.domain.knowledge.enums import Kind, Suggested
from tocsin.domain.knowledge.logic.ranking import Evidence, rank, solvers
from tocsin.domain.knowledge.models import Article, Verdict
from tocsin.domain.knowledge.queries.articles import KIND, in_order
from tocsin.domain.people.models import Team, User
from tocsin.domain.search.queries import Hit, Telling, alike, telling
from tocsin.domain.tickets.enums import MessageKind, Status
from tocsin.domain.tickets.models import Message, Ticket
from tocsin.domain.tickets.queries import visible_to
from tocsin.domain.tickets.searching import KIND as TICKET

SHOWN = 5
LOOKED_AT = 25  # hits that are ranked again by what is known of them
WIDE_SPREAD = 3  # open tickets of one service, linked to one of them, that make it an outage
SHORTEST = 8  # characters


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing that may help. Exactly one of `article` and `ticket` is there."""

    why: str
    article: Article | None = None
    ticket: Ticket | None = None
    resolution: str = ""  # of a ticket: what its owner last told the customer
    accepted: bool | None = None  # what was said of it on this ticket; None: nothing yet

    @property
    def kind(self) -> str:
        return Suggested.ARTICLE if self.article is not None else Suggested.TICKET

    @property
    def object_id(self) -> UUID:
        """The id of what is suggested."""
        found = self.article or self.ticket
        return found.pk if found is not None else UUID(int=0)


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody, or a team, that solved such tickets."""

    name: str
    solved: int
    person: User | None = None


@dataclass(frozen=True, slots=True)
class Suggestions:
    """All that may help, best first."""

    articles: list[Suggestion]
    tickets: list[Suggestion]
    outages: list[Suggestion]  # open now, grave, of the same service
    people: list[Who]
    team: str = ""  # the team that solved most of them, if it is another than the ticket's

    @property
    def nothing(self) -> bool:
        return not (self.articles or self.tickets or self.outages or self.people)


def suggest(user: User, *, text: str, service: UUID | None = None, ticket: Ticket | None = None) -> Suggestions:
    """Return what may help with a text, or with a ticket as it reads now. A constant number of queries."""
    if len(text.strip()) < SHORTEST:
        return Suggestions([], [], [], [])
    words = telling(text)
    found = alike(words, kinds=[KIND], readers=["staff"], internal=True, limit=LOOKED_AT)
    known = _verdicts(found)
    said = _said(ticket)
    articles = _articles(user, found, service, known, said)
    similar, resolved = similar_tickets(user, text=words, service=service, ticket=ticket, said=said)
    return Suggestions(articles, similar, _outages(user, service, ticket, said), *_people(resolved, ticket))


def _articles(
    user: User, hits: Sequence[Hit], service: UUID | None, known: "_Known", said: dict[UUID, bool]
) -> list[Suggestion]:
    scores = {hit.object_id: hit.score for hit in hits}
    best = max(scores.values(), default=0.0)
    rows = []
    for article in in_order(user, list(scores)):
        same = service is not None and article.service_id == service
        evidence = Evidence(
            scores[article.pk],
            same,
            article.uses + article.helpful,
            known.accepted[article.pk],
            known.rejected[article.pk],
        )
        rows.append((rank(evidence, best), article, same))
    rows.sort(key=lambda row: -row[0])
    kept = [row for row in rows if said.get(row[1].pk) is not False][:SHOWN]
    return [
        Suggestion(_why_article(article, same), article=article, accepted=said.get(article.pk))
        for _, article, same in kept
    ]


def _why_article(article: Article, same: bool) -> str:
    reasons = ["the words are alike"]
    reasons += ["same service"] if same else []
    reasons += [f"used on {article.uses} tickets"] if article.uses > 1 else []
    reasons += ["known error"] if article.kind == Kind.KNOWN_ERROR else []
    return ", ".join(reasons)


def similar_tickets(
    user: User,
    *,
    text: str | Telling,
    service: UUID | None = None,
    ticket: Ticket | None = None,
    said: dict[UUID, bool] | None = None,
) -> tuple[list[Suggestion], list[Ticket]]:
    """Return (what to show, all that were looked at): tickets that were resolved and read alike, best first."""
    said = said if said is not None else {}
    hits = alike(text, kinds=[TICKET], readers=["staff"], labels=[["status:ended"]], internal=True, limit=LOOKED_AT + 1)
    scores = {hit.object_id: hit.score for hit in hits if ticket is None or hit.object_id != ticket.pk}
    best = max(scores.values(), default=0.0)
    known = _verdicts(hits)
    found = visible_to(user).select_related("service", "owner", "team").in_bulk(list(scores))
    rows = []
    for pk, other in found.items():
        same = service is not None and other.service_id == service
        rows.append((rank(Evidence(scores[pk], same, 0, known.accepted[pk], known.rejected[pk]), best), other, same))
    rows.sort(key=lambda row: -row[0])
    kept = [row for row in rows if said.get(row[1].pk) is not False][:SHOWN]
    told = _resolutions([other.pk for _, other, _ in kept])
    shown = [
        Suggestion(
            "the words are alike" + (", same service" if same else ""), ticket=other, resolution=told.get(other.pk, ""),
            accepted=said.get(other.pk),
        )
        for _, other, same in kept
    ]  # fmt: skip
    return shown, [other for _, other, _ in rows]


def _resolutions(ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the last public reply on each: what its owner told the customer at the end."""
    last = Message.objects.filter(ticket__in=ids, kind=MessageKind.REPLY).order_by("ticket", "-at").distinct("ticket")
    return {message.ticket_id: message.body[:600] for message in last}


def _outages(user: User, service: UUID | None, ticket: Ticket | None, said: dict[UUID, bool]) -> list[Suggestion]:
    """Return open grave tickets of the service: what is probably the same trouble."""
    if service is None:
        return []
    grave = (
        visible_to(user).filter(service=service, priority__lte=2).exclude(status__in=[Status.RESOLVED, Status.CLOSED])
    )
    if ticket is not None:
        grave = grave.exclude(pk=ticket.pk)
    turned_down = [pk for pk, accepted in said.items() if not accepted]
    rows = grave.exclude(pk__in=turned_down).select_related("owner", "service").order_by("priority", "-opened_at")
    return [
        Suggestion(f"same service, Sev{one.priority}", ticket=one, accepted=said.get(one.pk))
        for one in rows[:WIDE_SPREAD]
    ]


def _people(resolved: Sequence[Ticket], ticket: Ticket | None) -> tuple[list[Who], str]:
    owners = {str(one.owner.pk): one.owner for one in resolved if one.owner is not None and one.owner.is_active}
    ranked = solvers([str(one.owner_id) for one in resolved if str(one.owner_id) in owners])
    people = [Who(owners[one.key].name, one.solved, owners[one.key]) for one in ranked[:3]]
    teams: Counter[Team] = Counter(one.team for one in resolved if one.team is not None)
    most = teams.most_common(1)
    own = ticket.team_id if ticket is not None else None
    return people, most[0][0].name if most and most[0][1] > 1 and most[0][0].pk != own else ""


@dataclass(frozen=True, slots=True)
class _Known:
    accepted: Counter[UUID]
    rejected: Counter[UUID]


def _verdicts(hits: Sequence[Hit]) -> _Known:
    known = _Known(Counter(), Counter())
    rows = Verdict.objects.filter(object_id__in=[hit.object_id for hit in hits]).values_list("object_id", "accepted")
    for object_id, accepted in rows:
        (known.accepted if accepted else known.rejected)[object_id] += 1
    return known


def _said(ticket: Ticket | None) -> dict[UUID, bool]:
    """Return what was said of suggestions on this ticket already."""
    if ticket is None:
        return {}
    return dict(Verdict.objects.filter(ticket=ticket).values_list("object_id", "accepted"))
