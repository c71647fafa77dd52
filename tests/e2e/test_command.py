"""Two browsers on one command page agree within two seconds, and what is typed in one survives the other."""

import re
import time

from playwright.sync_api import Browser, BrowserContext, expect

from tests.e2e.conftest import ADMINISTRATOR


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
