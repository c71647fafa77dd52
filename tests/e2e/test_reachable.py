"""On a phone: an address is added, proven by the code from the mail viewer, tried out, and the page says what came of it."""

import re
import time

from playwright.sync_api import Browser, Page

from tests.e2e.conftest import AGENT

ADDRESS = "phone@alderfinch.example"


def code(viewer: Page, address: str) -> str:
    """Read the newest code in the mail viewer; it takes the engine a moment to send it."""
    viewer.goto(f"{address}/demo/mail")
    for _ in range(100):
        found = re.search(r"(\d{6}) is your Tocsin code", viewer.content())
        if found:
            return found[1]
        time.sleep(0.1)
    raise AssertionError("no code came")


def test_an_address_is_added_proven_and_tried_out_on_a_phone(
    browser: Browser, signed_in: dict[str, object], demo
) -> None:
    context = browser.new_context(storage_state=signed_in[AGENT], viewport={"width": 360, "height": 740})  # type: ignore[arg-type]  # as Playwright gave it
    page, viewer = context.new_page(), context.new_page()
    page.goto(f"{demo.address}/me/notifications")
    page.get_by_text("You can be reached.").wait_for()
    page.get_by_role("link", name="Add an address").click()
    page.locator("a[href*='channel=email']").click()
    page.get_by_label("Address").fill(ADDRESS)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code").fill(code(viewer, demo.address))
    page.get_by_role("button", name="Verify").click()
    row = page.locator("li", has_text=ADDRESS)
    row.get_by_role("button", name="Send me a test").click()
    row.get_by_text("accepted by the provider").wait_for(timeout=20_000)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.locator("li", has_text=ADDRESS).get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Remove it").click()
    page.get_by_text(f"{ADDRESS} is removed").wait_for()
    context.close()
