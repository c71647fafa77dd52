"""Who owns a ticket, in the browser: a bounce that lands at the arbiter, a swarm, the end of a shift."""

import re

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import Demo
from tests.e2e.people import at_their_desk, call, key, offered, pick, send, toast
from tocsin.intake.demo import company


def assign(page: Page, person: str, team: str) -> None:
    key(page, "a")
    pick(page, "Person", person)
    pick(page, "Team", team)
    send(page)
    expect(page.locator("#ticket-strip").get_by_text(person)).to_be_visible()


def test_a_b_a_and_the_third_hop_lands_at_the_arbiter(agent: BrowserContext, browser: Browser, demo: Demo) -> None:
    desk = offered(agent, demo, "team", "Service Desk")
    number = call(agent, demo, "Dock door 7 reports open while it is shut", team=desk, impact="1")
    where = f"{demo.address}/tickets/{number}"
    with at_their_desk(browser, demo, "maren") as lead:
        lead.goto(where)
        assign(lead, "Sofia Marino", "Infrastructure")
        assign(lead, "Tomás Vega", "Service Desk")
        expect(lead.get_by_text("ping-pong 1")).to_be_visible()  # on the ticket
        lead.goto(f"{demo.address}/board")
        row = lead.locator("#board li, #board p", has_text=f"T-{number}")
        expect(row.filter(has_text="went to and fro once").first).to_be_visible()  # and the board

    page = agent.new_page()
    page.goto(where)
    key(page, "h")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("It was passed on 2 times.")).to_be_visible()
    expect(dialog.get_by_text("Elias Stern").first).to_be_visible()  # who names the owner, by name
    pick(page, "Person", "Sofia Marino")
    page.keyboard.press("Control+Enter")
    toast(page, "Elias Stern is asked")
    expect(page.locator("#ticket-strip").get_by_text("Tomás Vega")).to_be_visible()  # nothing has moved

    with at_their_desk(browser, demo, "elias") as arbiter:
        arbiter.goto(where)
        expect(
            arbiter.get_by_text("Tomás Vega asked Elias Stern to name the owner. Proposed: Sofia Marino.")
        ).to_be_visible()
        arbiter.get_by_role("link", name="Name the owner").click()
        expect(arbiter.get_by_role("dialog").get_by_text(re.compile("Sofia Marino carries"))).to_be_visible()
        send(arbiter)
        expect(arbiter.locator("#ticket-strip").get_by_text("Sofia Marino")).to_be_visible(timeout=15_000)


def test_a_swarm_of_three_teams(agent: BrowserContext, browser: Browser, demo: Demo) -> None:
    number = call(agent, demo, "Kestrel's scales send weights twice")
    where = f"{demo.address}/tickets/{number}"
    page = agent.new_page()
    page.goto(where)
    key(page, "w")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Question").fill("Who has seen a sender that repeats each telegram?")
    for team in ("Applications", "Infrastructure", "Platform Engineering"):
        dialog.get_by_label(re.compile(f"{team}$")).check()
    asked = dialog.locator("#swarm-asked li")  # by name, before anything is sent
    for team in ("Applications", "Infrastructure", "Platform Engineering"):
        expect(asked.filter(has_text=team).first).to_be_visible(timeout=15_000)
    names = asked.locator(".strong").all_inner_texts()
    send(page)
    toast(page, f"{len(names)} asked")
    expect(page.locator("#ticket-swarm .swarm-names .strong")).to_have_count(len(names), timeout=15_000)
    known = {told["name"]: key for key, told in company.document()["staff"].items()}
    comes, declines = known[names[0]], known[names[1]]

    with at_their_desk(browser, demo, comes) as expert:
        expert.goto(where)
        expert.locator("#ticket-swarm").get_by_role("button", name="Accept").click()  # one tap
        toast(expert, "You are in the swarm")
        expert.locator("#ticket-swarm").get_by_role("link", name="Answer").click()
        expert.get_by_role("dialog").get_by_label("Your answer").fill(
            "The sender repeats after five seconds without a receipt."
        )
        send(expert)
        toast(expert, "Your answer stands on the ticket")
    with at_their_desk(browser, demo, declines) as other:
        other.goto(where)
        other.locator("#ticket-swarm").get_by_role("link", name="Decline").click()
        other.get_by_role("dialog").get_by_label("Why not?").fill("On the gate scanners")
        send(other)
        toast(other, "Declined")

    page.goto(where)
    swarm = page.locator("#ticket-swarm")
    expect(swarm).to_contain_text("repeats after five seconds")
    expect(swarm).to_contain_text("On the gate scanners")
    swarm.get_by_role("link", name="End", exact=True).click()
    dialog.get_by_label("What came of it").fill("The receipt is sent at once now.")
    dialog.get_by_label(re.compile(names[0])).check()
    send(page)
    toast(page, "The swarm has ended")
    swarm.get_by_text("1 earlier swarm: who helped").click()
    expect(swarm).to_contain_text(f"{names[0]}: The sender repeats")  # credited
    expect(page.locator("#ticket-strip").get_by_text("Tomás Vega")).to_be_visible()  # ownership has not moved


def test_a_shift_handover_with_12_promises(browser: Browser, demo: Demo) -> None:
    with at_their_desk(browser, demo, "ben") as giver:
        held = giver.locator(".shift-list input[name=ticket]:not([disabled])")
        giver.goto(f"{demo.address}/shift-handover")
        for number in range(max(12 - held.count(), 0)):
            call(giver.context, demo, f"Terminal {number + 1} of hall C restarts by itself")
        giver.goto(f"{demo.address}/shift-handover")
        many = held.count()
        assert many >= 12
        expect(giver.locator("#brief-" + str(held.first.get_attribute("value")))).to_be_attached()
        giver.get_by_label("To", exact=True).select_option(label="Priya Nair")
        giver.get_by_label("A word on the shift").fill("Hall C restarts since noon, the vendor looks.")
        giver.get_by_role("button", name=re.compile("Hand over what is ticked")).click()
        toast(giver, "Offered. All of it stays yours until it is accepted.")
        with at_their_desk(browser, demo, "priya") as taker:
            taker.goto(f"{demo.address}/shift-handover")
            taker.get_by_role("link", name=re.compile("^Answer")).first.click()
            expect(taker.get_by_text("Hall C restarts since noon")).to_be_visible()
            expect(taker.get_by_text("What happened:").first).to_be_visible()
            taker.get_by_role("button", name=f"Take all {many}").click()
            toast(taker, "All of it was taken over.")
        giver.goto(f"{demo.address}/shift-handover")
        expect(held).to_have_count(0)
        expect(giver.get_by_text(f"{many} of {many} taken over").first).to_be_visible()
