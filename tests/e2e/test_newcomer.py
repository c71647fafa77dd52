"""A newcomer's story, told in a browser: sign in, escalate, read the mail, answer on a phone, and the ladder stops."""

import re
import time

from playwright.sync_api import Browser, BrowserContext, Page, expect

SUBJECT = "Orders of our biggest customer end up in quarantine"


def open_ticket(page: Page, address: str, subject: str = SUBJECT) -> None:
    page.goto(f"{address}/queue?view=all&q={subject.replace(' ', '+')}")
    page.get_by_role("link", name=subject).click()
    expect(page.get_by_role("heading", level=1, name=subject)).to_be_visible()


def test_the_newcomers_story(agent: BrowserContext, browser: Browser, demo) -> None:  # type: ignore[no-untyped-def]
    page = agent.new_page()
    open_ticket(page, demo.address)
    expect(page.get_by_text("Not escalated")).to_be_visible()

    # Three interactions: E, the ladder (already chosen), Ctrl-Enter. It says by name whom it pages.
    page.keyboard.press("e")
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Ladder").select_option(label="Live demonstration")
    expect(sheet.get_by_text(re.compile("paged at once"))).to_be_visible()
    expect(sheet.get_by_role("button", name=re.compile("Page Ben"))).to_be_visible()
    page.keyboard.press("Control+Enter")
    ladder = page.get_by_role("region", name=re.compile("Live demonstration"))
    expect(ladder.get_by_text("Climbing")).to_be_visible(timeout=10_000)
    number = page.url.rstrip("/").split("/")[-1]

    # The mail arrives by itself within seconds.
    mails = agent.new_page()
    mails.goto(f"{demo.address}/demo/mail")
    mail = mails.locator("details.mail", has_text=f"T-{number}").first
    expect(mail).to_be_visible(timeout=15_000)
    mail.locator("summary").click() if mail.get_attribute("open") is None else None
    link = mail.get_by_role("link").first.get_attribute("href")
    assert link is not None

    # On a phone, without signing in: looking changes nothing, one tap answers.
    phone = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    answer = phone.new_page()
    answer.goto(link)
    expect(answer.get_by_role("heading", name=SUBJECT)).to_be_visible()
    assert answer.evaluate("document.documentElement.scrollWidth") <= 360
    button = answer.get_by_role("button", name="Acknowledge", exact=True)
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 48
    assert box["width"] >= 300
    expect(ladder.get_by_text("Climbing")).to_be_visible()
    button.click()
    expect(answer.get_by_text("Nobody else is paged")).to_be_visible()
    phone.close()

    # The ticket page hears of it by itself, and nobody else is paged when level 2 would have been due.
    expect(ladder.get_by_text(re.compile("Acknowledged by"))).to_be_visible(timeout=5_000)
    known = mails.locator("details.mail", has_text=f"T-{number}").count()
    mails.wait_for_timeout(25_000)
    assert (
        mails.locator("details.mail", has_text=f"T-{number}").count() <= known + 1
    )  # the asked-for handover may be told


def test_typing_survives_live_updates_and_a_reload(agent: BrowserContext, demo) -> None:  # type: ignore[no-untyped-def]
    page = agent.new_page()
    open_ticket(page, demo.address, "Scale 3 books every pallet with 0 kg")
    page.keyboard.press("n")
    page.keyboard.type("The cable was bent")
    expect(page.get_by_role("button", name="Save note")).to_be_visible()
    page.wait_for_timeout(4_500)  # two live updates
    expect(page.get_by_label("Message", exact=True)).to_have_value("The cable was bent")
    expect(page.get_by_label("Message", exact=True)).to_be_focused()
    page.reload()
    expect(page.get_by_label("Message", exact=True)).to_have_value("The cable was bent")
    expect(page.get_by_role("button", name="Save note")).to_be_visible()
    page.get_by_role("button", name="Save note").click()
    expect(page.locator(".event.note", has_text="The cable was bent")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Message", exact=True)).to_have_value("")


def test_the_queue_is_worked_by_keys_alone(agent: BrowserContext, demo) -> None:  # type: ignore[no-untyped-def]
    page = agent.new_page()
    page.goto(f"{demo.address}/queue")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    row = page.locator("tr.is-at")
    expect(row).to_have_count(1)
    subject = row.locator("a[data-row-link]").inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name=subject)).to_be_visible()
    page.go_back()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("scale 3")
    expect(page.get_by_role("option", name=re.compile("Scale 3"))).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name=re.compile("Scale 3"))).to_be_visible()


def test_two_browsers_agree_within_seconds(agent: BrowserContext, browser: Browser, signed_in, demo) -> None:  # type: ignore[no-untyped-def]
    subject = "Yard camera 6 shows a black picture"
    page = agent.new_page()
    open_ticket(page, demo.address, subject)
    other = browser.new_context(storage_state=signed_in["ruth@alderfinch.example"]).new_page()
    open_ticket(other, demo.address, subject)
    page.get_by_role("button", name=re.compile("Take")).click()
    begun = time.monotonic()
    expect(other.locator("#ticket-strip").get_by_text("Tomás Vega")).to_be_visible(timeout=5_000)
    assert time.monotonic() - begun < 5
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#ticket-strip").get_by_text("Nobody", exact=True)).to_be_visible()
    other.context.close()
