"""Others of the demonstration at their own browsers, and calls that are logged for a story."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from playwright.sync_api import TimeoutError as NothingCame

from tests.e2e.conftest import Demo

# Stories of several people do more at once than one page: a busy machine gets the time that it needs.
expect.set_options(timeout=20_000)
KEPT: dict[str, Any] = {}  # what a browser keeps of somebody who has signed in


@contextmanager
def at_their_desk(browser: Browser, demo: Demo, who: str) -> Iterator[Page]:
    """Give the page of somebody of the company, signed in; `who`: the name in their address."""
    if who not in KEPT:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{demo.address}/")
        page.get_by_label("E-mail").fill(f"{who}@alderfinch.example")
        page.get_by_label("Password").fill(demo.password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/queue")
        KEPT[who] = context.storage_state()
        context.close()
    context = browser.new_context(storage_state=KEPT[who], viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


def call(context: BrowserContext, demo: Demo, subject: str, **more: str) -> int:
    """Log a call as somebody's own ticket, as the form would send it; return its number."""
    page = context.new_page()
    page.goto(f"{demo.address}/tickets/new")
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    filled = {
        "csrfmiddlewaretoken": token, "requester": "jonas@kestrel.example", "subject": subject, "description": "",
        "impact": "2", "urgency": "2", "service": "", "team": "", "category": "", "configuration_item": "",
        "channel": "phone", "opened_at": "", "take": "on", **more,
    }  # fmt: skip
    answer = page.request.post(page.url, form=filled)
    page.close()
    found = re.search(r"/tickets/(\d+)", answer.url)
    assert found, f"{answer.status} {answer.url}"
    return int(found[1])


def offered(context: BrowserContext, demo: Demo, field: str, name: str) -> str:
    """Return the value by which the form of a call names a service or a team."""
    page = context.new_page()
    page.goto(f"{demo.address}/tickets/new")
    value = page.locator(f"#id_{field} option", has_text=name).get_attribute("value")
    page.close()
    return str(value)


def send(page: Page) -> None:
    """Send the sheet that is open."""
    page.get_by_role("dialog").locator("button.primary").click()


def open_sheet(page: Page, link: Locator) -> None:
    """Press what opens a sheet; once more where a live update replaced it between pressing and letting go."""
    link.click()
    try:
        page.get_by_role("dialog").wait_for(timeout=5_000)
    except NothingCame:
        link.click()
        page.get_by_role("dialog").wait_for()


def toast(page: Page, words: str) -> None:
    """Wait for a word on what was done."""
    expect(page.get_by_text(re.compile(words)).first).to_be_visible(timeout=15_000)


def pick(page: Page, label: str, name: str) -> None:
    """Choose the option that names `name` in the sheet that is open."""
    select = page.get_by_role("dialog").get_by_label(label).first
    option = select.locator("option", has_text=name)
    select.select_option(value=str(option.first.get_attribute("value")))


def key(page: Page, name: str) -> None:
    """Press a key once the page listens: scripts come after what they serve."""
    page.wait_for_load_state("load")
    page.keyboard.press(name)
