"""From rows to what is answered."""

from collections.abc import Sequence
from uuid import UUID

from tocsin.api.schemas import escalations as said
from tocsin.api.schemas import house
from tocsin.api.schemas import tickets as schema
from tocsin.api.schemas.given import OrganisationName, Person, ServiceName, TeamName
from tocsin.domain.escalation.models import DeEscalation, Escalation
from tocsin.domain.escalation.views import Ladder
from tocsin.domain.oncall.models import Override, Schedule
from tocsin.domain.people.models import Organisation, Service, Team, User
from tocsin.domain.sla.queries import ClockFace
from tocsin.domain.tickets.models import Handover, Message, Ticket
from tocsin.domain.tickets.queries import TimelineItem


def person(row: User | None) -> Person | None:
    return None if row is None else Person(id=row.pk, name=row.name)


def known_person(row: User) -> Person:
    return Person(id=row.pk, name=row.name)


def team_name(row: Team | None) -> TeamName | None:
    return None if row is None else TeamName(slug=row.slug, name=row.name, line=row.line)


def service_name(row: Service | None) -> ServiceName | None:
    return None if row is None else ServiceName(slug=row.slug, name=row.name)


def organisation_name(row: Organisation | None) -> OrganisationName | None:
    return None if row is None else OrganisationName(id=row.pk, name=row.name)


def ticket(row: Ticket, *, internal: bool, tags: Sequence[str] = ()) -> schema.Ticket:
    """Return a ticket; `internal`: with what customers do not see."""
    return schema.Ticket(
        number=row.number, id=row.pk, reference=row.reference, subject=row.subject, description=row.description,
        status=row.status, priority=row.priority, impact=row.impact, urgency=row.urgency, category=row.category,
        channel=row.channel, requester=person(row.requester), organisation=organisation_name(row.organisation),
        service=service_name(row.service), owner=person(row.owner), opened_at=row.opened_at, updated_at=row.updated_at,
        resolved_at=row.resolved_at, closed_at=row.closed_at, reopens=row.reopens,
        internal=_internal(row, tags) if internal else None,
    )  # fmt: skip


def _internal(row: Ticket, tags: Sequence[str]) -> schema.Internal:
    return schema.Internal(
        team=team_name(row.team), configuration_item=row.configuration_item, handovers=row.handovers,
        ping_pongs=row.ping_pongs, unassigned_since=row.unassigned_since, last_public_reply_at=row.last_public_reply_at,
        last_customer_message_at=row.last_customer_message_at, external_source=row.external_source,
        external_ref=row.external_ref, tags=list(tags),
    )  # fmt: skip


def message(row: Message) -> schema.Message:
    return schema.Message(id=row.pk, kind=row.kind, author=person(row.author), body=row.body, at=row.at, via=row.via)


def happened(item: TimelineItem) -> schema.Happened:
    return schema.Happened(
        position=item.position, at=item.at, kind=item.kind, actor=item.actor, actor_name=item.actor_name,
        data=dict(item.data), message=message(item.message) if item.message is not None else None,
    )  # fmt: skip


def clock(face: ClockFace) -> schema.Clock:
    return schema.Clock(
        id=face.clock_id, kind=face.kind, label=face.label, state=face.state, due_at=face.due_at,
        remaining_seconds=face.remaining, consumed=face.consumed, paused=face.paused,
    )  # fmt: skip


def linked(label: str, other: Ticket) -> schema.Linked:
    return schema.Linked(
        label=label, number=other.number, reference=other.reference, subject=other.subject, status=other.status
    )


def handover(row: Handover, number: int) -> schema.Handover:
    return schema.Handover(
        id=row.pk, ticket=number, from_user=person(row.from_user), to_user=person(row.to_user),
        to_team=team_name(row.to_team), brief=row.brief, state=row.state, offered_at=row.offered_at,
        expires_at=row.expires_at, answered_at=row.answered_at, answer=row.answer,
    )  # fmt: skip


def escalation(row: Escalation) -> said.Escalation:
    run = row.run
    return said.Escalation(
        id=row.pk, ticket=row.ticket.number, policy=row.policy.slug, policy_name=row.policy.name,
        version=run.version.number, type=row.type, reason=row.reason, reason_text=row.reason_text,
        direction=row.direction, trigger=row.trigger, state=row.state, run_status=run.status, cycle=run.cycle,
        level=run.level, due_at=run.due_at, tried=row.tried, impact=row.impact, wanted=row.wanted,
        owner=person(row.owner), opened_at=row.opened_at, closed_at=row.closed_at, outcome=row.outcome,
    )  # fmt: skip


def ladder(row: Ladder) -> said.Ladder:
    steps = [
        said.Step(
            number=step.number, name=step.name, state=step.state, fires_at=step.fires_at, fired_at=step.fired_at,
            people=list(step.people), note=step.note,
        )
        for step in row.steps
    ]  # fmt: skip
    return said.Ladder(
        escalation=row.escalation_id, policy=row.policy_slug, policy_name=row.policy_name, version=row.version,
        state=row.state, run_status=row.status, cycle=row.cycle, opened_at=row.opened_at, next_at=row.next_at,
        next_what=row.next_what, acknowledged_by=row.acknowledger, steps=steps, may=list(row.may),
    )  # fmt: skip


def de_escalation(row: DeEscalation, escalation_id: UUID) -> said.DeEscalation:
    return said.DeEscalation(
        id=row.pk, escalation=escalation_id, acceptor=known_person(row.acceptor), reason=row.reason, state=row.state,
        offered_at=row.offered_at, answered_at=row.answered_at,
    )  # fmt: skip


def full_person(row: User) -> house.FullPerson:
    return house.FullPerson(
        id=row.pk, name=row.name, email=row.email, role=row.role, organisation=organisation_name(row.organisation),
        manager=person(row.manager), zone=row.zone, language=row.language, is_active=row.is_active,
    )  # fmt: skip


def team(row: Team) -> house.Team:
    return house.Team(
        slug=row.slug, name=row.name, line=row.line, lead=person(row.lead),
        escalation_manager=person(row.escalation_manager), escalates_to=row.escalates_to.slug if row.escalates_to else None,
    )  # fmt: skip


def organisation(row: Organisation) -> house.Organisation:
    return house.Organisation(
        id=row.pk, name=row.name, zone=row.zone, account_manager=person(row.account_manager),
        external_ref=row.external_ref, members_see_all=row.members_see_all,
    )  # fmt: skip


def schedule(row: Schedule) -> house.Schedule:
    return house.Schedule(slug=row.slug, name=row.name, zone=row.zone, team=team_name(row.team))


def override(row: Override, slug: str) -> house.Override:
    return house.Override(
        id=row.pk, schedule=slug, person=known_person(row.person), instead_of=person(row.instead_of), layer=row.layer,
        starts_at=row.starts_at, ends_at=row.ends_at, reason=row.reason, made_by=person(row.made_by),
    )  # fmt: skip
