"""People, teams, deputies and how somebody is reached."""

from datetime import timedelta

from tocsin.domain.notify.models import ContactMethod, ContactRule, QuietHours
from tocsin.domain.people.models import Deputy


def test_the_list_shows_teams_and_staff(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    html = signed_in("agent").get("/people").content.decode()
    assert "First line" in html
    assert desk.expert.name in html
    assert "ana@acme.example" not in html
    assert "Ana" in signed_in("agent").get("/people?q=ana").content.decode()


def test_a_deputy_is_set_shown_and_ended(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("agent")
    until = desk.now + timedelta(days=2)
    form = {"deputy": str(desk.expert.pk), "ends_at": f"{until:%Y-%m-%dT%H:%M}", "reason": "Leave"}
    assert client.post(f"/people/{desk.agent.pk}/deputy", form).status_code == 302
    html = client.get(f"/people/{desk.agent.pk}").content.decode()
    assert "Expert answers for Agent now" in html
    row = Deputy.objects.get()
    client.post(f"/people/{desk.agent.pk}/deputies/{row.pk}/end")
    assert "answers for Agent now" not in client.get(f"/people/{desk.agent.pk}").content.decode()


def test_nobody_sets_a_deputy_for_somebody_else(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    response = signed_in("expert").post(f"/people/{desk.agent.pk}/deputy", {"deputy": str(desk.expert.pk)})
    assert response.status_code == 422
    assert not Deputy.objects.exists()


def test_a_new_address_is_unused_until_an_administrator_vouches(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    signed_in("agent").post("/me/notifications/add", {"channel": "email", "address": "private@agent.example"})
    method = ContactMethod.objects.get(address="private@agent.example")
    assert (method.user_id, method.verified_at) == (desk.agent.pk, None)
    assert signed_in("agent").post(f"/methods/{method.pk}/vouch").status_code == 403
    signed_in("admin").post(f"/methods/{method.pk}/vouch")
    method.refresh_from_db()
    assert method.verified_at is not None


def test_a_wrong_address_keeps_what_was_typed(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    response = signed_in("agent").post("/me/notifications/add", {"channel": "email", "address": "nobody"})
    assert response.status_code == 422
    assert 'value="nobody"' in response.content.decode()


def test_the_sequence_is_set_in_order_of_delay(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    method = ContactMethod.objects.get(user=desk.agent)
    client = signed_in("agent")
    client.post("/me/notifications/sequence/high", {f"delay-{method.pk}": "120"})
    assert ContactRule.objects.get(user=desk.agent, urgency="high").delay_seconds == 120
    assert client.post("/me/notifications/sequence/high", {f"delay-{method.pk}": "soon"}).status_code == 400
    client.post("/me/notifications/sequence/high", {f"delay-{method.pk}": ""})
    assert not ContactRule.objects.filter(user=desk.agent, urgency="high").exists()


def test_quiet_hours_come_in_pairs(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("agent")
    assert client.post("/me/notifications/quiet", {"starts": "22:00", "ends": ""}).status_code == 400
    client.post("/me/notifications/quiet", {"starts": "22:00", "ends": "06:00"})
    assert QuietHours.objects.get(user=desk.agent).starts.hour == 22
    client.post("/me/notifications/quiet", {"starts": "", "ends": ""})
    assert not QuietHours.objects.exists()


def test_a_requester_may_look_at_their_own_addresses_only(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("requester")
    assert client.get("/me/notifications").status_code == 200
    response = client.get("/queue")
    assert response.status_code == 403
    assert "Sign out" in response.content.decode()
