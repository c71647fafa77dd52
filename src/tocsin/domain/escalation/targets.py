"""From roles to people: who a level's targets are at the instant it fires, with the evidence (SEMANTICS 1, 4).

A `Directory` is made for one transaction and one instant. It reads what it needs once for all tickets of
a batch, so that opening 500 levels costs a handful of queries, not 500 handfuls.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tocsin.domain.escalation.logic.policy import ROUND_ROBINS, Target, TargetKind
from tocsin.domain.escalation.logic.round_robin import Nobody, passed_words
from tocsin.domain.escalation.models import Setting
from tocsin.domain.escalation.turns import Place, Turns, key_of
from tocsin.domain.escalation.views import PersonEvidence
from tocsin.domain.notify import queries as notify_queries
from tocsin.domain.oncall import queries as oncall_queries
from tocsin.domain.people import queries as people_queries
from tocsin.domain.people.models import Membership, Skill, Team, User
from tocsin.domain.tickets.models import Ticket

type Named = tuple[UUID | None, str]  # whom a role names, and by which words; None: the role is vacant

IN_WORDS = {
    TargetKind.OWNER: "the ticket's owner",
    TargetKind.TEAM_LEAD: "lead of the ticket's team",
    TargetKind.TEAM_MANAGER: "escalation manager of the ticket's team",
    TargetKind.MANAGER_OF_OWNER: "manager of the ticket's owner",
    TargetKind.TICKET_TEAM: "everyone in the ticket's team",
    TargetKind.SERVICE_TEAM: "everyone in the team of the service",
    TargetKind.NEXT_LINE_TEAM: "everyone in the next line's team",
    TargetKind.ROUND_ROBIN_TEAM: "the next in the ticket's team",
    TargetKind.ACCOUNT_MANAGER: "account manager of the customer",
    TargetKind.POLICY_OWNER: "owner of the policy",
    TargetKind.CATCH_ALL: "catch-all of the organisation",
}
BY_NAME_IN_WORDS = {
    TargetKind.USER: "{}",
    TargetKind.TEAM: "everyone in team {}",
    TargetKind.TEAM_LEAD: "lead of team {}",
    TargetKind.TEAM_MANAGER: "escalation manager of team {}",
    TargetKind.SKILL: "everyone who knows {}",
    TargetKind.ON_CALL: "whoever is on call in {}",
    TargetKind.ROUND_ROBIN_SCHEDULE: "the next of those who take turns in {}",
    TargetKind.ROUND_ROBIN_TEAM: "the next in team {}",
}


def in_words(target: Target) -> str:
    """Return a target as a person would say it."""
    return BY_NAME_IN_WORDS[target.kind].format(target.ref) if target.ref else IN_WORDS[target.kind]


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a level's targets came to. `people` are reachable and unique; `evidence` tells every target's story."""

    people: tuple[PersonEvidence, ...]
    evidence: tuple[dict[str, Any], ...]

    @property
    def reason(self) -> str:
        """Why nobody was reached, in words."""
        return "; ".join(f"{e['target']}: {e['why']}" for e in self.evidence if e["why"]) or "the level names nobody."


