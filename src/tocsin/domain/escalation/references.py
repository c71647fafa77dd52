"""Whether what policies refer to is there: people, teams, skills, schedules, other policies."""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models.functions import Lower

from tocsin.domain.escalation.logic.policy import Policy as Content
from tocsin.domain.escalation.logic.policy import Target, TargetKind
from tocsin.domain.escalation.logic.spec_errors import PolicyError, PolicyErrors
from tocsin.domain.escalation.logic.spec_set import Document, cycles
from tocsin.domain.oncall.models import Schedule
from tocsin.domain.people.models import Skill, Team, User

TEAMS = (TargetKind.TEAM, TargetKind.TEAM_LEAD, TargetKind.TEAM_MANAGER, TargetKind.ROUND_ROBIN_TEAM)
SCHEDULES = (TargetKind.ON_CALL, TargetKind.ROUND_ROBIN_SCHEDULE)


@dataclass(frozen=True, slots=True)
class _Known:
    """Of everything that the documents name: what there is."""

    people: frozenset[str]  # addresses in small letters
    inactive: frozenset[str]
    teams: frozenset[str]
    skills: frozenset[str]
    schedules: frozenset[str]


def check_references(
    read: Sequence[Document], kept: Mapping[str, Content], *, disabled: set[str], pruned: set[str]
) -> None:
    """Raise PolicyErrors unless everything the documents name exists and no policy starts itself in the end.

    `kept` are the enabled policies outside the documents; a child may stand in either. `disabled` are
    those that are so already, `pruned` those that are about to be.
    """
    known = _known(read)
    policies = {**kept, **{document.content.slug: document.content for document in read}}
    errors = [error for document in read for error in _targets(document, known)]
    for document in read:
        errors.extend(_children(document, policies, disabled | pruned))
    errors.extend(_orphans(kept, pruned))
    errors.extend(cycles(read, policies))
    if errors:
        raise PolicyErrors(errors)


def _named(content: Content) -> Iterator[tuple[str, Target]]:
    for index, level in enumerate(content.levels):
        for place, target in enumerate(level.targets):
            yield f"levels[{index}].targets[{place}]", target
    for place, target in enumerate(content.approval.approvers if content.approval else ()):
        yield f"approval.approvers[{place}]", target


def _known(read: Sequence[Document]) -> _Known:
    targets = [target for document in read for _, target in _named(document.content) if target.ref]
    emails = {target.ref.lower() for target in targets if target.kind is TargetKind.USER}
    emails |= {document.content.owner.lower() for document in read if document.content.owner}
    people = dict(
        User.objects.annotate(address=Lower("email")).filter(address__in=emails).values_list("address", "is_active")
    )
    slugs = {target.ref for target in targets if target.kind in TEAMS}
    skills = {target.ref for target in targets if target.kind is TargetKind.SKILL}
    schedules = {target.ref for target in targets if target.kind in SCHEDULES}
    return _Known(
        frozenset(people),
        frozenset(address for address, active in people.items() if not active),
        frozenset(Team.objects.filter(slug__in=slugs).values_list("slug", flat=True)),
        frozenset(Skill.objects.filter(name__in=skills).values_list("name", flat=True)),
        frozenset(Schedule.objects.filter(slug__in=schedules).values_list("slug", flat=True)),
    )


def _targets(document: Document, known: _Known) -> Iterator[PolicyError]:
    if owner := document.content.owner:
        yield from _person(document, "owner", owner, known)
    for path, target in _named(document.content):
        if target.kind is TargetKind.USER:
            yield from _person(document, path, target.ref, known)
        elif target.kind in TEAMS and target.ref and target.ref not in known.teams:
            teams = Team.objects.order_by("slug").values_list("slug", flat=True)
            yield document.error(path, f"There is no team {target.ref}.", _remedy(target.ref, teams, "Create the team"))
        elif target.kind is TargetKind.SKILL and target.ref not in known.skills:
            skills = Skill.objects.order_by("name").values_list("name", flat=True)
            yield document.error(
                path, f"There is no skill {target.ref}.", _remedy(target.ref, skills, "Create the skill")
            )
        elif target.kind in SCHEDULES and target.ref not in known.schedules:
            schedules = Schedule.objects.order_by("slug").values_list("slug", flat=True)
            remedy = _remedy(target.ref, schedules, "Create the schedule")
            yield document.error(path, f"There is no on-call schedule {target.ref}.", remedy)


def _person(document: Document, path: str, email: str, known: _Known) -> Iterator[PolicyError]:
    if email.lower() not in known.people:
        people = User.objects.filter(is_active=True).order_by("email").values_list("email", flat=True)
        remedy = _remedy(email, people, "Create the person, or name a role such as owner or team_lead")
        yield document.error(path, f"There is nobody with the address {email}.", remedy)
    elif email.lower() in known.inactive:
        yield document.error(path, f"{email} is deactivated and cannot be paged.", "Name somebody else, or a role.")


def _remedy(word: str, names: Iterable[str], otherwise: str) -> str:
    near = difflib.get_close_matches(word, list(names)[:5_000], n=1)
    return f"Did you mean {near[0]}? Otherwise: {otherwise}." if near else f"{otherwise} first, or correct the name."


def _children(document: Document, policies: Mapping[str, Content], disabled: set[str]) -> Iterator[PolicyError]:
    for index, level in enumerate(document.content.levels):
        path = f"levels[{index}].policy"
        if level.policy in disabled:
            yield document.error(
                path, f"The policy {level.policy} is disabled.", "Enable it first, or name another one."
            )
        elif level.policy and level.policy not in policies:
            remedy = _remedy(level.policy, policies, "Publish that policy, or add its file to this set")
            yield document.error(path, f"There is no policy {level.policy}.", remedy)


def _orphans(kept: Mapping[str, Content], pruned: set[str]) -> Iterator[PolicyError]:
    """Policies outside the documents that would lose their child by pruning."""
    for slug, content in kept.items():
        for index, level in enumerate(content.levels):
            if level.policy in pruned:
                message = f"The policy {slug} starts {level.policy}, which would be disabled."
                yield PolicyError("", 1, f"{slug}: levels[{index}].policy", message, f"Change {slug} first.")
