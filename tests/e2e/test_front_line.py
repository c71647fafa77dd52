"""L1 decides within rights, and escalates, by keyboard alone: a key, what only they know, Ctrl-Enter."""

import re

from playwright.sync_api import BrowserContext, expect

from tests.e2e.test_l1_day import tab_to


def test_l1_decides_and_escalates_in_three_interactions(agent: BrowserContext, demo) -> None:  # type: ignore[no-untyped-def]
    page = agent.new_page()
    page.goto(f"{demo.address}/queue?view=next")
    page.keyboard.press("o")
    expect(page.locator("#composer-body")).to_be_visible()
    expect(page.locator("[data-key=d]")).to_be_visible()

    page.keyboard.press("d")  # 1
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(re.compile("You may decide this yourself"))).to_be_visible()
    expect(page.locator(":focus")).to_have_id("id_decision")
    expect(dialog.get_by_label("Decision")).to_have_value("goodwill-refund")
    filled = {"GBP": "75", "Why": "A morning without scanners.", "Invoice": "INV-1", "Who was told": "Ana"}
    for label, words in filled.items():  # 2: what only they know
        tab_to(page, dialog.get_by_label(label, exact=True))
        page.keyboard.type(words)
    page.keyboard.press("Control+Enter")  # 3
    expect(page.get_by_text("Goodwill refund is decided, and recorded.")).to_be_visible(timeout=10_000)
    expect(page.locator(".event", has_text="decided: Goodwill refund, 75 GBP")).to_be_visible()

    page.keyboard.press("e")  # 1
    expect(dialog.get_by_text(re.compile("(is|are) paged"))).to_be_visible()
    expect(dialog.get_by_label("What happened")).not_to_be_empty()
    tab_to(page, dialog.get_by_label("What was tried"))
    page.keyboard.press("Control+A")
    page.keyboard.type("Both batteries, both docks.")  # 2
    page.keyboard.press("Control+Enter")  # 3
    expect(page.locator(".ladder").first).to_be_visible(timeout=10_000)
    expect(page.locator(".event", has_text="Both batteries, both docks.").first).to_be_visible()
