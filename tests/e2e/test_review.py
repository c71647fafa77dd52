"""What was learnt from an escalation, in browsers: closed, reviewed from all sides, acted on, and proven by counts.

Escalation > closing > draft review > what the parties say > why > corrective actions > problem > known error > measure >
verified; an action that is late climbs; a customer gets a redacted PDF that holds no name of the house.
"""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.e2e.conftest import ADMINISTRATOR, AGENT, ARTIFACTS, Demo
from tests.e2e.test_looks import problems_of

SUBJECT = "Label printer prints every label twice"
STAFF = ("Tomás", "Vega", "Ruth", "Calder", "Sofia", "Marino")
SECRET = "Between us: their contract is up for renewal"
SLOW = 20_000  # ms: for steps after which whole pages are loaded
MISSING = "No alarm for a queue that grows"


@pytest.fixture
def lead(browser: Browser, signed_in: dict[str, object], demo: Demo) -> Iterator[Page]:
    """The administrator's page; what it complains of fails the test."""
    context = browser.new_context(storage_state=signed_in[ADMINISTRATOR], viewport={"width": 1440, "height": 900})  # type: ignore[arg-type]  # as Playwright gave it
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    context.close()
    assert wrong == []


def on(page: Page) -> Locator:
    """The sheet over a page."""
    return page.get_by_role("dialog")


def sent(page: Page, name: str) -> None:
    """Press a sheet's button and wait until it is gone."""
    on(page).get_by_role("button", name=name).click()
    expect(on(page).get_by_role("button", name=name)).to_have_count(0, timeout=SLOW)


def today_of(page: Page) -> date:
    """The day (UTC) by the browser's clock."""
    return date.fromisoformat(page.evaluate("new Date().toISOString().slice(0, 10)"))


def number_in(page: Page) -> str:
    return page.url.partition("#")[0].rstrip("/").rpartition("/")[2]


def everybody_is_asked(page: Page, address: str) -> None:
    page.goto(f"{address}/settings/feedback/edit")
    page.get_by_label("Minutes from the end to the question").fill("0")
    page.get_by_label("Days for which nobody is asked twice").fill("0")
    page.get_by_label("Ask all parties after an escalation").check()
    for name in ("technical", "customer", "internal"):
        page.get_by_label(f"Percent of {name} escalations").fill("100")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("after 0 min")).to_be_visible()


def escalated(page: Page, address: str) -> str:
    """Log a call of a customer, write on it, escalate it; return its number."""
    page.goto(f"{address}/calls/new")
    page.get_by_label("Who calls").fill("priya@northsea.example")
    page.get_by_label("Name, if they are new").fill("Priya Caller")
    page.get_by_label("In one line").fill(SUBJECT)
    page.get_by_label("What they said").fill("Since this morning every label comes twice.")
    page.get_by_label("What they said").press("Control+Enter")
    expect(page.get_by_role("heading", level=1, name=SUBJECT)).to_be_visible(timeout=SLOW)
    number = number_in(page)
    page.keyboard.press("e")
    page.get_by_role("dialog").get_by_label("Ladder").press("Control+Enter")
    expect(page.get_by_role("link", name="End", exact=True)).to_be_visible(timeout=SLOW)
    return number


def closed(page: Page, address: str, number: str) -> float:
    """End the escalation and close it; return how long the closing took (seconds)."""
    page.goto(f"{address}/tickets/{number}")
    page.get_by_role("link", name="End", exact=True).click()
    page.get_by_label("What was done, or why it is called off").fill("The driver was set back by Sofia Marino.")
    sheet = page.get_by_role("dialog").or_(page.locator("form.sheet-as-page"))
    sheet.locator("button[type=submit]").click()
    began = time.monotonic()
    page.get_by_label("What it came from").wait_for()
    # Prefilled from the journal: two choices are left to make.
    expect(page.get_by_label("What was done")).to_have_value(re.compile("The driver was set back"))
    page.get_by_label("What it came from").select_option(label="Change: Release or deployment")
    page.get_by_label("What would have made it unnecessary").select_option("monitoring")
    page.get_by_role("button", name="Close it").click()
    page.wait_for_url(f"**/tickets/{number}*")
    return time.monotonic() - began


