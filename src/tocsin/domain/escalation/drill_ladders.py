"""The ladders of tests: versions of one policy of ours that is never enabled, found again by what they say."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from tocsin.domain.escalation.logic import spec
from tocsin.domain.escalation.logic.policy import AckMode, Level, Policy, Repeat, Target, TargetKind, Terminal
from tocsin.domain.escalation.models import Policy as PolicyRow
from tocsin.domain.escalation.models import PolicyVersion
from tocsin.domain.escalation.policies import Published

SLUG = "tocsin-tests"
CANARY_SLUG = "tocsin-canary"
LONG_AFTER = timedelta(hours=24)  # a test is over long before its ladder is


def for_people(addresses: Sequence[str]) -> Policy:
    """Return a ladder of one level on which each of these people (by their e-mail) has to answer."""
    targets = tuple(Target(TargetKind.USER, address) for address in sorted(addresses))
    return _ladder(SLUG, Level(name="Test", targets=targets, ack=AckMode.ALL))


def for_level(content: Policy, number: int) -> Policy:
    """Return a ladder that is level `number` of a policy alone, at once and whatever its condition."""
    level = replace(content.levels[number - 1], delay=timedelta(), when="", policy="", gate=())
    return _ladder(SLUG, level)


def canary(address: str) -> Policy:
    """Return the canary's ladder."""
    return _ladder(CANARY_SLUG, Level(name="Canary", targets=(Target(TargetKind.USER, address),)))


def _ladder(slug: str, level: Level) -> Policy:
    return Policy(
        slug=slug, name="Test", type="internal", reason="capacity_or_policy", direction="functional", levels=(level,),
        repeat=Repeat(times=0, after=LONG_AFTER, terminal=Terminal.EXPIRE), reopen_window=timedelta(),
        ack_timeout=LONG_AFTER,
    )  # fmt: skip


def stored(content: Policy, now: datetime) -> Published:
    """Return a version that says `content`, made if there is none. In the caller's transaction."""
    PolicyRow.objects.get_or_create(
        slug=content.slug, defaults={"name": content.name, "enabled": False, "is_drill": True}
    )
    policy = PolicyRow.objects.select_for_update(of=("self",)).get(slug=content.slug)
    digest = spec.digest(content)
    version = PolicyVersion.objects.filter(policy=policy, digest=digest).order_by("number").first()
    if version is None:
        last = PolicyVersion.objects.filter(policy=policy).order_by("-number").values_list("number", flat=True).first()
        version = PolicyVersion.objects.create(
            policy=policy, number=(last or 0) + 1, source="", spec=spec.to_json(content), digest=digest,
            created_at=now, created_by="engine", note="the ladder of a test",
        )  # fmt: skip
    return Published(policy.pk, version.pk, version.number, None, content)
