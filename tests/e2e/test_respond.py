"""Answering on the phone: from the mail viewer, at 360 px, by one button; and looking changes nothing (checks 10 to 12)."""

import re
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import ADMINISTRATOR, Demo

PHONE = {"width": 360, "height": 780}


@pytest.fixture
def desk(browser: Browser, signed_in: dict[str, object]) -> Iterator[BrowserContext]:
    context = browser.new_context(storage_state=signed_in[ADMINISTRATOR], viewport={"width": 1280, "height": 900})  # type: ignore[arg-type]  # as Playwright gave it
    yield context
    context.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A phone on which nobody is signed in: the link speaks for its person."""
    context = browser.new_context(viewport=PHONE, is_mobile=True, has_touch=True)  # type: ignore[arg-type]  # a size
    yield context.new_page()
    context.close()


def _fire(page: Page, demo: Demo) -> None:
    """Fire a test of a whole policy from its page."""
    page.goto(f"{demo.address}/drills/fire")
    choices = page.get_by_label("or a policy, or one level of it").locator("option")
    values = [str(option.get_attribute("value")) for option in choices.all()]
    whole = next(value for value in values if value and ":" not in value)
    page.get_by_label("or a policy, or one level of it").select_option(whole)
    team = page.get_by_label("As if a ticket were with").locator("option").nth(1).get_attribute("value")
    page.get_by_label("As if a ticket were with").select_option(team)
    page.get_by_role("button", name="Fire the test").click()
    page.wait_for_url(re.compile(r"/drills/[0-9a-f-]{36}$"))


def _test_links(page: Page, demo: Demo) -> list[str]:
    """Wait for the test's mail in the viewer, and return the respond links of all mails there."""
    page.goto(f"{demo.address}/demo/mail")
    expect(page.get_by_text(re.compile(r"\[TEST\]")).first).to_be_visible(timeout=15_000)
    found = page.locator("a[href*='/respond/']")
    return [str(link.get_attribute("href")) for link in found.all()]


def test_one_press_on_the_phone_stops_the_paging(desk: BrowserContext, phone: Page, demo: Demo) -> None:
    page = desk.new_page()
    _fire(page, demo)
    report = page.url
    link = None
    for href in _test_links(page, demo):
        phone.goto(f"{demo.address}{urlsplit(href).path}")
        if phone.get_by_text("This is a test.").count():
            link = href
            break
    assert link, "the mail viewer holds no link of the test"
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    button = phone.get_by_role("button", name="Acknowledge", exact=True)
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44, "a thumb hits it"
    began = time.monotonic()
    button.tap()
    expect(phone.get_by_role("status")).to_contain_text("This was a test")
    page.goto(report)
    expect(page.get_by_text("Ended", exact=True)).to_be_visible()
    assert time.monotonic() - began < 2.0
    page.get_by_role("link", name="Proof").click()
    expect(page.get_by_text("This was a test.")).to_be_visible()
    expect(page.get_by_role("region", name="Answers")).to_contain_text("acknowledged")


def test_opening_every_link_of_every_mail_answers_nothing(desk: BrowserContext, phone: Page, demo: Demo) -> None:
    page = desk.new_page()
    _fire(page, demo)
    report = page.url
    links = _test_links(page, demo)
    assert links
    for href in dict.fromkeys(links):
        phone.goto(f"{demo.address}{urlsplit(href).path}")
    page.goto(report)
    expect(page.get_by_text("Running", exact=True)).to_be_visible()
    page.get_by_role("button", name="Call off").click()
    expect(page.get_by_text("Called off", exact=True)).to_be_visible()