def answered_by_the_front_line(page: Page, address: str) -> None:
    """The agent finds the question under "Asked of me" once the engine has put it."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        page.goto(f"{address}/feedback/mine")
        row = page.locator("li", has_text=SUBJECT)
        if row.count():
            row.get_by_role("link", name=re.compile("^Answer")).click()
            for group in page.locator("fieldset.field").all():
                group.get_by_role("radio").last.check()
            page.get_by_role("button", name="Send").click()
            expect(page.get_by_text("Thank you.")).to_be_visible()
            return
        page.wait_for_timeout(500)
    raise AssertionError("nobody asked the front line")


def answered_by_the_customer(page: Page, address: str, number: str) -> None:
    """The customer gets a mail with a link, and is not content."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        page.goto(f"{address}/demo/mail")
        for mail in (
            page.locator("details.mail", has_text="priya@northsea.example").filter(has_text=f"T-{number}").all()
        ):
            found = re.search(r"http\S+/asked/[^\s?]+", mail.locator(".mail-text").text_content() or "")
            if found:
                page.goto(found[0])
                for group in page.locator("fieldset.field").all():
                    group.get_by_role("radio").first.check()
                page.get_by_role("button", name="Send").click()
                expect(page.get_by_text("Thank you.")).to_be_visible()
                return
        page.wait_for_timeout(500)
    raise AssertionError("nobody asked the customer")


def asked_why(page: Page) -> None:
    """A tree of two answers, by keyboard; the second contributes and says where it is seen."""
    page.get_by_role("link", name="Answer", exact=True).click()
    on(page).get_by_label("Because").fill("A new driver was rolled out on Friday")
    on(page).get_by_label("Category").select_option("process")
    sent(page, "Add")
    first = page.locator(".rv-cause").first
    expect(first).to_contain_text("A new driver")
    expect(first).to_be_focused()
    page.keyboard.press("a")  # why?
    on(page).get_by_label("Because").fill(MISSING)
    on(page).get_by_label("Category").select_option("tools")
    on(page).get_by_label("A contributing cause").check()
    on(page).get_by_label("Where it is seen").fill("the queue's graph https://graphs.example/labels")
    sent(page, "Add")
    below = page.locator(".rv-cause.contributing")
    expect(below).to_contain_text("1.1")
    expect(below.get_by_role("link", name="the queue's graph")).to_be_visible()
    expect(page.locator(".rv-fish svg .rib-cause.strong")).to_have_count(1)


def taken(page: Page, title: str, *, owner: str, due: date) -> None:
    page.get_by_role("link", name=re.compile("^Action against 1.1")).click()
    on(page).get_by_label("What is done").fill(title)
    on(page).get_by_label("Kind").select_option("detect")
    on(page).get_by_label("Owner").select_option(label=owner)
    on(page).get_by_label("Due").fill(due.isoformat())
    sent(page, "Take it")
    expect(page.locator("#actions")).to_contain_text(title)


@contextmanager
def second_writer(browser: Browser, state: object, address: str) -> Iterator[Page]:
    context: BrowserContext = browser.new_context(storage_state=state)  # type: ignore[arg-type]  # as Playwright gave it
    page = context.new_page()
    page.goto(address)
    yield page
    context.close()


