"""What is wrong with what the database holds: schema, people, policies, engine."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tocsin.config.checks import ERROR, WARNING, Finding
from tocsin.config.checks_providers import provider_findings
from tocsin.domain.escalation import policies
from tocsin.domain.escalation import queries as escalation_queries
from tocsin.domain.escalation.logic.policy import Level, TargetKind
from tocsin.domain.escalation.policies import Published
from tocsin.domain.escalation.targets import Directory
from tocsin.domain.notify import queries as notify_queries
from tocsin.domain.oncall import queries as oncall_queries
from tocsin.domain.oncall.logic.findings import Finding as Ahead
from tocsin.domain.oncall.logic.words import finding_in_words
from tocsin.domain.people import queries as people_queries
from tocsin.domain.people.enums import Role
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.clock import database_now

OLDEST_SERVER = 150_000  # server_version_num of PostgreSQL 15
WEEK = timedelta(days=7)
CLOCK_TOLERANCE = timedelta(seconds=30)
NAMED_OUTRIGHT = {
    TargetKind.USER, TargetKind.TEAM, TargetKind.SKILL, TargetKind.POLICY_OWNER, TargetKind.CATCH_ALL,
    TargetKind.ROUND_ROBIN_SCHEDULE,
}  # fmt: skip
# With a ref; without one they depend on the ticket.
NAMED_BY_REF = {TargetKind.TEAM_LEAD, TargetKind.TEAM_MANAGER, TargetKind.ROUND_ROBIN_TEAM}


def schema_findings() -> list[Finding]:
    """Check the server's release and that every migration was applied."""
    findings = []
    connection.ensure_connection()
    version = connection.connection.info.server_version
    if version < OLDEST_SERVER:
        findings.append(
            Finding(
                "old_postgresql",
                ERROR,
                f"The server is PostgreSQL {version // 10_000}, older than 15.",
                "Move the database to PostgreSQL 15 or later.",
            )
        )
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        first = f"{plan[0][0].app_label}.{plan[0][0].name}"
        findings.append(
            Finding(
                "pending_migrations",
                ERROR,
                f"{len(plan)} migrations have not been applied, {first} first.",
                "Run `tocsin migrate`.",
            )
        )
    return findings


def stored_findings(now: datetime) -> list[Finding]:
    """Check people, policies and the engine. Needs the present schema."""
    return [*_clock(now), *_people(now), *_policies(now), *_schedules(now), *_engine(now), *provider_findings(now)]


def _clock(now: datetime) -> Iterable[Finding]:
    ours = datetime.now(UTC)  # noqa: TID251 - the one place that compares this machine's clock with the database's
    if abs(ours - now) > CLOCK_TOLERANCE:
        yield Finding(
            "clock_off",
            WARNING,
            f"This machine's clock is {abs(ours - now)} off the database's. Tocsin decides by the database's.",
            "Keep both in step (NTP), or log files and certificates will mislead.",
        )


def _people(now: datetime) -> Iterable[Finding]:
    catch_all = escalation_queries.catch_all()
    if catch_all is None:
        yield Finding(
            "no_catch_all",
            ERROR,
            "Nobody is the catch-all: an escalation whose ladder is empty would reach no one.",
            "Choose a person who can always be reached, under People and teams.",
        )
    else:
        answering, _ = people_queries.answerable(catch_all.pk, now)
        if answering is None or not notify_queries.reachable([answering.pk]):
            yield Finding(
                "catch_all_unreachable",
                ERROR,
                f"The catch-all, {catch_all.name}, is deactivated or has no verified contact method.",
                "Verify a contact method of theirs, or choose another person.",
            )
    if not people_queries.people().filter(role=Role.ADMINISTRATOR).exists():
        yield Finding(
            "no_administrator",
            WARNING,
            "There is no active administrator.",
            "Make one: `tocsin manage shell`, or `tocsin demo` for a trial.",
        )


def _policies(now: datetime) -> Iterable[Finding]:
    live = policies.live()
    if not live:
        yield Finding(
            "no_policy",
            WARNING,
            "No escalation policy is published: nothing escalates by itself.",
            "Write one (docs/policies.md has examples) and run `tocsin policy apply`.",
        )
    directory = Directory([], now)
    for policy in live:
        yield from _reach(policy, directory)


def _reach(policy: Published, directory: Directory) -> Iterable[Finding]:
    """A level counts as empty if it names people outright and none of them can be paged.

    What depends on the ticket (its owner, its team) may reach somebody, and is judged when the level fires.
    """
    reasons = {
        number: why
        for number, level in enumerate(policy.content.levels, 1)
        if (why := _why_empty(level, policy, directory))
    }
    levels, name = len(policy.content.levels), policy.content.name
    remedy = "Give the people it names a verified contact method, or name others, and run `tocsin policy apply`."
    if len(reasons) == levels:
        why = reasons[1]
        yield Finding("policy_reaches_nobody", ERROR, f"The policy “{name}” reaches nobody on any level. {why}", remedy)
        return
    for number, why in reasons.items():
        message = f"Level {number} of the policy “{name}” reaches nobody and would be skipped. {why}"
        yield Finding("level_reaches_nobody", WARNING, message, remedy)


def _why_empty(level: Level, policy: Published, directory: Directory) -> str:
    outright: Sequence[bool] = [
        target.kind in NAMED_OUTRIGHT or (target.kind in NAMED_BY_REF and bool(target.ref)) for target in level.targets
    ]
    if level.policy or not all(outright):
        return ""
    resolved = directory.resolve(level.targets, Ticket(), policy.owner_id)
    return "" if resolved.people else resolved.reason


def _schedules(now: datetime) -> Iterable[Finding]:
    """Warn of what the next week holds, one finding for each schedule and kind."""

    def unreachable(people: Collection[UUID]) -> set[UUID]:
        return set(people) - notify_queries.reachable(people)

    ahead = oncall_queries.findings_ahead(now, now + WEEK, unreachable)
    names = people_queries.names_of({person for one in ahead for person in one.people})
    titles = {row.slug: row.name for row in oncall_queries.schedules()}
    found: dict[tuple[tuple[str, ...], str], list[Ahead]] = {}
    for one in ahead:
        found.setdefault((one.schedules, one.kind), []).append(one)
    for (slugs, kind), those in found.items():
        more = f", and {len(those) - 1} more like it in the next week" if len(those) > 1 else ""
        first = finding_in_words(those[0], names, titles, ZoneInfo("UTC"))
        where = " and ".join(titles[slug] for slug in slugs)
        yield Finding(
            f"schedule_{kind}", WARNING, f"{where}: {first}{more}.",
            f"Look at /schedules/{slugs[0]}; an override mends it for once, a layer for good.",
        )  # fmt: skip


def _engine(now: datetime) -> Iterable[Finding]:
    health = notify_queries.engine_health(now)
    if health.state == "stopped":
        age = health.auditor_age_seconds
        last = "was never heard of" if age is None else f"was last heard of {age:.0f} s ago"
        silent = f" Nobody runs: {', '.join(health.silent)}." if health.silent else ""
        yield Finding(
            "engine_stopped",
            ERROR,
            f"The engine {last}.{silent} Nothing is escalated and nobody is paged.",
            "Run `tocsin serve`, or `tocsin engine` on any machine.",
        )
    for source, seconds in sorted(health.overdue.items()):
        yield Finding(
            "engine_late",
            ERROR,
            f"{source} has been due for {seconds:.0f} s and has not happened.",
            "Look at the engine's log; start more engines if it is busy.",
        )


def now_of_database() -> datetime:
    """Return the database's clock."""
    return database_now(connection)
