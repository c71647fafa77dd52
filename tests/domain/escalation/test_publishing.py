"""Publishing: plan shows, apply is all or nothing, versions are immutable (SEMANTICS 4)."""

from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from tocsin.domain.escalation import examples, publishing
from tocsin.domain.escalation.events import PolicyChanged
from tocsin.domain.escalation.logic import spec
from tocsin.domain.escalation.logic.spec import PolicyErrors
from tocsin.domain.escalation.models import Escalation, Policy, PolicyVersion, Run
from tocsin.domain.journal import publish as events
from tocsin.domain.journal.models import Entry
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import Skill, Team, User
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound

pytestmark = pytest.mark.django_db

LADDER = """\
# who is told when the network is down
slug: {slug}
name: Network
type: technical
reason: sla_at_risk
direction: functional
levels:
  - name: Owner
    targets: [owner]
  - name: Lead
    delay: {delay}
    targets: [team_lead]
"""


def ladder(slug: str = "network", delay: str = "15m", **more: str) -> tuple[str, str]:
    text = LADDER.format(slug=slug, delay=delay)
    return f"{slug}.yaml", text + "".join(f"{name}: {value}\n" for name, value in more.items())


def chained(slug: str, child: str) -> tuple[str, str]:
    return f"{slug}.yaml", LADDER.format(slug=slug, delay="0").replace("targets: [team_lead]", f"policy: {child}")


def entries(slug: str) -> list[tuple[str, str, Any]]:
    rows = Entry.objects.filter(stream=f"policy:{slug}").order_by("position")
    return list(rows.values_list("kind", "actor", "data"))


def applied(now: datetime, *documents: tuple[str, str], **more: Any) -> publishing.Plan:
    return publishing.apply(documents=documents, by="system", now=now, **more)


def errors_of(call: Any, **given: Any) -> list[tuple[str, int, str]]:
    with pytest.raises(PolicyErrors) as refused:
        call(**given)
    return [(error.file, error.line, error.field) for error in refused.value.errors]


@pytest.fixture
def manager(now: datetime) -> User:
    return User.objects.create(email="Mia@example.org", name="Mia", role=Role.ESCALATION_MANAGER, joined_at=now)


def test_plan_shows_new_policies_and_changes_nothing() -> None:
    plan = publishing.plan(documents=[ladder()])
    assert [(change.slug, change.change, change.number) for change in plan.changes] == [("network", "new", 1)]
    assert plan.changed
    assert not Policy.objects.exists()
    assert not Entry.objects.exists()


def test_apply_publishes_version_1_and_journals_it(now: datetime) -> None:
    applied(now, ladder(), note="first go")
    policy = Policy.objects.get(slug="network")
    version = policy.current
    assert version is not None
    assert (version.number, version.created_by, version.created_at, version.note) == (1, "system", now, "first go")
    assert version.source == ladder()[1]
    assert spec.from_json(version.spec) == spec.load(ladder()[1])
    assert entries("network") == [
        (
            "policy.published",
            "system",
            {"policy": "network", "number": 1, "digest": version.digest, "by": "system", "note": "first go"},
        )
    ]


def test_apply_creates_a_version_only_where_something_changed(now: datetime) -> None:
    applied(now, ladder("network"), ladder("wages"))
    done = applied(now, ladder("network", "10m"), ("wages.yaml", "# a comment\n" + ladder("wages")[1]))
    assert [(change.slug, change.change, change.number, change.differences) for change in done.changes] == [
        ("network", "changed", 2, ("levels[1].delay: 15m -> 10m",)),
        ("wages", "unchanged", 1, ()),
    ]
    numbers = PolicyVersion.objects.order_by("policy__slug", "number").values_list("policy__slug", "number")
    assert list(numbers) == [("network", 1), ("network", 2), ("wages", 1)]
    assert not applied(now, ladder("network", "10m")).changed


def test_apply_does_only_what_was_agreed_to(now: datetime) -> None:
    agreed = publishing.plan(documents=[ladder()])
    applied(now, ladder(delay="5m"))
    with pytest.raises(Conflict, match="plan again"):
        applied(now, ladder(), expected=agreed)
    assert PolicyVersion.objects.count() == 1


def test_an_error_in_the_third_document_leaves_nothing(now: datetime) -> None:
    third = ("third.yaml", ladder("third")[1].replace("owner", "ower"))
    with pytest.raises(PolicyErrors) as refused:
        applied(now, ladder("first"), ladder("second"), third)
    (error,) = refused.value.errors
    assert str(error) == ("third.yaml:9: levels[0].targets[0]: ower is not a role. Remedy: Did you mean owner?")
    assert not Policy.objects.exists()
    assert not PolicyVersion.objects.exists()
    assert not Entry.objects.exists()


