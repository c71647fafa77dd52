"""Every page in light, dark and at 360 px: no accessibility violation, nothing wider than the screen, no script error.

Screenshots are left in artifacts/ for people to look at.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.conftest import ADMINISTRATOR, ARTIFACTS

AXE = (Path(__file__).parent / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = {
    "queue": "/queue",
    "queue-none": "/queue?q=nothingfitsthis",
    "queue-escalated": "/queue?view=escalated",
    "ticket": "{ticket}",
    "escalate": "{ticket}/escalate",
    "hand-over": "{ticket}/hand-over",
    "queue-columns": "/queue?view=all&col=customer&col=service&col=tags&col=opened&density=compact",
    "search": "/search?q=vpn",
    "search-empty": "/search",
    "macros": "/macros",
    "board": "/board",
    "knowledge": "/knowledge",
    "knowledge-nothing": "/knowledge?q=nothingfitsthis",
    "knowledge-gaps": "/knowledge/gaps",
    "article-new": "/knowledge/new",
    "article": "/knowledge/101",
    "article-versions": "/knowledge/101/versions",
    "ticket-articles": "{ticket}/articles",
    "problems": "/problems",
    "problem": "/problems/101",
    "problem-edit": "/problems/101/edit",
    "problem-workaround": "/problems/103/workaround",
    "problem-measure-new": "/problems/101/measures/new",
    "proposals": "/problems/proposals",
    "measures": "/problems/measures",
    "digests": "/problems/digests",
    "macro-new": "/macros/new",
    "saved-views": "/views",
    "register": "/register",
    "thing-new": "/register/new",
    "fields": "/settings/fields",
    "field-new": "/settings/fields/new",
    "drills": "/drills",
    "providers": "/settings/providers",
    "integrations": "/settings/integrations",
    "integration-new": "/settings/integrations/new",
    "integration": "{integration}",
    "integration-rotate": "{integration}/rotate",
    "event": "{event}",
    "ticket-new": "/tickets/new",
    "paged-to-me": "/respond/",
    "policies": "/policies",
    "policy": "/policies/technical",
    "policy-edit": "/policies/technical/edit",
    "policy-versions": "/policies/technical/versions",
    "schedules": "/schedules",
    "schedule": "/schedules/applications",
    "schedule-4-weeks": "/schedules/infrastructure?weeks=4",
    "layer-new": "/schedules/applications/layers/new",
    "override": "/schedules/applications/override",
    "shift-import": "/schedules/applications/import",
    "my-shifts": "/me/shifts",
    "load": "/on-call/load?period=next-4",
    "people": "/people",
    "person-edit": "{person}/edit",
    "person-deactivate": "{person}/deactivate",
    "invite": "/people/invite",
    "sign-ins": "/sign-ins",
    "organisations": "/organisations",
    "services": "/services",
    "call": "/calls/new",
    "account": "/account",
    "api-tokens": "/account/tokens",
    "api-reference": "/api/docs",
    "password-again": "/account/again",
    "portal": "/portal/?show=all",
    "portal-services": "/portal/new",
    "portal-new": "/portal/new?service=",
    "team": "/teams/service-desk",
    "team-edit": "/teams/service-desk/edit",
    "notifications": "/me/notifications",
    "settings": "/settings",
    "mail": "/demo/mail",
    "not-here": "/tickets/999999",
    "link-run-out": "/respond/never-was",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 360])
def test_every_page_is_accessible_and_fits(browser: Browser, signed_in, demo, scheme, width) -> None:  # type: ignore[no-untyped-def]
    ARTIFACTS.mkdir(exist_ok=True)
    context = browser.new_context(
        storage_state=signed_in[ADMINISTRATOR], color_scheme=scheme, viewport={"width": width, "height": 900}
    )
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    page.on(
        "console", lambda m: wrong.append(f"console: {m.text}") if m.type == "error" and "404" not in m.text else None
    )
    page.goto(f"{demo.address}/queue?view=all&q=Driver+app")
    ticket = page.locator("a[data-row-link]").first.get_attribute("href")
    page.goto(f"{demo.address}/people?q=Tom")
    person = page.locator("td a.person").first.get_attribute("href")
    page.goto(f"{demo.address}/settings/integrations")
    integration = page.locator(".rows a.strong").first.get_attribute("href")
    page.goto(f"{demo.address}{integration}?only=late")
    event = page.locator(".rows a.strong").first.get_attribute("href")
    for name, path in PAGES.items():
        page.goto(demo.address + path.format(ticket=ticket, person=person, integration=integration, event=event))
        page.screenshot(path=str(ARTIFACTS / f"{name}-{scheme}-{width}.png"), full_page=width < 500)
        wrong += problems_of(page, name)
    context.close()
    stranger = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 740}).new_page()
    for name, path in {
        "sign-in": "/sign-in",
        "link-ask": "/sign-in/by-mail/sign_in",
        "link-gone": "/enter/sign_in/x",
    }.items():
        stranger.goto(demo.address + path)
        stranger.screenshot(path=str(ARTIFACTS / f"{name}-{scheme}-{width}.png"))
        wrong += problems_of(stranger, name)
    stranger.context.close()
    assert wrong == []


def problems_of(page, name: str) -> list[str]:  # type: ignore[no-untyped-def]
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    problems = [f"{name}: {v['id']}: {v['nodes'][0]['html'][:200]}" for v in found["violations"]]
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"):
        problems.append(f"{name}: wider than the screen")
    return problems