def test_from_an_escalation_to_a_measure_that_is_proven(
    browser: Browser, agent: BrowserContext, lead: Page, signed_in: dict[str, object], demo: Demo
) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    today = today_of(lead)
    everybody_is_asked(lead, demo.address)
    desk = agent.new_page()
    number = escalated(desk, demo.address)
    assert closed(lead, demo.address, number) < 60

    # Reviewed: the draft is there at once, with what happened, how long it took and what both sides said.
    answered_by_the_front_line(desk, demo.address)
    answered_by_the_customer(desk, demo.address, number)
    lead.goto(f"{demo.address}/reviews/new?tickets=T-{number}")
    lead.get_by_label("Facilitator").select_option(label="Ruth Calder")
    lead.get_by_role("button", name="Draft it").click()
    expect(lead.get_by_role("heading", level=1)).to_have_text(SUBJECT)
    review = lead.url.partition("#")[0]
    expect(lead.locator(".rv-timeline").first).to_contain_text("opened the ticket")
    expect(lead.get_by_role("columnheader", name=re.compile("Front line"))).to_be_visible()
    expect(lead.locator("tr.differ, .rv-differs, [class*=differ]").first).to_be_visible()
    asked_why(lead)
    taken(lead, "Ring when the queue grows", owner="Ruth Calder", due=today + timedelta(days=7))

    # Two at once: one sees the other, and what both have written is lost by neither.
    with second_writer(browser, signed_in[AGENT], review) as other:
        expect(other.locator(".onlookers")).to_contain_text("Ruth Calder")
        other.get_by_role("textbox", name="Notes of the meeting").fill("Written by the other")
        expect(other.locator("[data-notes-said]")).to_have_text("Saved.")
        lead.get_by_role("textbox", name="Notes of the meeting").fill(f"Read together. {SECRET}")
        expect(lead.locator("[data-notes-there]")).to_have_text("Written by the other")
    lead.locator("form[data-notes]").get_by_role("button", name="Save").click()
    expect(lead.get_by_role("textbox", name="Notes of the meeting")).to_have_value(f"Read together. {SECRET}")

    redacted(lead, browser, review)
    lead.goto(review)
    lead.get_by_role("link", name="Complete and sign").click()
    sent(lead, "Sign")
    expect(lead.get_by_text("Signed off.", exact=True)).to_be_visible()
    known_error(lead, demo.address, number)
    measured(lead, review, today)


def redacted(page: Page, browser: Browser, review: str) -> None:
    """A customer's browser, without an account, gets chosen parts without names, as a page and as a PDF."""
    page.goto(f"{review}/share")
    expect(page.locator(".rv-redacted")).to_contain_text(MISSING)
    page.get_by_role("button", name="Make the link").click()
    shared = page.locator("#shared").get_by_role("link", name="Its page").get_attribute("href")
    assert shared
    context = browser.new_context(viewport={"width": 360, "height": 740})
    stranger = context.new_page()
    stranger.goto(shared)
    assert problems_of(stranger, "shared-review") == []
    stranger.screenshot(path=str(ARTIFACTS / "shared-review-360.png"), full_page=True)
    link = stranger.get_by_role("link", name="Save as PDF").get_attribute("href")
    pdf = stranger.request.get(
        str(link) if str(link).startswith("http") else re.sub(r"(https?://[^/]+).*", rf"\1{link}", shared)
    )
    assert pdf.headers["content-type"] == "application/pdf"
    hidden = (*STAFF, SECRET, "Written by the other", "graphs.example")
    holds_none_of(stranger.locator("main").inner_text(), hidden, but=MISSING)
    path = ARTIFACTS / "shared-review.pdf"
    path.write_bytes(pdf.body())
    if text := text_of(path):
        holds_none_of(text, hidden, but=MISSING)
    context.close()


def holds_none_of(text: str, hidden: tuple[str, ...], *, but: str) -> None:
    assert but in " ".join(text.split())
    assert [word for word in hidden if word.lower() in text.lower()] == []