class Directory:
    """Who holds which role, as of `at`. `tickets` must come with team, service, organisation and owner."""

    def __init__(self, tickets: Sequence[Ticket], at: datetime, turns: Turns | None = None) -> None:
        self.at = at
        self.turns = turns or Turns()
        self._away: dict[UUID, datetime] | None = None
        self._teams = {team.pk: team for team in Team.objects.all()}
        self._teams_by_slug = {team.slug: team for team in self._teams.values()}
        self._users: dict[UUID, User] = {}
        self._members: dict[UUID, tuple[UUID, ...]] = {}
        self._by_email: dict[str, UUID | None] = {}
        self._by_skill: dict[str, tuple[UUID, ...]] = {}
        self._on_call: dict[str, list[Named]] = {}
        self._answerable: dict[UUID, tuple[User | None, tuple[str, ...]]] = {}
        self._reachable: dict[UUID, bool] = {}
        self._catch_all: UUID | None = None
        self._catch_all_known = False
        self._prefetch(tickets)

    def _prefetch(self, tickets: Sequence[Ticket]) -> None:
        owners = {t.owner_id for t in tickets if t.owner_id}
        managers = {t.organisation.account_manager_id for t in tickets if t.organisation}
        self._load_users(owners | {m for m in managers if m})
        self._load_users(m for o in owners if (m := self._users[o].manager_id))
        wanted = {t.team_id for t in tickets if t.team_id} | {t.service.team_id for t in tickets if t.service}
        upward = {team.escalates_to_id for pk in wanted if pk and (team := self._teams.get(pk))}
        self._load_members({pk for pk in wanted | upward if pk})
        everyone = set(self._users) | {m for ids in self._members.values() for m in ids}
        everyone |= {p for t in self._teams.values() for p in (t.lead_id, t.escalation_manager_id) if p}
        self._load_answerable(everyone)

    def _load_users(self, ids: Iterable[UUID]) -> None:
        unknown = set(ids) - self._users.keys()
        if unknown:
            self._users.update(User.objects.in_bulk(list(unknown)))

    def _load_members(self, team_ids: Iterable[UUID]) -> None:
        unknown = set(team_ids) - self._members.keys()
        if not unknown:
            return
        found: dict[UUID, list[UUID]] = defaultdict(list)
        rows = Membership.objects.filter(team_id__in=unknown, user__is_active=True).order_by("user__name", "user_id")
        for team_id, user_id in rows.values_list("team_id", "user_id"):
            found[team_id].append(user_id)
        self._members.update({pk: tuple(found[pk]) for pk in unknown})

    def _load_answerable(self, ids: Iterable[UUID]) -> None:
        unknown = set(ids) - self._answerable.keys()
        if not unknown:
            return
        self._answerable.update(people_queries.answerable_many(unknown, self.at))
        answering = {person.pk for pk in unknown if (person := self._answerable[pk][0])}
        unseen = answering - self._reachable.keys()
        reachable = notify_queries.reachable(unseen)
        self._reachable.update({pk: pk in reachable for pk in unseen})

    def catch_all(self) -> UUID | None:
        """The person paged when a whole ladder is empty or unanswered."""
        if not self._catch_all_known:
            self._catch_all = Setting.objects.filter(pk=1).values_list("catch_all_id", flat=True).first()
            self._catch_all_known = True
        return self._catch_all

    def named(  # noqa: PLR0911 - one answer per kind of target
        self, target: Target, ticket: Ticket, policy_owner: UUID | None
    ) -> list[Named]:
        """Return whom `target` names before deputies and reachability are looked at."""
        match target.kind:
            case TargetKind.USER:
                return [(self._email(target.ref), target.ref)]
            case TargetKind.OWNER:
                return [(ticket.owner_id, "owner of the ticket")]
            case TargetKind.MANAGER_OF_OWNER:
                owner = ticket.owner
                return [(owner.manager_id if owner else None, f"manager of {owner.name}" if owner else "manager")]
            case TargetKind.ACCOUNT_MANAGER:
                customer = ticket.organisation
                return [
                    (
                        customer.account_manager_id if customer else None,
                        f"account manager of {customer or 'the customer'}",
                    )
                ]
            case TargetKind.POLICY_OWNER:
                return [(policy_owner, "owner of the policy")]
            case TargetKind.CATCH_ALL:
                return [(self.catch_all(), "catch-all of the organisation")]
            case TargetKind.SKILL:
                return [(pk, f"knows {target.ref}") for pk in self._skilled(target.ref)]
            case TargetKind.ON_CALL:
                return self._on_duty(target.ref)
        return self._of_team(target, ticket)

    def _of_team(self, target: Target, ticket: Ticket) -> list[Named]:
        team = self._team(target, ticket)
        if team is None:
            return []
        if target.kind is TargetKind.TEAM_LEAD:
            return [(team.lead_id, f"lead of team {team.name}")]
        if target.kind is TargetKind.TEAM_MANAGER:
            return [(team.escalation_manager_id, f"escalation manager of team {team.name}")]
        self._load_members([team.pk])
        return [(pk, f"member of team {team.name}") for pk in self._members[team.pk]]

    def _team(self, target: Target, ticket: Ticket) -> Team | None:
        if target.ref:
            return self._teams_by_slug.get(target.ref)
        own = self._teams.get(ticket.team_id) if ticket.team_id else None
        if target.kind is TargetKind.SERVICE_TEAM:
            return self._teams.get(ticket.service.team_id) if ticket.service and ticket.service.team_id else None
        if target.kind is TargetKind.NEXT_LINE_TEAM:
            return self._teams.get(own.escalates_to_id) if own and own.escalates_to_id else None
        return own

    def _email(self, email: str) -> UUID | None:
        if email not in self._by_email:
            self._by_email[email] = User.objects.filter(email__iexact=email).values_list("pk", flat=True).first()
        return self._by_email[email]

    def _skilled(self, skill: str) -> tuple[UUID, ...]:
        if skill not in self._by_skill:
            rows = Skill.objects.filter(name__iexact=skill, people__is_active=True).order_by("people__name")
            self._by_skill[skill] = tuple(pk for pk in rows.values_list("people", flat=True) if pk)
        return self._by_skill[skill]

    def _on_duty(self, slug: str) -> list[Named]:
        """Who is on call in a schedule; each schedule is read once, however many levels name it."""
        if slug not in self._on_call:
            now = oncall_queries.who_is_on_now([slug], self.at).get(slug)
            if now is None:
                self._on_call[slug] = [(None, f"on call in {slug}, which is no schedule")]
            else:
                self._on_call[slug] = list(now.people) or [(None, f"on call in {now.name} at this time")]
        return self._on_call[slug]

    def resolve(
        self, targets: Sequence[Target], ticket: Ticket, policy_owner: UUID | None, declined: Sequence[str] = (),
        place: Place | None = None,
    ) -> Resolved:  # fmt: skip
        """Resolve `targets` for `ticket`: deputies followed, the unreachable left out, each with its evidence.

        `place` says for which level of which run; without it turns of a round robin are looked at, not taken.
        """
        people: dict[UUID, PersonEvidence] = {}
        evidence: list[dict[str, Any]] = []
        for target in targets:
            told, missing = [], list[str]()
            if target.kind in ROUND_ROBINS:
                named, missing = self._in_turn(target, ticket, declined, place)
            else:
                named = self.named(target, ticket, policy_owner)
            self._load_answerable(pk for pk, _ in named if pk)
            for pk, words in named or ([] if missing else [(None, in_words(target))]):
                person, why = self._person(pk, words)
                if person is None or str(person.id) in declined:
                    missing.append(why if person is None else f"{person.name} has declined")
                    continue
                people.setdefault(person.id, person)
                told.append({"id": str(person.id), "name": person.name, "by": list(person.by)})
            evidence.append({"target": in_words(target), "people": told, "why": "" if told else "; ".join(missing)})
        return Resolved(tuple(people.values()), tuple(evidence))

    def _in_turn(
        self, target: Target, ticket: Ticket, declined: Sequence[str], place: Place | None
    ) -> tuple[list[Named], list[str]]:
        """Return whose turn it is (with the evidence), or nobody and why those who take part were passed over."""
        pool = self._pool(target, ticket)
        if pool is None:
            return [(None, in_words(target))], []
        ref, name, participants = pool
        self._load_answerable(participants)
        self._load_users(participants)
        chosen = self.turns.next(
            key_of(target, ref), [str(pk) for pk in participants], lambda pk: self._why_not(UUID(pk), declined), place
        )
        names = {str(pk): self._users[pk].name for pk in participants if pk in self._users}
        passed = passed_words(chosen.passed, names)
        if isinstance(chosen, Nobody):
            return [], passed or [f"nobody takes turns in {name}"]
        words = f"{chosen.words} in {name}"
        return [(UUID(chosen.person), f"{words} (passed over: {'; '.join(passed)})" if passed else words)], []

    def _pool(self, target: Target, ticket: Ticket) -> tuple[str, str, tuple[UUID, ...]] | None:
        """Return (slug, name, participants in order) of a round robin; None if there is no such schedule or team."""
        if target.kind is TargetKind.ROUND_ROBIN_SCHEDULE:
            found = oncall_queries.participants(target.ref, self.at)
            return (target.ref, *found) if found else None
        team = self._team(target, ticket)
        if team is None:
            return None
        self._load_members([team.pk])
        return team.slug, f"team {team.name}", self._members[team.pk]

    def _why_not(self, pk: UUID, declined: Sequence[str]) -> str:
        """Say why somebody cannot take a turn now; empty if they can."""
        if self._away is None:
            self._away = oncall_queries.away_at(self.at)
        if pk in self._away:
            return f"away until {self._away[pk]:%Y-%m-%d %H:%M} UTC"
        person, why = self._person(pk, "whose turn it is")
        if person is None:
            return why
        return f"{person.name} has declined" if str(person.id) in declined else ""

    def person(self, pk: UUID, words: str) -> tuple[PersonEvidence | None, str]:
        """Resolve one known person: (who answers for them now, '') or (None, why nobody)."""
        self._load_answerable([pk])
        return self._person(pk, words)

    def _person(self, pk: UUID | None, words: str) -> tuple[PersonEvidence | None, str]:
        if pk is None:
            return None, f"nobody is {words}"
        user, trail = self._answerable[pk]
        if user is None:
            return None, "; ".join(trail) or f"{words} is deactivated"
        if not self._reachable[user.pk]:
            return None, f"{user.name} has no verified contact method"
        return PersonEvidence(user.pk, user.name, (words, *trail)), ""
