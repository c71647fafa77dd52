"""An angry customer is heard: a guided call, played back by mail, confirmed on the signed page, and the draft advised."""

import re

from playwright.sync_api import Browser, BrowserContext, expect

from tests.e2e.conftest import ARTIFACTS
from tests.e2e.test_looks import problems_of

SUBJECT = "Nobody can print delivery notes at gate 7"


def test_an_angry_customer_is_heard_and_confirms_the_record(agent: BrowserContext, browser: Browser, demo) -> None:  # type: ignore[no-untyped-def]
    ARTIFACTS.mkdir(exist_ok=True)
    page = agent.new_page()
    page.goto(f"{demo.address}/calls/new")
    page.get_by_label("Who calls").fill("petra.listening@northsea.example")
    page.get_by_label("Name, if they are new").fill("Petra Listening")
    page.get_by_label("In one line").fill(SUBJECT)
    page.get_by_label("What they said").fill(
        "This is the third time this week. It is unacceptable, trucks are waiting!"
    )
    page.get_by_role("button", name="Write it down, then listen").click()

    # The call, step by step; what was told is there already.
    expect(page.get_by_role("heading", level=2, name="1. Let them tell it")).to_be_visible()
    expect(page.get_by_label("What they told you")).to_have_value(re.compile("third time"))
    page.get_by_label("What matters to them").fill("Every truck waits an hour because of this")
    page.get_by_label("What they want").fill("Delivery notes before noon")
    page.get_by_label("The next step you agreed on").fill("Kai looks at the print server")
    page.get_by_role("button", name="Write it down").click()
    panel = page.locator("#ticket-listening")
    expect(panel.get_by_text("Every truck waits an hour because of this", exact=True)).to_be_visible()

    # Played back by mail; the customer opens the link and says that this is it.
    panel.get_by_role("link", name="Play it back").click()
    page.locator("#sheet").get_by_role("button", name=re.compile("^Send to Petra")).click()
    expect(panel.get_by_text("Waits for the customer")).to_be_visible()
    mails = agent.new_page()
    link = ""
    for _ in range(60):
        mails.goto(f"{demo.address}/demo/mail")
        found = re.search(r"/heard/[\w.:\-]+", mails.content())
        link = found.group(0) if found else ""
        if link:
            break
        mails.wait_for_timeout(1000)
    customer = browser.new_context(viewport={"width": 360, "height": 740}).new_page()
    for scheme in ("dark", "light"):  # how the signed page looks, before anything is said
        customer.emulate_media(color_scheme=scheme)
        customer.goto(demo.address + link)
        customer.screenshot(path=ARTIFACTS / f"heard-{scheme}-360.png", full_page=True)
        assert problems_of(customer, f"heard-{scheme}") == []
    expect(customer.get_by_role("heading", level=1, name="Is that it?")).to_be_visible()
    customer.get_by_role("button", name="Yes, that is it").click()
    expect(customer.get_by_text("You said: that is it.")).to_be_visible()

    # The desk sees it; a draft that leaves the concern out is told so, and typing is not disturbed.
    page.reload()
    expect(panel.get_by_text("Confirmed")).to_be_visible()
    composer = page.locator("#composer-body")
    composer.fill("Please calm down, we will see as soon as possible.")
    advice = page.locator("#composer-advice")
    expect(advice.get_by_text("Not taken up:")).to_be_visible(timeout=10_000)
    expect(advice.get_by_text("“calm down”")).to_be_visible()
    expect(composer).to_have_value("Please calm down, we will see as soon as possible.")
    composer.fill(
        "Every truck waits an hour: Kai will replace the print server by 15:00 today, and I will call you then."
    )
    expect(advice.get_by_text("It says what happens next")).to_be_visible(timeout=10_000)
