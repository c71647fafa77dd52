"""The worker in a real browser: a push becomes a notification, and its button posts the answer."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import AGENT

SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications()).map(
  (one) => ({title: one.title, body: one.body, actions: one.actions.map((a) => a.action)}))"""
REGISTER = "async () => { await navigator.serviceWorker.register('/push/worker.js', {scope: '/'}); await navigator.serviceWorker.ready; }"
TOLD = (
    '{"title": "[P1] T-7 needs an answer", "body": "Nobody is paid.", "url": "/queue", "tag": "one", "urgent": true,'
    ' "answer": "/answer/not-a-token", "all": false}'
)


@pytest.fixture
def page(browser: Browser, signed_in: dict[str, object], demo) -> Iterator[Page]:
    context = browser.new_context(storage_state=signed_in[AGENT], permissions=["notifications"])  # type: ignore[arg-type]  # as Playwright gave it
    page = context.new_page()
    page.goto(f"{demo.address}/me/notifications")
    yield page
    context.close()


def test_a_push_is_shown_with_buttons_and_its_button_answers(page: Page, demo) -> None:
    registrations: list[str] = []
    devtools = page.context.new_cdp_session(page)
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: registrations.extend(one["registrationId"] for one in told["registrations"]),
    )
    devtools.send("ServiceWorker.enable")
    page.evaluate(REGISTER)
    page.wait_for_timeout(300)
    assert registrations
    push = {"origin": demo.address, "registrationId": registrations[-1], "data": TOLD}
    devtools.send("ServiceWorker.deliverPushMessage", push)
    page.wait_for_timeout(500)
    assert page.evaluate(SHOWN) == [
        {"title": "[P1] T-7 needs an answer", "body": "Nobody is paid.", "actions": ["acknowledge", "decline"]}
    ]
    worker = page.context.service_workers[0]
    with page.context.expect_event("response", lambda answer: "/answer/" in answer.url) as answered:
        worker.evaluate(
            """async () => {
              const [notification] = await self.registration.getNotifications();
              self.dispatchEvent(new NotificationEvent("notificationclick", {notification, action: "acknowledge"}));
            }"""
        )
    assert answered.value.request.method == "POST"
    assert answered.value.request.post_data == "verb=acknowledge"
    page.wait_for_timeout(300)
    # The link was no good, and the person is told so where the page was.
    assert [one["title"] for one in page.evaluate(SHOWN)] == ["Not answered"]
