"""How I am reached: an address is added, proven, tried out and removed by its owner, and the page says what is wrong."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.models import ContactMethod, Delivery, QuietHours, Verification
from tocsin.domain.notify.one_time import code_of
from tocsin.domain.notify.transport import Sent, TransportError

HOOK = "https://chat.example.org/hooks/xi4jkq7h1tgz8cnwyp6s5b3dmo"


@pytest.fixture(autouse=True)
def mail_server(settings: Any) -> None:
    settings.SMTP_HOST = "mail.example.org"  # without one nothing goes out by mail, and the page says so


def add(client: Client, channel: str, address: str) -> ContactMethod:
    response = client.post("/me/notifications/add", {"channel": channel, "address": address})
    assert response.status_code == 302, response.content.decode()
    method = ContactMethod.objects.order_by("-pk").first()
    assert method is not None
    assert response["Location"] == f"/me/notifications/methods/{method.pk}/verify"
    return method


def newest_code() -> str:
    newest = Verification.objects.order_by("-made_at", "-pk").first()
    assert newest is not None
    return code_of(newest.pk)


def page(client: Client) -> str:
    return re.sub(r"\s+", " ", client.get("/me/notifications").content.decode())


def test_an_address_is_added_and_proven_by_its_code(desk, signed_in) -> None:
    client = signed_in("agent")
    method = add(client, "email", "phone@agent.example")
    assert Delivery.objects.get(address="phone@agent.example").state == "pending"
    wrong = client.post(f"/me/notifications/methods/{method.pk}/verify", {"code": "0"})
    assert wrong.status_code == 422
    assert "This is not the code" in wrong.content.decode()
    client.post(f"/me/notifications/methods/{method.pk}/verify", {"code": newest_code()})
    method.refresh_from_db()
    assert method.verified_at is not None


def test_the_channels_are_offered_with_what_is_missing(desk, signed_in) -> None:
    html = signed_in("agent").get("/me/notifications/add").content.decode()
    assert "?channel=email" in html
    assert "?channel=ntfy" in html
    assert "?channel=pushover" not in html  # nobody has set up an application
    assert "an administrator has set up no provider for it" in html
    assert "?channel=console" not in html
    form = signed_in("agent").get("/me/notifications/add?channel=ntfy").content.decode()
    assert "Whoever knows a topic can read it" in form


def test_a_secret_address_is_never_shown_again(desk, signed_in) -> None:
    client = signed_in("agent")
    method = add(client, "mattermost", HOOK)
    for address in ("/me/notifications", f"/people/{desk.agent.pk}", f"/me/notifications/methods/{method.pk}/verify"):
        html = client.get(address).content.decode()
        assert "xi4jkq7h1tgz8cnwyp6s5b3dmo" not in html
        assert "chat.example.org/...3dmo" in html


def test_another_code_is_sent_but_not_without_end(desk, signed_in) -> None:
    client = signed_in("agent")
    method = add(client, "email", "phone@agent.example")
    codes = [client.post(f"/me/notifications/methods/{method.pk}/code").status_code for _ in range(3)]
    assert codes == [302, 302, 409]


def test_nobody_touches_anothers_address(desk, signed_in) -> None:
    method = ContactMethod.objects.get(user=desk.agent)
    client = signed_in("admin")
    for what in ("verify", "code", "test", "remove"):
        assert client.post(f"/me/notifications/methods/{method.pk}/{what}").status_code == 404
    delivery = notify.send_test(user_id=desk.agent.pk, method_id=method.pk, now=desk.now)
    assert client.get(f"/me/notifications/tests/{delivery.pk}").status_code == 404
    assert ContactMethod.objects.filter(pk=method.pk).exists()


def leased(desk: Any) -> Any:
    terms = notify.LeaseTerms()
    parcels = notify.lease(channel="email", now=desk.now + timedelta(minutes=1), limit=50, terms=terms)
    return next(p for p in parcels if p.lead.data.get("test"))


def test_a_test_shows_what_becomes_of_it(desk, signed_in) -> None:
    client = signed_in("agent")
    method = ContactMethod.objects.get(user=desk.agent)
    assert client.post(f"/me/notifications/methods/{method.pk}/test").status_code == 302
    delivery = Delivery.objects.get(page__data__test=str(method.pk))
    line = f"/me/notifications/tests/{delivery.pk}"
    waiting = client.get(line).content.decode()
    assert "on its way" in waiting
    assert f'hx-get="{line}"' in waiting
    parcel = leased(desk)
    notify.record_sent(parcel=parcel, sent=Sent(provider_id="1", answer="250 taken"), now=desk.now)
    settled = client.get(line).content.decode()
    assert "accepted by the provider" in settled
    assert "250 taken" in settled
    assert "hx-get" not in settled


def test_a_test_that_failed_says_why(desk, signed_in) -> None:
    client = signed_in("agent")
    method = ContactMethod.objects.get(user=desk.agent)
    client.post(f"/me/notifications/methods/{method.pk}/test")
    refused = TransportError("550 no such mailbox", permanent=True)
    notify.record_failed(parcel=leased(desk), error=refused, now=desk.now, max_attempts=3)
    assert "550 no such mailbox" in page(client)


def test_removing_the_last_address_of_somebody_on_duty_says_what_follows(desk, signed_in) -> None:
    client = signed_in("agent")
    from tocsin.domain.escalation import actions as escalation  # noqa: PLC0415 - only this test names a catch-all

    escalation.set_catch_all(user=desk.agent, by=None, now=desk.now)
    method = ContactMethod.objects.get(user=desk.agent)
    where = f"/me/notifications/methods/{method.pk}/remove"
    assert client.post(where).status_code == 409
    html = client.get(where).content.decode()
    assert "you are on duty: " in html
    assert "the catch-all, where pages go that reach nobody else" in html
    assert "Remove it all the same" in html
    assert client.post(where, {"confirmed": "1"}).status_code == 302
    assert not ContactMethod.objects.filter(pk=method.pk).exists()
    assert "You cannot be reached because:" in page(client)


def test_an_address_that_is_not_the_last_is_removed_without_more(desk, signed_in) -> None:
    client = signed_in("agent")
    method = add(client, "email", "phone@agent.example")
    client.post(f"/me/notifications/methods/{method.pk}/remove")
    assert not ContactMethod.objects.filter(pk=method.pk).exists()


def test_the_page_says_why_somebody_cannot_be_reached(desk, signed_in) -> None:
    client = signed_in("agent")
    assert "You can be reached." in page(client)
    ContactMethod.objects.filter(user=desk.agent).update(verified_at=None)
    html = page(client)
    assert "You cannot be reached because:" in html
    assert "not verified yet" in html


def test_quiet_hours_that_never_end_are_pointed_out(desk, signed_in) -> None:
    QuietHours.objects.create(user=desk.agent, starts="00:00", ends="23:59")
    assert "Quiet hours last all day" in page(signed_in("agent"))


def test_leads_see_who_cannot_be_reached_and_why(desk, signed_in, settings) -> None:
    settings.SMTP_HOST = ""
    listed = signed_in("lead").get("/people").content.decode()
    assert "cannot be reached" in listed
    assert "an administrator has set up no provider for it" in listed
    told = signed_in("lead").get(f"/people/{desk.agent.pk}").content.decode()
    assert "cannot be reached because" in told


def test_a_deputy_is_shown(desk, signed_in) -> None:
    until = desk.now + timedelta(days=2)
    form = {"deputy": str(desk.expert.pk), "ends_at": f"{until:%Y-%m-%dT%H:%M}", "reason": "Leave"}
    client = signed_in("agent")
    client.post(f"/people/{desk.agent.pk}/deputy", form)
    assert "Expert answers for you now" in page(client)