def test_a_failure_while_writing_the_last_document_undoes_the_others(now: datetime) -> None:
    def refuse(event: PolicyChanged) -> None:
        if Policy.objects.get(pk=event.policy_id).slug == "second":
            raise InvalidInput("refused", "A listener refuses.")

    before = dict(events._handlers)
    events.wire({PolicyChanged: [refuse]})
    try:
        with pytest.raises(InvalidInput):
            applied(now, ladder("first"), ladder("second"))
    finally:
        events.wire(before)
    assert not PolicyVersion.objects.exists()
    assert not Entry.objects.exists()


def test_errors_of_all_documents_are_reported_together() -> None:
    bad = [("a.yaml", "slug: a\n"), ladder("b"), ("c.yaml", ladder("c")[1].replace("15m", "soon"))]
    found = errors_of(publishing.plan, documents=bad)
    assert {file for file, _, _ in found} == {"a.yaml", "c.yaml"}
    assert ("c.yaml", 11, "levels[1].delay") in found


def test_two_documents_of_one_slug_are_refused() -> None:
    other = ("other.yaml", ladder()[1])
    assert errors_of(publishing.plan, documents=[ladder(), other]) == [("other.yaml", 2, "slug")]


def test_what_policies_name_must_exist(now: datetime) -> None:
    Team.objects.create(name="Network", slug="network")
    Skill.objects.create(name="Oracle")
    User.objects.create(email="gone@example.org", name="Gone", is_active=False)
    text = ladder(owner="mia@example.org")[1].replace(
        "targets: [owner]",
        "targets:\n      - team: netwrok\n      - skill: Orcale\n      - user: ana@example.org\n"
        "      - user: gone@example.org\n      - team_lead: network",
    )
    with pytest.raises(PolicyErrors) as refused:
        publishing.plan(documents=[("network.yaml", text)])
    assert [str(error) for error in refused.value.errors] == [
        "network.yaml:10: levels[0].targets[0]: There is no team netwrok. "
        "Remedy: Did you mean network? Otherwise: Create the team.",
        "network.yaml:11: levels[0].targets[1]: There is no skill Orcale. "
        "Remedy: Did you mean Oracle? Otherwise: Create the skill.",
        "network.yaml:12: levels[0].targets[2]: There is nobody with the address ana@example.org. "
        "Remedy: Create the person, or name a role such as owner or team_lead first, or correct the name.",
        "network.yaml:13: levels[0].targets[3]: gone@example.org is deactivated and cannot be paged. "
        "Remedy: Name somebody else, or a role.",
        "network.yaml:18: owner: There is nobody with the address mia@example.org. "
        "Remedy: Create the person, or name a role such as owner or team_lead first, or correct the name.",
    ]


def test_addresses_are_found_in_whatever_case_they_are_written(manager: User, now: datetime) -> None:
    applied(now, ladder(owner="mia@EXAMPLE.org"))
    assert Policy.objects.get().owner == manager


def test_chained_policies_may_stand_in_the_set_or_in_the_database(now: datetime) -> None:
    applied(now, ladder("child"))
    applied(now, chained("parent", "child"), chained("grandparent", "parent"))
    found = errors_of(publishing.plan, documents=[chained("orphan", "nobody")])
    assert found == [("orphan.yaml", 12, "levels[1].policy")]


def test_circles_of_chained_policies_are_refused_also_over_the_database(now: datetime) -> None:
    circle = [chained("a", "b"), chained("b", "a")]
    assert errors_of(publishing.plan, documents=circle) == [
        ("a.yaml", 12, "levels[1].policy"),
        ("b.yaml", 12, "levels[1].policy"),
    ]
    applied(now, ladder("c"), chained("b", "c"), chained("a", "b"))
    with pytest.raises(PolicyErrors, match="c > a > b > c"):
        publishing.plan(documents=[chained("c", "a")])


def test_prune_disables_what_no_document_names_and_keeps_its_history(now: datetime) -> None:
    applied(now, ladder("network"), ladder("wages"))
    done = applied(now, ladder("network"), prune=True)
    assert [(change.slug, change.change) for change in done.changes] == [
        ("network", "unchanged"),
        ("wages", "disabled"),
    ]
    assert not Policy.objects.get(slug="wages").enabled
    assert [kind for kind, _, _ in entries("wages")] == ["policy.published", "policy.disabled"]
    (change,) = publishing.plan(documents=[ladder("wages", "1m")]).changes
    assert (change.change, change.enabled) == ("changed", False)


def test_a_child_of_another_policy_cannot_be_pruned_away(now: datetime) -> None:
    applied(now, ladder("child"), chained("parent", "child"))
    with pytest.raises(PolicyErrors, match="The policy child is disabled"):
        applied(now, chained("parent", "child"), prune=True)
    assert Policy.objects.get(slug="child").enabled


