"""Two browsers agree within two seconds; typing survives; a lost connection shows, and is caught up (checks 15 to 18)."""

import re
import time

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import ADMINISTRATOR


def _some_ticket(page: Page, address: str, nth: int) -> str:
    """Return the address of a ticket of the demonstration in work, the nth newest: nobody writes on closed ones."""
    page.goto(f"{address}/queue?view=all&status=open&sort=newest")
    links = page.locator("main a[href^='/tickets/']:not([href$='/new'])")
    hrefs = list(dict.fromkeys(str(link.get_attribute("href")) for link in links.all()))
    return f"{address}{hrefs[nth]}"


def _note(page: Page, where: str, text: str) -> None:
    page.goto(where)
    page.keyboard.press("n")
    page.locator("form[data-composer] textarea").fill(text)
    page.get_by_role("button", name=re.compile("Save note")).click()


@pytest.fixture
def administrator(browser: Browser, signed_in: dict[str, object]):  # type: ignore[no-untyped-def]
    context = browser.new_context(storage_state=signed_in[ADMINISTRATOR], viewport={"width": 1280, "height": 900})  # type: ignore[arg-type]  # as Playwright gave it
    yield context
    context.close()


def test_two_browsers_agree_within_two_seconds(agent: BrowserContext, administrator: BrowserContext, demo) -> None:  # type: ignore[no-untyped-def]
    writes, reads = agent.new_page(), administrator.new_page()
    where = _some_ticket(writes, demo.address, 3)
    with reads.expect_response(re.compile(r"/live\?topic=")) as stream:
        reads.goto(where)
    assert stream.value.status == 200  # events, not the look every few seconds that stands in for them
    text = reads.locator("form[data-composer] textarea")
    text.fill("I was in the middle of a sen")
    reads.wait_for_timeout(1500)  # connected

    _note(writes, where, "The gateway restarts every 180 seconds.")
    began = time.monotonic()
    expect(reads.locator("#timeline-news")).to_contain_text("new", timeout=5_000)
    assert time.monotonic() - began < 2.0
    assert text.input_value() == "I was in the middle of a sen"


def test_a_queue_tells_of_a_change_and_moves_nothing(
    agent: BrowserContext, administrator: BrowserContext, demo
) -> None:  # type: ignore[no-untyped-def]
    queue, other = administrator.new_page(), agent.new_page()
    queue.goto(f"{demo.address}/queue?view=all&sort=newest")
    links = queue.locator("main a[href^='/tickets/']")
    before = links.all_inner_texts()
    queue.wait_for_timeout(1500)
    _note(other, _some_ticket(other, demo.address, 4), "Seen.")
    expect(queue.locator("#queue-news")).to_contain_text("new or changed", timeout=5_000)
    assert links.all_inner_texts() == before


def test_a_lost_connection_is_said_and_caught_up(agent: BrowserContext, administrator: BrowserContext, demo) -> None:  # type: ignore[no-untyped-def]
    reads, writes = agent.new_page(), administrator.new_page()
    where = _some_ticket(writes, demo.address, 5)
    reads.goto(where)
    reads.wait_for_timeout(1000)
    agent.set_offline(True)
    light = reads.locator("[data-live]")
    expect(light).to_have_class(re.compile("is-lost"), timeout=60_000)
    _note(writes, where, "Meanwhile.")
    agent.set_offline(False)
    expect(light).not_to_have_class(re.compile("is-lost"), timeout=40_000)
    expect(reads.locator("#timeline-news")).to_contain_text("new", timeout=10_000)
