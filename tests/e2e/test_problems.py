"""A problem manager's morning in a browser: a proposal becomes a problem, its known error is published."""

from playwright.sync_api import Browser, expect

from tests.e2e.conftest import ADMINISTRATOR, Demo


def test_a_proposal_becomes_a_problem_and_a_known_error(
    browser: Browser, signed_in: dict[str, object], demo: Demo
) -> None:
    context = browser.new_context(storage_state=signed_in[ADMINISTRATOR])  # type: ignore[arg-type]  # what it gave itself
    page = context.new_page()
    page.goto(f"{demo.address}/problems")
    page.get_by_role("link", name="Proposals").click()
    expect(page.locator(".pm-bars")).to_have_count(1)
    page.locator(".pm-proposal h2 a").click()
    page.get_by_role("link", name="Open a problem").click()
    page.get_by_label("Title").fill("VPN breaks off in the evening")
    page.get_by_role("button", name="Open it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("VPN breaks off in the evening")
    expect(page.get_by_text("Publish known error")).to_be_visible()

    page.get_by_role("link", name="Edit", exact=False).first.click()
    page.get_by_role("textbox", name="Workaround").fill("Sign in again: the second gateway takes you.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".pm-workaround")).to_contain_text("Sign in again")
    page.get_by_role("link", name="Publish known error").click()
    expect(page.locator(".pm-preview")).to_contain_text("Sign in again")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("dl.facts")).to_contain_text("Known error")
    expect(page.locator("dl.facts")).to_contain_text("Published")
    context.close()
