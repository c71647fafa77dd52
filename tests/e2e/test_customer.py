"""A customer's day in the portal, told in a browser: in by a mailed link, ask, hear back, escalate, close, rate."""

import re
import time

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import ARTIFACTS
from tests.e2e.test_looks import problems_of

CUSTOMER = "petra@kestrel.example"
SUBJECT = "Labels print without the batch number"


def enter_by_mail(page: Page, mails: Page, address: str, email: str) -> None:
    """Ask for a sign-in link and use it, as it stands in the mail."""
    page.goto(f"{address}/")
    page.get_by_role("link", name="Mail me a sign-in link").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Mail me the link").click()
    expect(page.get_by_role("status")).to_contain_text("a mail is on its way")
    deadline, link = time.monotonic() + 20, None
    while link is None and time.monotonic() < deadline:
        mails.goto(f"{address}/demo/mail")
        mail = mails.locator("details.mail", has_text="Your sign-in link").filter(has_text=email).first
        if mail.count():
            mail.locator("summary").click() if mail.get_attribute("open") is None else None
            link = mail.get_by_role("link").first.get_attribute("href")
    assert link is not None, "no sign-in link was mailed"
    page.goto(link)
    expect(page.get_by_text("Nothing happens until you press the button")).to_be_visible()
    page.get_by_role("button", name="Sign in").click()


def test_a_customers_day_in_the_portal(agent: BrowserContext, browser: Browser, demo) -> None:  # type: ignore[no-untyped-def]
    ARTIFACTS.mkdir(exist_ok=True)
    desk, mails = agent.new_page(), agent.new_page()
    customer = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    page = customer.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    enter_by_mail(page, mails, demo.address, CUSTOMER)
    expect(page).to_have_url(re.compile("/portal/$"))
    wrong += problems_of(page, "portal")

    # A new request, by service.
    page.get_by_role("navigation", name="Portal").get_by_role("link", name="New request").click()
    page.get_by_role("link", name=re.compile("Something else")).click()
    page.get_by_label("In one line").fill(SUBJECT)
    page.get_by_label("What happens, and since when").fill("Since this morning, on **every** pallet.")
    wrong += problems_of(page, "portal-new")
    page.get_by_role("button", name="Send the request").click()
    expect(page.get_by_role("heading", level=1, name=SUBJECT)).to_be_visible()
    expect(page.get_by_text("We have it. Somebody will look at it shortly.")).to_be_visible()
    number = page.url.rstrip("/").split("/")[-1].split("#")[0]

    # The desk answers; the note stays inside.
    desk.goto(f"{demo.address}/tickets/{number}")
    desk.get_by_role("button", name=re.compile("Take")).click()
    expect(desk.locator("#ticket-strip").get_by_text("Tomás Vega")).to_be_visible()
    for kind, words in (("note", "Looks like the template again"), ("reply", "We are looking at the label template.")):
        desk.locator(f"[data-compose={kind}]").click()
        desk.get_by_label("Message", exact=True).fill(words)
        desk.get_by_role("button", name=re.compile("Save note" if kind == "note" else "Send to")).click()
        if kind == "note":
            expect(desk.locator(".event", has_text=words)).to_be_visible()
    # A reply may still be taken back for some seconds; then the customer has it.
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not page.get_by_text("We are looking at the label template.").count():
        page.wait_for_timeout(500)
        page.reload()
    expect(page.get_by_text("We are looking at the label template.")).to_be_visible()
    expect(page.get_by_text("Looks like the template again")).to_have_count(0)
    expect(page.get_by_text("Somebody is working on it.")).to_be_visible()

    # It takes too long: the customer asks for an escalation, and the people answerable are named on the desk's page.
    page.get_by_role("link", name="Ask for an escalation").click()
    page.get_by_label("What is wrong").fill("Trucks leave at noon and we cannot ship.")
    page.get_by_role("button", name="Ask for it").click()
    expect(page.get_by_text("An escalation was asked for")).to_be_visible()
    page.screenshot(path=str(ARTIFACTS / "portal-ticket-light-360.png"), full_page=True)
    wrong += problems_of(page, "portal-ticket")
    page.emulate_media(color_scheme="dark")
    wrong += problems_of(page, "portal-ticket-dark")
    desk.reload()
    expect(desk.get_by_role("region", name=re.compile("Customer escalation"))).to_be_visible()

    # Solved, not quite, solved; then rated, and the rating changed.
    desk.request.post(
        f"{demo.address}/tickets/{number}/status", form={"status": "resolved"},
        headers={"x-csrftoken": _token(desk), "referer": f"{demo.address}/"},
    )  # fmt: skip
    page.reload()
    page.get_by_role("link", name="It is not solved").click()
    page.get_by_label("What is still wrong").fill("Line 3 still prints without it.")
    page.get_by_role("button", name="Open it again").click()
    expect(page.get_by_text("We are looking at it again")).to_be_visible()
    desk.request.post(
        f"{demo.address}/tickets/{number}/status", form={"status": "resolved"},
        headers={"x-csrftoken": _token(desk), "referer": f"{demo.address}/"},
    )  # fmt: skip
    page.reload()
    page.get_by_role("button", name="Yes, it is solved").click()
    page.get_by_label("So so").check()
    page.get_by_role("button", name="Send", exact=True).first.click()
    expect(page.get_by_text("3 of 5")).to_be_visible()
    page.get_by_label("Good", exact=True).check()
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_text("4 of 5")).to_be_visible()
    page.screenshot(path=str(ARTIFACTS / "portal-rated-dark-360.png"), full_page=True)
    wrong += problems_of(page, "portal-rated")

    # Nothing of the desk opens to a customer.
    for path in ("/queue", f"/tickets/{number}", "/people", "/settings", "/policies"):
        answer = page.goto(f"{demo.address}{path}")
        assert answer is not None
        assert answer.status == 403, path
    customer.close()
    assert wrong == []


def _token(page: Page) -> str:
    return next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken")


def test_a_passkey_stands_for_address_and_password(browser: Browser, demo) -> None:  # type: ignore[no-untyped-def]
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
                "isUserVerified": True, "automaticPresenceSimulation": True,
            }
        },
    )  # fmt: skip
    address = demo.address.replace("127.0.0.1", "localhost")  # passkeys belong to names, never to bare addresses
    page.goto(f"{address}/sign-in")
    # Somebody whom no other story signs in: a passkey asks for more than the password from now on.
    page.get_by_label("E-mail").fill("oliver@alderfinch.example")
    page.get_by_label("Password").fill(demo.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/queue")
    page.goto(f"{address}/account/passkeys/add")
    page.get_by_label("Password").fill(demo.password)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name").fill("This laptop")
    page.get_by_label(re.compile("Instead of address and password")).check()
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("This laptop")).to_be_visible()
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/queue")
    context.close()