def test_running_escalations_keep_their_version_and_the_plan_says_how_many(now: datetime) -> None:
    applied(now, ladder())
    policy = Policy.objects.get()
    requester = User.objects.create(email="rita@example.org", name="Rita")
    for number, status in ((1, "climbing"), (2, "resolved")):
        ticket = Ticket.objects.create(number=number, subject="VPN", requester=requester, opened_at=now, updated_at=now)
        escalation = Escalation.objects.create(
            ticket=ticket, policy=policy, type="technical", reason="other", direction="functional", opened_at=now
        )
        Run.objects.create(
            escalation=escalation, ticket=ticket, version=policy.current, status=status, state={}, started_at=now
        )
    (change,) = applied(now, ladder(delay="1m")).changes
    assert change.running == 1
    assert set(Run.objects.values_list("version__number", flat=True)) == {1}


def test_policy_versions_are_immutable_in_the_database(now: datetime) -> None:
    applied(now, ladder())
    for statement in (
        "UPDATE escalation_policyversion SET source = 'something else'",
        "UPDATE escalation_policy SET current_id = NULL; DELETE FROM escalation_policyversion",
    ):
        with pytest.raises(IntegrityError, match="policy versions are immutable"), transaction.atomic():
            connection.cursor().execute(statement)
    with pytest.raises(IntegrityError, match="policy versions are immutable"), transaction.atomic():
        PolicyVersion.objects.update(note="something else")
    assert PolicyVersion.objects.get().source == ladder()[1]


def test_only_the_removal_of_demonstration_data_may_delete_versions(now: datetime) -> None:
    applied(now, ladder(), is_demo=True)
    assert Policy.objects.get().is_demo
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL tocsin.demo_removal = 'on'")
        with pytest.raises(IntegrityError, match="immutable"), transaction.atomic():
            cursor.execute("UPDATE escalation_policyversion SET note = 'x'")
        cursor.execute("UPDATE escalation_policy SET current_id = NULL")
        cursor.execute("DELETE FROM escalation_policyversion")
        cursor.execute("SET LOCAL tocsin.demo_removal = 'off'")
    assert not PolicyVersion.objects.exists()


def test_the_editor_publishes_one_policy_and_gets_its_version(manager: User, now: datetime) -> None:
    first = publishing.publish_source(text=ladder()[1], by=manager, now=now)
    second = publishing.publish_source(text=ladder(delay="5m")[1], by=manager, now=now, slug="network", based_on=1)
    same = publishing.publish_source(text=ladder(delay="5m")[1], by=manager, now=now)
    assert (first.number, second.number, same) == (1, 2, second)
    assert second.created_by == f"person:{manager.pk}"


def test_an_edit_of_an_older_version_is_a_conflict(manager: User, now: datetime) -> None:
    publishing.publish_source(text=ladder()[1], by=manager, now=now)
    publishing.publish_source(text=ladder(delay="5m")[1], by=manager, now=now)
    with pytest.raises(Conflict, match="Version 2 of network has been published since you began with 1"):
        publishing.publish_source(text=ladder(delay="6m")[1], by=manager, now=now, based_on=1)


def test_the_editor_cannot_turn_a_policy_into_another(manager: User, now: datetime) -> None:
    with pytest.raises(InvalidInput, match="is of the policy wages"):
        publishing.publish_source(text=ladder("wages")[1], by=manager, now=now, slug="network")


@pytest.mark.parametrize("role", [Role.AGENT, Role.LEAD, Role.REQUESTER, Role.STAKEHOLDER])
def test_only_escalation_managers_and_administrators_publish(role: Role, now: datetime) -> None:
    person = User.objects.create(email="kai@example.org", name="Kai", role=role)
    for call in (
        lambda: publishing.apply(documents=[ladder()], by=person, now=now),
        lambda: publishing.publish_source(text=ladder()[1], by=person, now=now),
        lambda: publishing.set_enabled(slug="network", enabled=False, by=person, now=now),
    ):
        with pytest.raises(NotAllowed):
            call()


def test_enabling_and_disabling_is_journalled_once(manager: User, now: datetime) -> None:
    applied(now, ladder())
    for enabled in (False, False, True):
        publishing.set_enabled(slug="network", enabled=enabled, by=manager, now=now)
    assert [kind for kind, _, _ in entries("network")] == ["policy.published", "policy.disabled", "policy.enabled"]
    with pytest.raises(NotFound):
        publishing.set_enabled(slug="nothing", enabled=True, by=manager, now=now)


def test_export_returns_what_was_written_comments_included(now: datetime) -> None:
    applied(now, ladder())
    applied(now, ladder(delay="5m"))
    assert publishing.export("network") == ladder(delay="5m")[1]
    assert publishing.export("network", 1) == ladder()[1]
    for slug, number in (("nothing", None), ("network", 9)):
        with pytest.raises(NotFound):
            publishing.export(slug, number)


def test_the_examples_can_be_published_into_an_empty_installation(now: datetime) -> None:
    done = applied(now, *((f"{name}.yaml", text) for name, text in examples.sources().items()))
    assert [change.slug for change in done.changes] == ["customer", "internal", "major-incident", "technical"]
    assert [row.number for row in publishing.listing()] == [1, 1, 1, 1]
