"""What can be done to people and teams, and who may."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.domain.people.conftest import Make
from tocsin.domain.journal.queries import entries, verify
from tocsin.domain.people import actions
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import Deputy, Membership, Team, User
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound

HOUR = timedelta(hours=1)


class TestPersons:
    def test_a_person_is_created_and_journalled_without_name_or_address(self, admin: User, now: datetime) -> None:
        user = actions.create_person(email=" Ana@Example.COM", name="Ana", role="agent", by=admin, now=now)
        assert (user.email, user.role, user.has_usable_password()) == ("ana@example.com", "agent", False)
        (entry,) = entries(f"person:{user.pk}")
        assert (entry.kind, entry.actor) == ("person.created", f"person:{admin.pk}")
        assert entry.data == {"role": "agent", "organisation": None, "manager": None}

    def test_nobody_has_two_accounts_that_differ_in_case(self, admin: User, now: datetime) -> None:
        actions.create_person(email="ana@example.com", name="Ana", by=admin, now=now)
        with pytest.raises(Conflict, match="belongs to Ana already"):
            actions.create_person(email="ANA@example.com", name="Other", by=admin, now=now)
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.create(email="Ana@Example.com", name="Past the action")

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"email": "nonsense"}, "email"),
            ({"name": " "}, "name"),
            ({"role": "king"}, "role"),
            ({"zone": "Mars/Olympus"}, "zone"),
            ({"zone": "../../etc/passwd"}, "zone"),
            ({"password": "short"}, "password"),
        ],
    )
    def test_a_wrong_field_is_named(self, admin: User, now: datetime, given: dict[str, Any], field: str) -> None:
        with pytest.raises(InvalidInput) as refused:
            actions.create_person(by=admin, now=now, **{"email": "a@example.com", "name": "A", **given})
        assert list(refused.value.fields) == [field]

    def test_nobody_grants_themselves_a_role(self, make: Make, now: datetime) -> None:
        ana = make("ana")
        for fields in (
            {"role": "administrator"},
            {"email": "x@example.com"},
            {"manager": None},
            {"organisation": None},
        ):
            with pytest.raises(NotAllowed):
                actions.edit_person(user_id=ana.pk, by=ana, now=now, **fields)
        edited = actions.edit_person(user_id=ana.pk, by=ana, now=now, name="Ana B.", zone="Europe/Prague")
        assert (edited.name, edited.zone) == ("Ana B.", "Europe/Prague")
        with pytest.raises(NotAllowed):
            actions.edit_person(user_id=make("ben").pk, by=ana, now=now, name="Hacked")

    def test_other_fields_are_refused(self, admin: User, now: datetime) -> None:
        with pytest.raises(InvalidInput, match="is_active cannot be changed here"):
            actions.edit_person(user_id=admin.pk, by=admin, now=now, is_active=False)

    def test_the_line_of_managers_is_no_circle(self, make: Make, admin: User, now: datetime) -> None:
        ana, ben, cyd = make("ana"), make("ben"), make("cyd")
        actions.edit_person(user_id=ana.pk, by=admin, now=now, manager=ben)
        actions.edit_person(user_id=ben.pk, by=admin, now=now, manager=cyd)
        for wrong in (cyd, ana):
            with pytest.raises(InvalidInput, match="circle"):
                actions.edit_person(user_id=cyd.pk, by=admin, now=now, manager=wrong)
        assert entries(f"person:{ana.pk}")[-1].data == {"fields": ["manager"], "manager": [None, str(ben.pk)]}

    def test_the_last_administrator_stays(self, make: Make, admin: User, now: datetime) -> None:
        with pytest.raises(Conflict, match="last administrator"):
            actions.deactivate(user_id=admin.pk, by=admin, now=now)
        with pytest.raises(Conflict, match="last administrator"):
            actions.edit_person(user_id=admin.pk, by=admin, now=now, role="agent")
        second = make("second", Role.ADMINISTRATOR)
        actions.deactivate(user_id=admin.pk, by=second, now=now)
        assert not User.objects.get(pk=admin.pk).is_active

    def test_a_person_is_deactivated_and_let_in_again(self, make: Make, admin: User, now: datetime) -> None:
        ana = make("ana")
        for _ in range(2):
            actions.deactivate(user_id=ana.pk, by=admin, now=now)
        actions.reactivate(user_id=ana.pk, by=admin, now=now)
        assert [e.kind for e in entries(f"person:{ana.pk}")] == ["person.deactivated", "person.reactivated"]
        with pytest.raises(NotAllowed):
            actions.deactivate(user_id=admin.pk, by=ana, now=now)
        with pytest.raises(NotFound):
            actions.deactivate(user_id=Team(name="x").pk, by=admin, now=now)

    def test_a_password_is_ones_own_and_not_weak(self, make: Make, now: datetime) -> None:
        ana, ben = make("ana"), make("ben")
        with pytest.raises(NotAllowed):
            actions.set_password(user_id=ana.pk, password="correct horse battery", by=ben, now=now)
        for weak in ("", "short", "password1234"[:8]):
            with pytest.raises(InvalidInput):
                actions.set_password(user_id=ana.pk, password=weak, by=ana, now=now)
        actions.set_password(user_id=ana.pk, password="correct horse battery", by=ana, now=now)
        assert User.objects.get(pk=ana.pk).check_password("correct horse battery")
        assert "horse" not in str(entries(f"person:{ana.pk}")[-1].data)


class TestTeams:
    def test_a_team_with_its_people(self, make: Make, admin: User, now: datetime) -> None:
        ana, ben = make("ana"), make("ben")
        team = actions.create_team(name="Desk", slug="Desk", line="L1", by=admin, now=now, lead=ana, members=[ana, ben])
        assert (team.slug, Membership.objects.filter(team=team).count()) == ("desk", 2)
        with pytest.raises(Conflict, match="There is a team 'DESK' already"):
            actions.create_team(name="DESK", slug="other", by=admin, now=now)
        assert [entry.kind for entry in entries("system")] == ["team.created", "team.members_changed"]

    def test_members_are_set_exactly(self, make: Make, admin: User, now: datetime) -> None:
        ana, ben, cyd = make("ana"), make("ben"), make("cyd")
        team = actions.create_team(name="Desk", slug="desk", by=admin, now=now, members=[ana, ben])
        actions.set_members(team_id=team.pk, members=[ben, cyd, cyd], by=admin, now=now)
        assert set(team.members.all()) == {ben, cyd}
        before = len(entries("system"))
        actions.set_members(team_id=team.pk, members=[cyd, ben], by=admin, now=now)
        assert len(entries("system")) == before

    def test_only_staff_lead_manage_and_belong(self, make: Make, admin: User, now: datetime) -> None:
        customer, gone = make("rita", Role.REQUESTER), make("gone", active=False)
        team = actions.create_team(name="Desk", slug="desk", by=admin, now=now)
        for wrong in (customer, gone):
            for field in ("lead", "escalation_manager"):
                with pytest.raises(InvalidInput) as refused:
                    actions.edit_team(team_id=team.pk, by=admin, now=now, **{field: wrong})
                assert list(refused.value.fields) == [field]
            with pytest.raises(InvalidInput):
                actions.set_members(team_id=team.pk, members=[wrong], by=admin, now=now)

    def test_work_climbs_in_no_circle(self, admin: User, now: datetime) -> None:
        first = actions.create_team(name="One", slug="one", by=admin, now=now)
        second = actions.create_team(name="Two", slug="two", line="L2", by=admin, now=now)
        third = actions.create_team(name="Three", slug="three", line="L3", by=admin, now=now, escalates_to=None)
        actions.edit_team(team_id=first.pk, by=admin, now=now, escalates_to=second)
        actions.edit_team(team_id=second.pk, by=admin, now=now, escalates_to=third)
        for wrong in (third, first, second):
            with pytest.raises(InvalidInput, match="would come back"):
                actions.edit_team(team_id=third.pk, by=admin, now=now, escalates_to=wrong)

    def test_a_lead_manages_their_own_team_only(self, make: Make, admin: User, now: datetime) -> None:
        lead, agent = make("lead", Role.LEAD), make("agent")
        own = actions.create_team(name="Own", slug="own", by=admin, now=now, lead=lead)
        other = actions.create_team(name="Other", slug="other", by=admin, now=now)
        actions.set_members(team_id=own.pk, members=[agent], by=lead, now=now)
        with pytest.raises(NotAllowed):
            actions.set_members(team_id=other.pk, members=[agent], by=lead, now=now)
        with pytest.raises(NotAllowed):
            actions.create_team(name="New", slug="new", by=lead, now=now)


class TestDeputies:
    def test_a_deputy_is_set_from_now_and_ended(self, make: Make, now: datetime) -> None:
        ana, ben = make("ana"), make("ben")
        row = actions.set_deputy(user=ana, deputy=ben, by=ana, now=now, ends_at=now + HOUR)
        assert row.starts_at == now
        actions.end_deputy(deputy_id=row.pk, by=ana, now=now + HOUR / 2)
        assert Deputy.objects.get().ends_at == now + HOUR / 2
        actions.end_deputy(deputy_id=row.pk, by=ana, now=now + HOUR)
        assert [entry.kind for entry in entries(f"person:{ana.pk}")] == ["deputy.set", "deputy.ended"]

    def test_one_that_has_not_begun_is_removed(self, make: Make, now: datetime) -> None:
        ana, ben = make("ana"), make("ben")
        row = actions.set_deputy(user=ana, deputy=ben, by=ana, now=now, starts_at=now + HOUR)
        actions.end_deputy(deputy_id=row.pk, by=ana, now=now)
        assert not Deputy.objects.exists()

    def test_wrong_deputies_are_refused(self, make: Make, now: datetime) -> None:
        ana, ben, rita = make("ana"), make("ben"), make("rita", Role.REQUESTER)
        for given, field in (
            ({"deputy": ana}, "deputy"),
            ({"deputy": rita}, "deputy"),
            ({"deputy": ben, "ends_at": now}, "ends_at"),
            ({"deputy": ben, "starts_at": now + HOUR, "ends_at": now + HOUR}, "ends_at"),
        ):
            with pytest.raises(InvalidInput) as refused:
                actions.set_deputy(user=ana, by=ana, now=now, **given)  # type: ignore[arg-type] - one dict a case
            assert list(refused.value.fields) == [field]

    def test_the_same_person_does_not_stand_in_twice_at_once(self, make: Make, now: datetime) -> None:
        ana, ben = make("ana"), make("ben")
        actions.set_deputy(user=ana, deputy=ben, by=ana, now=now, ends_at=now + HOUR)
        with pytest.raises(Conflict, match="End that first"):
            actions.set_deputy(user=ana, deputy=ben, by=ana, now=now)
        actions.set_deputy(user=ana, deputy=ben, by=ana, now=now, starts_at=now + HOUR)

    def test_agents_name_deputies_for_themselves_only(self, make: Make, now: datetime) -> None:
        ana, ben, lead = make("ana"), make("ben"), make("lead", Role.LEAD)
        with pytest.raises(NotAllowed):
            actions.set_deputy(user=ana, deputy=ben, by=ben, now=now)
        row = actions.set_deputy(user=ana, deputy=ben, by=lead, now=now)
        with pytest.raises(NotAllowed):
            actions.end_deputy(deputy_id=row.pk, by=ben, now=now)


class TestCustomersServicesSkills:
    def test_an_account_manager_is_staff_or_nobody(self, make: Make, admin: User, now: datetime) -> None:
        ana, rita = make("ana"), make("rita", Role.REQUESTER)
        acme = actions.create_organisation(name="Acme", by=admin, now=now, account_manager=ana)
        with pytest.raises(InvalidInput):
            actions.set_account_manager(organisation_id=acme.pk, user=rita, by=admin, now=now)
        assert (
            actions.set_account_manager(organisation_id=acme.pk, user=None, by=admin, now=now).account_manager is None
        )
        with pytest.raises(Conflict):
            actions.create_organisation(name="ACME", by=admin, now=now)
        with pytest.raises(NotAllowed):
            actions.set_account_manager(organisation_id=acme.pk, user=ana, by=ana, now=now)

    def test_a_service_has_a_team(self, admin: User, now: datetime) -> None:
        team = actions.create_team(name="Desk", slug="desk", by=admin, now=now)
        service = actions.create_service(name="Payroll", slug="payroll", by=admin, now=now, team=team)
        with pytest.raises(Conflict):
            actions.create_service(name="payroll", slug="other", by=admin, now=now)
        actions.set_service_team(service_id=service.pk, team=None, by=admin, now=now)
        assert entries("system")[-1].data["after"] is None

    def test_skills_are_set_exactly_and_known_by_name_in_any_case(self, make: Make, admin: User, now: datetime) -> None:
        ana, ben = make("ana"), make("ben")
        actions.set_skills(user=ana, names=["Oracle RAC", "Czech", "oracle rac"], by=admin, now=now)
        actions.set_skills(user=ben, names=["ORACLE rac"], by=admin, now=now)
        assert [skill.name for skill in ana.skills.order_by("name")] == ["Czech", "Oracle RAC"]
        assert list(ben.skills.all()) == list(ana.skills.filter(name="Oracle RAC"))


def test_all_of_it_leaves_a_whole_journal(make: Make, admin: User, now: datetime) -> None:
    actions.create_team(name="Desk", slug="desk", by=admin, now=now, members=[make("ana")])
    actions.set_deputy(user=admin, deputy=make("ben"), by=admin, now=now)
    assert verify().problems == []
