"""A status page in a browser: an agent tells, a stranger reads without a script, asks to be told, confirms and leaves."""

import re
import time

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import ARTIFACTS
from tests.e2e.test_looks import Looking

READER = "reader@far.example"


def link_in_mail(mails: Page, address: str, subject: str) -> str:
    """Return the status page's link in the newest mail to the reader with this subject."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        mails.goto(f"{address}/demo/mail")
        mail = mails.locator("details.mail", has_text=subject).filter(has_text=READER).first
        if mail.count():
            mail.locator("summary").click() if mail.get_attribute("open") is None else None
            found = re.search(r"/status-mail/\w+/[\w.\-]+", mail.inner_text())
            if found:
                return address + found[0]
    raise AssertionError(f"no mail {subject!r} has come")


def test_a_stranger_reads_asks_confirms_is_told_and_leaves(agent: BrowserContext, browser: Browser, demo) -> None:  # type: ignore[no-untyped-def]
    ARTIFACTS.mkdir(exist_ok=True)
    desk, mails = agent.new_page(), agent.new_page()
    outside = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = outside.new_page()

    page.goto(f"{demo.address}/status/alder-finch")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Some things are slow or limited")
    page.get_by_role("link", name="Subscribe").click()
    page.get_by_label("E-mail address").fill(READER)
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mailbox")
    page.goto(link_in_mail(mails, demo.address, "Confirm: updates of"))
    page.get_by_role("button", name="Yes, write to me").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are told from now on")

    desk.goto(f"{demo.address}/status-pages/alder-finch")
    desk.get_by_role("link", name="Tell of an incident").click()
    desk.get_by_label("Title").fill("Letters print late")
    desk.get_by_label("Update").fill("Letters print after some minutes. db-07 is slow.")
    desk.get_by_label("Hospitals: Patient records").select_option("degraded")
    desk.get_by_role("button", name="Preview").click()
    expect(desk.locator(".status-preview")).to_contain_text("Letters print after some minutes.")
    expect(desk.locator(".banner")).to_contain_text("db-07")
    desk.get_by_label("Update").fill("Letters print after some minutes. Next word at ten.")
    desk.get_by_role("button", name="Tell readers").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Letters print late")

    page.goto(f"{demo.address}/status/alder-finch")
    expect(page.get_by_text("Next word at ten.").first).to_be_visible()
    page.goto(link_in_mail(mails, demo.address, "Investigating: Letters print late"))
    page.get_by_role("button", name="Stop the mails").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("No more mails")
    outside.close()


def test_readers_pages_are_accessible_and_fit(browser: Browser, demo) -> None:  # type: ignore[no-untyped-def]
    ARTIFACTS.mkdir(exist_ok=True)
    context = browser.new_context()
    looking = Looking(context.new_page(), demo.address)
    wrong: list[str] = []
    for name, path in {"status": "", "status-history": "/history", "status-subscribe": "/subscribe"}.items():
        wrong += looking.at(name, f"/status/alder-finch{path}")
    context.close()
    assert wrong == []
