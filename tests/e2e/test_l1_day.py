"""L1's day, by keyboard alone: the next ticket, an answer taken back and sent, the ladder, and a handover that is accepted."""

import re

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.e2e.conftest import ADMINISTRATOR

SUBJECT = "Forklift tablet keeps losing the wireless network"


def pressed(page: Page, keys: str, *, times: int = 1) -> None:
    for _ in range(times):
        page.keyboard.press(keys)


def focused(page: Page) -> Locator:
    return page.locator(":focus")


def tab_to(page: Page, where: Locator) -> None:
    """Tab until `where` has the focus, as somebody without a mouse does."""
    for _ in range(80):
        if where.evaluate("(e) => e === document.activeElement"):
            return
        pressed(page, "Tab")
    raise AssertionError(f"nobody gets to {where} by the Tab key")


def test_l1s_day_without_a_mouse(agent: BrowserContext, browser: Browser, signed_in: dict[str, object], demo) -> None:  # type: ignore[no-untyped-def]
    page = agent.new_page()
    page.goto(f"{demo.address}/queue?view=next")
    pressed(page, "o")  # open next
    expect(page.locator("#composer-body")).to_be_visible()
    opened = page.url
    assert "/tickets/" in opened

    # Log a call of one's own, so that the rest of the day is about a known ticket.
    page.go_back()
    page.get_by_role("link", name="Log a call").wait_for()
    pressed(page, "c")
    page.get_by_label("Who calls").wait_for()
    tab_to(page, page.get_by_label("Who calls"))
    page.keyboard.type("priya@northsea.example")
    tab_to(page, page.get_by_label("Name, if they are new"))
    page.keyboard.type("Priya Caller")
    tab_to(page, page.get_by_label("In one line"))
    page.keyboard.type(SUBJECT)
    tab_to(page, page.get_by_label("What they said"))
    page.keyboard.type("It works at the office and falls off at gate 4.")
    pressed(page, "Control+Enter")
    expect(page.get_by_role("heading", level=1, name=SUBJECT)).to_be_visible(timeout=10_000)
    if page.get_by_role("button", name=re.compile("^Take")).count():
        pressed(page, "t")
    number = page.url.rstrip("/").split("/")[-1].split("#")[0].split("?")[0]

    # An answer is taken back within ten seconds, mended, and sent.
    pressed(page, "r")
    expect(focused(page)).to_have_id("composer-body")
    page.keyboard.type("Please restart the tablet")
    pressed(page, "Control+Enter")
    expect(page.get_by_text(re.compile("Your reply is sent"))).to_be_visible()
    page.keyboard.press("Escape")
    pressed(page, "z")
    expect(page.locator("#composer-body")).to_have_value("Please restart the tablet")
    tab_to(page, page.locator("#composer-body"))
    pressed(page, "End")
    page.keyboard.type(" and tell us what it shows.")
    pressed(page, "Control+Enter")
    expect(page.get_by_text(re.compile("Your reply is sent"))).to_be_visible()
    expect(page.get_by_text(re.compile("Your reply is sent"))).to_have_count(0, timeout=25_000)  # it has gone
    page.reload()
    expect(page.locator(".event", has_text="tell us what it shows")).to_be_visible()

    # Escalate: the brief is there already, nothing need be typed.
    page.locator("h1").press("Escape")
    pressed(page, "e")
    expect(page.get_by_role("dialog").get_by_label("Ladder")).to_be_visible()
    page.get_by_role("dialog").get_by_label("Ladder").press("Enter")
    pressed(page, "Control+Enter")
    expect(page.locator(".ladder, [class*=ladder]").first).to_be_visible(timeout=10_000)

    # Hand over: offered, accepted by the other, and the ticket is theirs.
    pressed(page, "h")
    dialog = page.get_by_role("dialog")
    person = dialog.get_by_label("Person")
    person.wait_for()
    tab_to(page, person)
    page.keyboard.type("Ruth")
    tab_to(page, dialog.get_by_label("Brief"))
    page.keyboard.type("It falls off at gate 4 only.")
    pressed(page, "Control+Enter")
    expect(page.get_by_text(re.compile("Offered to Ruth"))).to_be_visible(timeout=10_000)

    other = browser.new_context(storage_state=signed_in[ADMINISTRATOR])  # type: ignore[arg-type]  # as Playwright gave it
    theirs = other.new_page()
    theirs.goto(f"{demo.address}/tickets/{number}")
    accept = theirs.get_by_role("button", name="Accept and own it")
    tab_to(theirs, accept)
    pressed(theirs, "Enter")
    expect(theirs.locator("#ticket-strip").get_by_text(re.compile("Ruth"))).to_be_visible(timeout=10_000)
    expect(page.locator("#ticket-strip").get_by_text(re.compile("Ruth"))).to_be_visible(timeout=10_000)  # live
    other.close()


def test_the_palette_goes_anywhere(agent: BrowserContext, demo) -> None:  # type: ignore[no-untyped-def]
    page = agent.new_page()
    page.goto(f"{demo.address}/queue")
    for words, heading in (("schedules", "Schedules"), ("how i am", "How I am reached"), ("policies", "Policies")):
        pressed(page, "Control+k")
        expect(page.locator("#palette")).to_be_visible()
        page.keyboard.type(words)
        expect(page.locator("#palette-list").get_by_role("option").first).to_contain_text(heading)
        pressed(page, "Enter")
        expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
    pressed(page, "?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
