"""What administrators do to people, teams, organisations and services, and what nobody else can do."""

from typing import Any

import pytest

from tocsin.domain.journal.models import Entry
from tocsin.domain.people.models import Organisation, Service, Team, User
from tocsin.domain.tickets.models import Ticket


def form_of(person: User, **more: Any) -> dict[str, Any]:
    return {"name": person.name, "email": person.email, "role": person.role, "zone": "UTC", "teams": [], **more}


def test_role_teams_organisation_and_manager_are_changed_and_journalled(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    form = form_of(desk.expert, role="lead", teams=[str(desk.team.pk)], manager=str(desk.manager.pk))
    assert signed_in("admin").post(f"/people/{desk.expert.pk}/edit", form).status_code == 302
    desk.expert.refresh_from_db()
    assert (desk.expert.role, desk.expert.manager, list(desk.expert.teams.all())) == ("lead", desk.manager, [desk.team])
    kinds = set(Entry.objects.filter(actor=f"person:{desk.admin.pk}").values_list("kind", flat=True))
    assert {"person.edited", "team.members_changed"} <= kinds


@pytest.mark.parametrize("person", ["requester", "stakeholder", "agent", "lead", "manager"])
def test_nobody_gives_themselves_a_role(desk, signed_in, person) -> None:  # type: ignore[no-untyped-def]
    me = getattr(desk, person)
    client = signed_in(person)
    assert client.post(f"/people/{me.pk}/edit", form_of(me, role="administrator")).status_code == 403
    client.post("/account", {"name": me.name, "zone": "UTC", "role": "administrator", "is_active": "on"})
    me.refresh_from_db()
    assert me.role != "administrator"


def test_administrators_do_not_change_their_own_role_either(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    User.objects.filter(pk=desk.manager.pk).update(role="administrator")
    answer = signed_in("admin").post(f"/people/{desk.admin.pk}/edit", form_of(desk.admin, role="lead"))
    assert answer.status_code == 422
    assert "Ask another administrator" in answer.content.decode()


def test_whoever_is_deactivated_shows_what_they_hold_and_hands_it_over(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client, where = signed_in("admin"), f"/people/{desk.agent.pk}/deactivate"
    html = client.get(where).content.decode()
    assert desk.ticket.reference in html
    assert "open tickets" in html
    assert client.post(where, {"successor": str(desk.expert.pk)}).status_code == 422  # not confirmed
    theirs = desk.client(desk.agent)
    assert client.post(where, {"successor": str(desk.expert.pk), "confirmed": "on"}).status_code == 302
    desk.agent.refresh_from_db()
    desk.ticket.refresh_from_db()
    assert (desk.agent.is_active, desk.ticket.owner) == (False, desk.expert)
    assert theirs.get("/queue").status_code == 302
    client.post(f"/people/{desk.agent.pk}/reactivate")
    desk.agent.refresh_from_db()
    assert desk.agent.is_active


def test_without_a_successor_tickets_go_back_to_their_queue(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    signed_in("admin").post(f"/people/{desk.agent.pk}/deactivate", {"successor": "", "confirmed": "on"})
    kept = Ticket.objects.get(pk=desk.ticket.pk)
    assert (kept.owner, kept.team) == (None, desk.team)


def test_the_last_administrator_stays(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    answer = signed_in("admin").post(f"/people/{desk.admin.pk}/deactivate", {"confirmed": "on"})
    assert answer.status_code == 422
    assert User.objects.get(pk=desk.admin.pk).is_active


def test_a_team_is_changed_by_its_own_lead_only(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    other = User.objects.get(pk=desk.expert.pk)
    other.role = "lead"
    other.save()
    form = {"name": "Taken over", "line": "L1", "lead": str(other.pk), "members": [str(other.pk)]}
    assert desk.client(other).post(f"/teams/{desk.team.slug}/edit", form).status_code == 403
    assert signed_in("lead").post(f"/teams/{desk.team.slug}/edit", {**form, "name": "Desk"}).status_code == 302
    team = Team.objects.get(pk=desk.team.pk)
    assert (team.name, [member.pk for member in team.members.all()]) == ("Desk", [other.pk])


def test_organisations_and_services_are_added_and_changed_by_administrators(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("admin")
    client.post("/organisations/new", {"name": "Bolt", "zone": "Europe/Prague", "members_see_all": "on"})
    made = Organisation.objects.get(name="Bolt")
    assert made.members_see_all
    client.post(
        f"/organisations/{made.pk}/edit", {"name": "Bolt Ltd", "zone": "UTC", "account_manager": str(desk.lead.pk)}
    )
    made.refresh_from_db()
    assert (made.name, made.members_see_all, made.account_manager) == ("Bolt Ltd", False, desk.lead)
    client.post("/services/new", {"name": "VPN access", "offered": "on", "categories": "Slow\n\nSlow\nDown"})
    service = Service.objects.get(slug="vpn-access")
    assert service.categories == ["Slow", "Down"]
    client.post("/services/vpn-access/edit", {"name": "VPN", "team": str(desk.team.pk), "categories": "Down"})
    service.refresh_from_db()
    assert (service.name, service.offered, service.team, service.categories) == ("VPN", False, desk.team, ["Down"])
    refused = signed_in("lead").post("/services/new", {"name": "X"})
    assert refused.status_code == 403


def test_a_lost_second_factor_is_taken_away_by_administrators_and_journalled(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    from allauth.mfa.models import Authenticator  # noqa: PLC0415 - next to its use

    Authenticator.objects.create(user=desk.agent, type="totp", data={"secret": "x"})
    assert signed_in("lead").post(f"/people/{desk.agent.pk}/forget-factor").status_code == 403
    signed_in("admin").post(f"/people/{desk.agent.pk}/forget-factor")
    assert not Authenticator.objects.exists()
    entry = Entry.objects.get(stream=f"person:{desk.agent.pk}", kind="person.credential_changed")
    assert entry.actor == f"person:{desk.admin.pk}"


def test_sheets_of_administrators_open_as_fragments_too(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("admin")
    for path in (
        f"/people/{desk.agent.pk}/edit",
        "/people/invite",
        f"/people/{desk.agent.pk}/deactivate",
        "/teams/new",
    ):
        html = client.get(path, headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in html
        assert "sheet-title" in html
