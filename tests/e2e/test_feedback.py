"""A customer votes on a phone: resolved, asked by mail, a number, the button, and the lead sees it."""

import re
import time

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import ADMINISTRATOR, ARTIFACTS
from tests.e2e.test_looks import problems_of

SAID = "Three days is too long."


def switched_on_at_once(page: Page, address: str) -> None:
    """Ask as soon as something is resolved, and whoever was asked lately too."""
    page.goto(f"{address}/settings/feedback/edit")
    page.get_by_label("Minutes from the end to the question").fill("0")
    page.get_by_label("Days for which nobody is asked twice").fill("0")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("after 0 min")).to_be_visible()


def resolved(page: Page, address: str) -> str:
    """Take the first ticket that nobody has, resolve it, and return its reference."""
    page.goto(f"{address}/queue?view=unassigned")
    page.locator("a[href^='/tickets/']").first.click()
    page.get_by_role("button", name=re.compile("Take")).first.click()
    number = page.url.rstrip("/").split("/")[-1].split("#")[0].split("?")[0]
    page.goto(f"{address}/tickets/{number}/status")
    page.get_by_label("Status").select_option("resolved")
    page.locator("form.sheet-as-page button[type=submit]").click()
    page.wait_for_url(f"**/tickets/{number}")
    return f"T-{number}"


def question_of(page: Page, address: str, reference: str) -> str:
    """Return the link of the worst number in the mail that asks about a ticket."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        page.goto(f"{address}/demo/mail")
        mail = page.locator("details.mail", has_text="How was it?").filter(has_text=f"[{reference}").first
        if mail.count():
            found = re.search(r"(http\S+/asked/\S+\?score=)1", mail.locator(".mail-text").inner_text())
            if found is None:
                mail.locator("summary").click()
                found = re.search(r"(http\S+/asked/\S+\?score=)1", mail.locator(".mail-text").inner_text())
            assert found, "the mail holds no link"
            return f"{found[1]}1"
        page.wait_for_timeout(500)
    raise AssertionError(f"nobody was asked about {reference}")


def test_a_customer_votes_on_a_phone(agent: BrowserContext, browser: Browser, signed_in, demo) -> None:  # type: ignore[no-untyped-def]
    ARTIFACTS.mkdir(exist_ok=True)
    lead = browser.new_context(storage_state=signed_in[ADMINISTRATOR]).new_page()
    switched_on_at_once(lead, demo.address)
    desk = agent.new_page()
    link = question_of(lead, demo.address, resolved(desk, demo.address))

    phone = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True).new_page()
    wrong: list[str] = []
    phone.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    phone.goto(link)
    expect(phone.get_by_label("Very dissatisfied")).to_be_checked()
    wrong += problems_of(phone, "asked")
    phone.screenshot(path=ARTIFACTS / "asked-360.png", full_page=True)
    phone.get_by_label("What should we know?").fill(SAID)
    phone.get_by_role("button", name="Send").click()
    expect(phone.get_by_text("Thank you.")).to_be_visible()
    wrong += problems_of(phone, "asked-given")
    phone.get_by_role("link", name="Do not ask me again").click()
    wrong += problems_of(phone, "asked-stop")
    phone.screenshot(path=ARTIFACTS / "asked-stop-360.png", full_page=True)

    lead.goto(f"{demo.address}/feedback")
    row = lead.locator("li", has_text=SAID)
    expect(row).to_be_visible()
    row.get_by_role("link", name=re.compile("To be called")).click()
    expect(lead.get_by_text("Who calls")).to_be_visible()
    expect(lead.get_by_role("link", name="What came of it")).to_be_visible()
    assert wrong == []
