"""Two browsers on one command page agree within two seconds, and what is typed in one survives the other."""

import re
import time

from playwright.sync_api import Browser, BrowserContext, expect

from tests.e2e.conftest import ADMINISTRATOR
from tests.e2e.people import at_their_desk, call, key, open_sheet, pick, send, toast


def test_two_browsers_run_a_command_and_agree(browser: Browser, agent: BrowserContext, signed_in, demo) -> None:  # type: ignore[no-untyped-def]
    other = browser.new_context(storage_state=signed_in[ADMINISTRATOR], viewport={"width": 1280, "height": 900})
    writes, reads = agent.new_page(), other.new_page()
    writes.goto(f"{demo.address}/queue?view=all&q=Driver+app")
    writes.goto(demo.address + str(writes.locator("a[data-row-link]").first.get_attribute("href")))
    where = demo.address + str(writes.locator("a[href$='/command']").first.get_attribute("href"))
    with reads.expect_response(re.compile(r"/live\?topic=")) as stream:
        reads.goto(where)
    assert stream.value.status == 200
    line = reads.locator("#command-note")
    line.fill("I was in the middle of a fa")
    reads.wait_for_timeout(1500)  # connected

    writes.goto(where)
    writes.keyboard.press("n")
    writes.keyboard.type("The second gateway holds")
    began = time.monotonic()
    writes.keyboard.press("Enter")
    expect(reads.locator("#command-live")).to_contain_text("The second gateway holds", timeout=5_000)
    assert time.monotonic() - began < 2.0
    assert line.input_value() == "I was in the middle of a fa"
    began = time.monotonic()
    writes.locator("#state-investigating").click()
    expect(reads.locator("#state-investigating")).to_have_attribute("aria-pressed", "true", timeout=5_000)
    assert time.monotonic() - began < 2.0
    expect(reads.locator("#facts-title")).to_be_visible()
    other.close()


def test_a_major_escalation_is_run_from_the_command_page(agent: BrowserContext, browser: Browser, demo) -> None:  # type: ignore[no-untyped-def]
    number = call(
        agent, demo, "All scanners of Kestrel are offline", impact="1", urgency="1", description="Since 10 past."
    )
    page = agent.new_page()
    page.goto(f"{demo.address}/tickets/{number}")
    key(page, "e")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What was tried").fill("Restarted the gateway.")
    page.keyboard.press("Control+Enter")
    page.locator(".ladder").first.get_by_role("link", name="Command").click()
    page.get_by_role("button", name=re.compile("Open the command")).click()
    live = page.locator("#command-live")

    page.locator("#take-scribe").click()  # roles
    expect(live.get_by_role("link", name="Hand over: Scribe")).to_be_visible()
    key(page, "r")
    pick(page, "Role", "Communicator")
    pick(page, "Who", "Maren Holt")
    send(page)
    expect(live.locator(".command-roles")).to_contain_text("Maren Holt")

    open_sheet(page, live.get_by_role("link", name="Change call and chat"))  # where people talk: any address, no vendor
    dialog.get_by_label("Call").fill("https://meet.kestrel.example/scanners")
    send(page)
    expect(live.get_by_role("link", name="Call", exact=True)).to_have_attribute(
        "href", "https://meet.kestrel.example/scanners"
    )
    key(page, "k")
    dialog.get_by_label("What is known now").fill("The gateway answers, the sessions do not.")
    send(page)
    expect(live.locator(".command-known")).to_contain_text("The gateway answers")

    key(page, "t")  # a task with its time
    dialog.get_by_label("What is to be done").fill("Move the scanners to the second gateway")
    pick(page, "By whom", "Sofia Marino")
    dialog.get_by_label("When").select_option(label="in 15 minutes")
    send(page)
    task = live.locator(".command-tasks li", has_text="second gateway")
    expect(task).to_contain_text("Sofia Marino")
    expect(task).to_contain_text(re.compile(r"in 1[345] m"))

    key(page, "n")  # facts and decisions
    page.keyboard.type("Forty scanners of both halls")
    page.keyboard.press("Enter")
    expect(live.locator(".command-lines").first).to_contain_text("Forty scanners of both halls")
    page.locator("#command-note").fill("No restart of the core before the evening")
    page.get_by_role("button", name="Note the decision").click()
    expect(live.get_by_text("Decided:")).to_be_visible()
    pin = live.get_by_role("button", name=re.compile("^Pin: ")).first  # an event of the ticket, among the facts
    pinned = str(pin.get_attribute("aria-label")).removeprefix("Pin: ")
    pin.click()
    expect(live.get_by_role("button", name=f"Take off: {pinned}")).to_be_visible()

    with at_their_desk(browser, demo, "sofia") as expert:
        expert.goto(page.url)
        expert.get_by_role("button", name="Done: Move the scanners to the second gateway").click()
        expect(expert.get_by_text("1 done")).to_be_visible()
    expect(live.get_by_text("1 done")).to_be_visible(timeout=10_000)  # without a reload
    page.locator("#state-resolved").click()
    live.get_by_role("link", name="End the escalation").click()
    dialog.get_by_label("What was done, or why it is called off").fill("Moved to the second gateway.")
    send(page)
    toast(page, "The escalation has ended")
    page.goto(f"{demo.address}/tickets/{number}")
    expect(page.locator("#ticket-strip").get_by_text("Tomás Vega")).to_be_visible()
