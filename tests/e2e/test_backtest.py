"""A lead's question in a browser: what would an earlier warning have done, whom would it page, and which value is best?"""

import re

from playwright.sync_api import Browser, expect

from tests.e2e.conftest import ADMINISTRATOR, AGENT, Demo

PATIENCE = 120_000  # milliseconds: the demonstration's one worker also does everything else


def test_a_draft_is_compared_shared_and_the_right_threshold_published(
    browser: Browser, signed_in: dict[str, object], demo: Demo
) -> None:
    context = browser.new_context(storage_state=signed_in[ADMINISTRATOR])  # type: ignore[arg-type]  # what it gave itself
    page = context.new_page()
    page.goto(f"{demo.address}/policies/technical")
    page.get_by_role("link", name="Back-test").click()
    draft = page.get_by_label("The draft, as YAML")
    text = draft.input_value()
    earlier = re.sub(r"percent: 75%?", "percent: 40%", text, count=1)
    assert earlier != text
    draft.fill(earlier)
    page.get_by_label("Which tickets").select_option("all")
    page.get_by_label("Tickets opened in the last days").fill("180")
    page.get_by_role("button", name="Run it").click()
    lead = page.locator(".bt-lead")
    expect(lead).to_contain_text("tickets it would have been different", timeout=PATIENCE)
    address = page.url

    page.locator("section[aria-labelledby=bt-tickets] tbody a").first.click()
    expect(page.locator("svg.bt-chart .lane")).to_have_count(2)
    expect(page.get_by_role("link", name="Open the ticket")).to_be_visible()

    other = browser.new_context(storage_state=signed_in[AGENT])  # type: ignore[arg-type]  # what it gave itself
    shared = other.new_page()
    shared.goto(address)
    expect(shared.locator(".bt-lead")).to_have_text(re.compile("tickets it would have been different"))
    other.close()

    page.goto(f"{demo.address}/policies/technical/threshold")
    page.get_by_label("Threshold of").select_option("resolution-at-risk")
    page.get_by_label("Which tickets").select_option("all")
    page.get_by_role("button", name="Try the values").click()
    expect(page.get_by_role("region", name="Values")).to_be_visible(timeout=PATIENCE)
    assert (
        page.locator("svg.bt-chart .dot").count()
        == page.get_by_role("region", name="Values").locator("tbody tr").count()
    )
    page.get_by_role("button", name="Use 90 %").click()  # a later one: nobody of the demonstration is paged by it
    expect(page.get_by_text("What publishing changes")).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/policies/technical")
    expect(page.locator("body")).to_contain_text("90 %")
    context.close()
