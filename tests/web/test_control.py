"""Policies and settings: findings with their line, the difference before publishing, rights."""

from datetime import timedelta

from tests.web.constants import LADDER
from tocsin.domain.escalation.models import Maintenance, Policy, Setting

EDIT = "/policies/quick/edit"


def test_if_it_fired_now_names_people_with_evidence_and_pages_nobody(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    html = signed_in("agent").get(f"/policies/quick?ticket={desk.queued.number}").content.decode()
    assert "member of team First line" in html
    assert "member of team Experts" in html


def test_a_broken_policy_comes_back_with_line_field_and_remedy(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    broken = LADDER.replace("delay: 15m", "delay: soon")
    response = signed_in("manager").post(EDIT, {"text": broken, "based_on": "1", "act": "publish"})
    html = response.content.decode()
    assert response.status_code == 422
    assert "line 11" in html
    assert "delay" in html
    assert "delay: soon" in html
    assert Policy.objects.get(slug="quick").current.number == 1


def test_the_difference_is_shown_before_anything_is_published(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    changed = LADDER.replace("15m", "5m")
    client = signed_in("manager")
    html = client.post(EDIT, {"text": changed, "based_on": "1", "act": "plan"}).content.decode()
    assert "It becomes version 2" in html
    assert "15m" in html
    assert Policy.objects.get(slug="quick").current.number == 1
    client.post(EDIT, {"text": changed, "based_on": "1", "act": "publish", "note": "Sooner"})
    assert Policy.objects.get(slug="quick").current.number == 2
    versions = client.get("/policies/quick/versions").content.decode()
    assert "-    delay: 15m" in versions
    assert "+    delay: 5m" in versions


def test_an_edit_of_an_old_version_is_refused(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("manager")
    client.post(EDIT, {"text": LADDER.replace("15m", "5m"), "based_on": "1", "act": "publish"})
    response = client.post(EDIT, {"text": LADDER.replace("15m", "9m"), "based_on": "1", "act": "publish"})
    assert response.status_code == 422
    assert "has been published since" in response.content.decode()


def test_agents_cannot_edit_policies(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    assert signed_in("agent").post(EDIT, {"text": LADDER, "based_on": "1", "act": "publish"}).status_code == 403


def test_disabling_and_enabling(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("manager")
    client.post("/policies/quick/enable", {"enabled": "no"})
    assert not Policy.objects.get(slug="quick").enabled
    client.post("/policies/quick/enable", {"enabled": "yes"})
    assert Policy.objects.get(slug="quick").enabled


def test_the_catch_all_must_be_reachable(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("admin")
    client.post("/settings/catch-all", {"user": str(desk.manager.pk)})
    assert Setting.objects.get().catch_all_id == desk.manager.pk
    assert desk.manager.name in client.get("/settings").content.decode()


def test_a_maintenance_window_is_planned_and_ended(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("lead")
    begin, end = desk.now - timedelta(minutes=5), desk.now + timedelta(hours=1)
    form = {"service": str(desk.service.pk), "starts_at": f"{begin:%Y-%m-%dT%H:%M}", "ends_at": f"{end:%Y-%m-%dT%H:%M}"}
    assert client.post("/settings/maintenance", {**form, "reason": ""}).status_code == 422
    client.post("/settings/maintenance", {**form, "reason": "New switch"})
    window = Maintenance.objects.get()
    assert "Under maintenance" in client.get(f"/tickets/{desk.ticket.number}").content.decode()
    client.post(f"/settings/maintenance/{window.pk}/end")
    window.refresh_from_db()
    assert window.ends_at < end
