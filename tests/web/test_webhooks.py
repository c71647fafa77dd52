"""Webhooks in the settings: set up, tried out, looked into, sent again; for administrators only."""

import re
from typing import Any

import pytest
from django.urls import reverse

from tests.channels.service import running
from tocsin.domain.webhooks.models import Delivery, Subscription
from tocsin.engine.webhooks import Webhooks

FIELDS = {
    "name": "Warehouse",
    "url": "https://hooks.example.org/in",
    "families": ["ticket.*"],
    "kinds": "run.acknowledged",
}


def added(browser: Any, **fields: Any) -> Subscription:
    shown = browser.post(reverse("webhook_new"), FIELDS | fields)
    assert shown.status_code == 200
    found = Subscription.objects.get()
    secret = re.search(r'value="(whsec_[^"]+)"', shown.content.decode())
    assert secret is not None
    assert secret[1] not in browser.get(reverse("webhook", args=[found.pk])).content.decode()
    return found


def test_a_webhook_is_added_with_a_secret_that_is_shown_once_and_changed(desk: Any, signed_in: Any) -> None:
    browser = signed_in("admin")
    found = added(browser)
    assert found.kinds == ["ticket.*", "run.acknowledged"]
    form = browser.get(reverse("webhook_edit", args=[found.pk])).content.decode()
    assert "run.acknowledged" in form
    browser.post(reverse("webhook_edit", args=[found.pk]), {"name": "Lake", "url": FIELDS["url"]})
    found.refresh_from_db()
    assert (found.name, found.kinds) == ("Lake", [])


def test_bad_input_is_shown_beside_its_field_and_kept(desk: Any, signed_in: Any) -> None:
    shown = signed_in("admin").post(reverse("webhook_new"), FIELDS | {"url": "ftp://files.example.org"})
    html = shown.content.decode()
    assert shown.status_code == 422
    assert "ftp://files.example.org" in html
    assert "Write a full address like" in html


def test_a_test_arrives_and_its_log_tells(desk: Any, signed_in: Any, settings: Any) -> None:
    settings.WEBHOOK_ALLOW = ("127.0.0.0/8",)
    browser = signed_in("admin")
    with running(lambda _taken: (503, b"not today")) as service:
        found = added(browser, url=service.url)
        where = browser.post(reverse("webhook_test", args=[found.pk]))["Location"]
        Webhooks().drain()
    html = browser.get(where).content.decode()
    assert "not today" in html
    assert "webhook.test" in html
    log = browser.get(reverse("webhook", args=[found.pk]), {"state": "pending"}).content.decode()
    assert "To be sent" in log
    again = browser.post(reverse("webhook_again", args=[found.pk, Delivery.objects.get().pk]))
    assert (again.status_code, Delivery.objects.count()) == (302, 2)


def test_it_is_paused_given_a_new_secret_and_removed(desk: Any, signed_in: Any) -> None:
    browser = signed_in("admin")
    found = added(browser)
    browser.post(reverse("webhook_enable", args=[found.pk]), {"enabled": "0"})
    assert "paused" in browser.get(reverse("webhooks")).content.decode()
    assert "whsec_" not in browser.get(reverse("webhook_secret", args=[found.pk])).content.decode()
    assert "whsec_" in browser.post(reverse("webhook_secret", args=[found.pk])).content.decode()
    sent = browser.post(reverse("webhook_again_since", args=[found.pk]), {"since": "2026-01-01T00:00"})
    assert sent["Location"] == reverse("webhook", args=[found.pk])
    browser.post(reverse("webhook_remove", args=[found.pk]))
    assert not Subscription.objects.exists()


@pytest.mark.parametrize("who", ["agent", "lead", "requester"])
def test_nobody_else_sees_them(desk: Any, signed_in: Any, who: str) -> None:
    found = added(signed_in("admin"))
    for name in ("webhooks", "webhook_new"):
        assert signed_in(who).get(reverse(name)).status_code in (403, 404)
    assert signed_in(who).get(reverse("webhook", args=[found.pk])).status_code in (403, 404)


def test_a_delivery_of_another_webhook_is_not_found(desk: Any, signed_in: Any) -> None:
    browser = signed_in("admin")
    first = added(browser)
    browser.post(reverse("webhook_new"), FIELDS | {"name": "Second"})
    second = Subscription.objects.exclude(pk=first.pk).get()
    browser.post(reverse("webhook_test", args=[second.pk]))
    row = Delivery.objects.get(kind="webhook.test")
    assert browser.get(reverse("webhook_delivery", args=[first.pk, row.pk])).status_code == 404
    assert browser.post(reverse("webhook_again", args=[first.pk, row.pk])).status_code == 404
