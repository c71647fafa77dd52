"""Stories of the front line in the browser: solved alone by a runbook; escalated, and what the expert did comes back."""

import re

from playwright.sync_api import Browser, BrowserContext, expect

from tests.e2e.conftest import Demo
from tests.e2e.people import at_their_desk, call, key, offered, send, toast

RUNBOOK = "Nothing prints, but other printers work"


def test_l1_solves_alone_by_a_suggested_runbook(agent: BrowserContext, demo: Demo) -> None:
    page = agent.new_page()
    page.goto(f"{demo.address}/tickets/new")
    page.get_by_label("Who calls").fill("jonas@kestrel.example")
    page.get_by_label("In one line").fill("Nothing prints at the label printer of gate 2")
    page.get_by_label("What happens, since when, what was tried").fill("Takes jobs, prints none; other printers work.")
    expect(page.locator("#while-writing").get_by_text(RUNBOOK)).to_be_visible(timeout=15_000)  # while it is written
    page.get_by_label("Service").select_option(label="Shop-floor terminals")
    page.get_by_label("I work on it").check()
    page.get_by_role("button", name=re.compile("Open the ticket")).click()

    suggestion = page.locator("#ticket-help .suggestion", has_text=RUNBOOK)  # and while it is read, with the reason
    expect(suggestion).to_contain_text("the words are alike", timeout=15_000)
    expect(suggestion).to_contain_text("same service")
    suggestion.get_by_role("button", name="Follow it").click()
    page.get_by_role("button", name=re.compile(r"^Did not help\s*: Print a test page")).click()
    page.get_by_role("button", name=re.compile(r"^Done\s*: Empty its queue")).click()
    expect(page.locator("#ticket-help .runbook li.is-done")).to_have_count(1)
    page.locator("#composer-body").fill("Its queue was stuck; it prints again.")
    page.locator("select[name=status]").select_option("resolved")
    page.get_by_role("button", name=re.compile("^Send to")).click()
    expect(page.locator("#ticket-strip").get_by_text("Resolved")).to_be_visible(timeout=40_000)
    expect(page.locator(".ladder")).to_have_count(0)  # nobody was asked

    page.goto(f"{demo.address}/knowledge?q=nothing+prints")
    page.get_by_role("link", name=RUNBOOK).first.click()
    expect(page.get_by_text("Nothing prints at the label printer of gate 2").first).to_be_visible()  # used on it
    expect(page.get_by_text(re.compile(r"taken up [1-9]"))).to_be_visible()


def test_l1_escalates_with_the_brief_and_gets_the_learning_back(
    agent: BrowserContext, browser: Browser, demo: Demo
) -> None:
    number = call(
        agent, demo, "VPN breaks off at the Leeds office every two hours", service=offered(agent, demo, "service", "Network and VPN"),
        description="All at the same minute; signing in again works at once.",
    )  # fmt: skip
    page = agent.new_page()
    page.goto(f"{demo.address}/tickets/{number}")
    page.locator("#ticket-help .suggestion", has_text="VPN breaks off after a fixed time").get_by_role(
        "button", name="Follow it"
    ).click()
    page.get_by_role("button", name=re.compile(r"^Did not help\s*: Move one affected user")).click()
    expect(page.locator("#ticket-help .runbook li.is-no_help")).to_have_count(1)

    key(page, "e")  # 1
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(re.compile("(is|are) paged"))).to_be_visible()  # by name, before anything is sent
    expect(dialog.get_by_label("What was tried")).to_have_value(
        re.compile("Move one affected user to the second gateway: did not help")
    )
    dialog.get_by_label("What is wanted").fill("Why the second gateway does the same.")  # 2
    dialog.locator("#id_files").set_input_files(
        {"name": "gateway.log", "mimeType": "text/plain", "buffer": b"session closed by peer"}
    )
    page.keyboard.press("Control+Enter")  # 3
    brief = page.locator(".event", has_text="Why the second gateway does the same.")
    expect(brief.first).to_be_visible(timeout=15_000)
    expect(page.get_by_text("gateway.log").first).to_be_visible()

    with at_their_desk(browser, demo, "sofia") as theirs:
        theirs.goto(f"{demo.address}/tickets/{number}")
        key(theirs, "n")
        theirs.locator("#composer-body").fill("Both gateways take the lifetime from the old profile.")
        theirs.get_by_role("button", name="Save note").click()
        expect(theirs.locator(".event", has_text="lifetime from the old profile")).to_be_visible(timeout=15_000)
        theirs.locator(".ladder").get_by_role("link", name="End", exact=True).click()
        theirs.get_by_role("dialog").get_by_label("What was done, or why it is called off").fill(
            "New profile on both gateways."
        )
        send(theirs)
        toast(theirs, "The escalation has ended")

    page.goto(f"{demo.address}/tickets/{number}")
    learnt = page.locator(".event", has_text="What the expert did")
    expect(learnt).to_contain_text("New profile on both gateways.")
    expect(learnt).to_contain_text("lifetime from the old profile")
    page.get_by_role("button", name="Turn into an article").click()
    toast(page, "Drafted from")
    expect(page.locator(".prose").first).to_contain_text("lifetime from the old profile")