def text_of(pdf: Path) -> str:
    """Return the words of a PDF, and draw its first page beside it; "" where poppler is not installed."""
    if shutil.which("pdftotext") is None or shutil.which("pdftoppm") is None:
        return ""
    subprocess.run(["pdftoppm", "-png", "-r", "80", "-singlefile", pdf, pdf.with_suffix("")], check=True, timeout=60)
    told = subprocess.run(["pdftotext", pdf, "-"], capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.strip()
    return told.stdout


def known_error(page: Page, address: str, number: str) -> None:
    """A problem behind the ticket: cause, workaround, known error, fixed, verified."""
    page.goto(f"{address}/tickets/{number}/problems/add")
    page.get_by_label("Title of the new one").fill("The label driver prints twice")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(f"**/tickets/{number}*")
    page.locator("#ticket-problems").get_by_role("link", name=re.compile("The label driver prints twice")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The label driver prints twice")
    page.get_by_role("link", name="Edit", exact=False).first.click()
    on(page).get_by_role("textbox", name="Cause").fill("The new driver sends each job twice.")
    on(page).get_by_role("textbox", name="Workaround").fill("Choose the old driver in the settings of the printer.")
    on(page).get_by_label("Change or release").fill("CHG-77")
    sent(page, "Save")
    page.get_by_role("link", name="Publish known error").click()
    sent(page, "Publish")
    expect(page.locator("dl.facts")).to_contain_text("Known error")


def measured(page: Page, review: str, today: date) -> None:
    """The action becomes a measure of a series with a past: the counts say that it worked, and the fix is verified."""
    problem = page.url
    page.goto(f"{review}#actions")
    page.get_by_role("link", name=re.compile("^Done")).first.click()
    on(page).get_by_label("What shows that it is done").fill("It rang in the test.")
    sent(page, "It is done")
    page.get_by_role("link", name=re.compile("^Measure")).first.click()
    on(page).get_by_label("Problem").select_option(index=1)  # the latest
    on(page).get_by_label("Kind").select_option("fix")
    on(page).get_by_label("What it should lower").select_option("tickets&service=terminals&category=scanner")
    on(page).get_by_label("From").fill((today - timedelta(weeks=10)).isoformat())
    sent(page, "Measure it")
    page.goto(problem)
    expect(page.locator(".pm-measure")).to_contain_text("Worked:")
    expect(page.locator(".pm-measure")).to_contain_text("at 95 % confidence")
    page.get_by_role("button", name="It is fixed").click()
    page.get_by_role("button", name="The fix is verified").click()
    expect(page.locator("dl.facts")).to_contain_text("Verified")


def test_an_action_that_is_late_climbs(lead: Page, demo: Demo) -> None:
    """Its owner is where eight in the morning has passed already, whatever the hour here; a day late, it climbs a ladder."""
    lead.goto(f"{demo.address}/people?q=Sofia")
    lead.locator("td a.person").first.click()
    lead.goto(f"{lead.url}/edit")
    lead.get_by_label("Time zone").fill("Pacific/Auckland")
    lead.get_by_role("button", name="Save").click()
    lead.goto(f"{demo.address}/settings/reviews/edit")
    lead.get_by_label("Tell the lead, days after").fill("1")
    lead.get_by_label("Tell the escalation manager, days after").fill("1")
    lead.get_by_label("Then escalate by").select_option("technical")
    lead.get_by_role("button", name="Save").click()
    lead.goto(f"{demo.address}/reviews?state=all")
    lead.locator("table.list a.strong").last.click()
    review = lead.url
    lead.goto(f"{review}/actions/new")
    lead.get_by_label("What is done").fill("Call the supplier")
    lead.get_by_label("Owner").select_option(label="Sofia Marino")
    lead.get_by_label("Due").fill((today_of(lead) - timedelta(days=1)).isoformat())
    lead.get_by_role("button", name="Take it").click()
    lead.goto(f"{demo.address}/reviews/actions?state=overdue")
    expect(lead.locator("tr", has_text="Call the supplier").locator(".is-breached")).to_be_visible()
    deadline = time.monotonic() + 30
    climbing = lead.locator("a[data-row-link]", has_text="Overdue corrective action: Call the supplier")
    while not climbing.count() and time.monotonic() < deadline:
        lead.goto(f"{demo.address}/queue?view=all&q=Overdue+corrective+action")
        lead.wait_for_timeout(300)
    climbing.first.click()
    expect(lead.locator("[class*=ladder]").first).to_be_visible()
    lead.goto(f"{demo.address}/settings/reviews/edit")  # as it was: others follow
    lead.get_by_label("Then escalate by").select_option("")
    lead.get_by_role("button", name="Save").click()
