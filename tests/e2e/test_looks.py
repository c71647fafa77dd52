"""Every page in light, dark and at 360 px: no accessibility violation, nothing wider than the screen, no script error.

A page is loaded once and looked at four times: the server sends the same bytes whatever the scheme and the width, and
what the browser makes of them follows both while the page is open (CSS, and charts.js, which listens to either).
LOOKS=1 leaves screenshots of all four in artifacts/ for people to look at.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.conftest import ADMINISTRATOR, ARTIFACTS

AXE = (Path(__file__).parent / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]  # the only rules of those that ask for colours
# Structure does not depend on the scheme: every rule at each width, and the colours in each scheme at each width.
VIEWS = (("light", 1440, False), ("dark", 1440, True), ("dark", 360, False), ("light", 360, True))
HEIGHT = 900
# A colour that is still on its way from light to dark is nobody's colour: what has an end is brought to it.
SETTLE = """() => {
    for (const one of document.getAnimations()) if (one.effect.getComputedTiming().endTime !== Infinity) one.finish()
    return document.fonts.ready.then(() => null)
}"""
# Hundreds of parts that one template draws: all of them in the first view, the first few of each chapter in the others.
ALIKE = {"api-reference": "article:nth-of-type(n+4)"}
TO_LOOK_AT = os.environ.get("LOOKS") == "1"
PAGES = {
    "queue": "/queue",
    "queue-none": "/queue?q=nothingfitsthis",
    "queue-escalated": "/queue?view=escalated",
    "ticket": "{ticket}",
    "escalate": "{ticket}/escalate",
    "hand-over": "{ticket}/hand-over",
    "swarm-ask": "{ticket}/swarm",
    "command": "{command}",
    "command-task": "{command}/task",
    "command-note": "{command}/note",
    "command-role": "{command}/role",
    "promise-new": "{ticket}/promises/new",
    "update": "{ticket}/update",
    "promises": "/promises?who=all&state=any",
    "plans": "/plans",
    "plan-edit": "/plans/customer",
    "template-new": "/plans/templates/new",
    "following": "/following",
    "queue-columns": "/queue?view=all&col=customer&col=service&col=tags&col=opened&density=compact",
    "search": "/search?q=vpn",
    "search-empty": "/search",
    "macros": "/macros",
    "board": "/board",
    "risk": "/risk",
    "risk-card": "/risk/escalation",
    "risk-none": "/risk/bounce",
    "backtests": "/backtests",
    "backtest-new": "/backtests/new?policy=technical",
    "threshold-new": "/policies/technical/threshold",
    "shadow-new": "/policies/technical/shadow",
    "shadows": "/shadows",
    "backtest": "{backtest}",
    "backtest-ticket": "{backtest_ticket}",
    "threshold": "{threshold}",
    "shadow": "{shadow}",
    "shadow-ticket": "{shadow_ticket}",
    "decisions": "/decisions",
    "decision": "/decisions/goodwill-refund",
    "decision-new": "/decisions/new",
    "decisions-report": "/decisions/report",
    "decide": "{ticket}/decide",
    "briefing": "/briefing",
    "accounts": "/accounts",
    "account-escalation": "/account-escalations/11",
    "account-escalation-change": "/account-escalations/11/change",
    "status-pages": "/status-pages",
    "status-page-kept": "/status-pages/alder-finch",
    "status-incident-new": "/status-pages/alder-finch/incidents/new",
    "status-maintenance-new": "/status-pages/alder-finch/maintenance/new",
    "status-page-new": "/status-pages/new",
    "reviews": "/reviews?state=all",
    "review": "{review}",
    "review-edit": "{review}/edit",
    "review-share": "{review}/share",
    "review-versions": "{review}/versions",
    "review-sign": "{review}/sign",
    "cause-new": "{review}/causes/new",
    "corrective-action-new": "{review}/actions/new",
    "moment-new": "{review}/moments/new",
    "review-new": "/reviews/new",
    "reviews-none": "/reviews?q=nothingfitsthis",
    "corrective-actions": "/reviews/actions?state=all",
    "closings": "/reviews/to-close",
    "closing": "{closing}",
    "reviews-setting": "/settings/reviews",
    "review-rule-new": "/settings/reviews/rules/new",
    "review-link-run-out": "/shared-review/never-was",
    "insights": "/insights?period=90",
    "insights-nothing": "/insights?team=no-such-team",
    "insights-metric": "/insights/metrics/time_resolve?by=service",
    "insights-tickets": "/insights/tickets?metric=sla_resolution&only=miss",
    "insights-targets": "/insights/targets",
    "insights-target": "/insights/metrics/csat/target",
    "insights-wall": "/insights/wall",
    "insights-reports": "/insights/reports",
    "insights-report": "{report}",
    "insights-report-new": "/insights/reports/new?team=service-desk",
    "insights-report-left": "/insights/reports/leave/never-was",
    "signals": "/signals",
    "signal-words": "/signals/words?text=This+is+the+third+time.+Not+bad%2C+but+unacceptable%21%21+We+need+it+by+tomorrow.",
    "ticket-signals": "{ticket}/signals",
    "call-notes": "{ticket}/call",
    "listening-edit": "{ticket}/listening/edit",
    "advice-rules": "/settings/advice?text=You+should+have+told+us.+We+will+look+at+it+as+soon+as+possible.",
    "advice-versions": "/settings/advice/versions",
    "advice-rule-new": "/settings/advice/new",
    "assistant": "/settings/assistant",
    "knowledge": "/knowledge",
    "knowledge-nothing": "/knowledge?q=nothingfitsthis",
    "knowledge-gaps": "/knowledge/gaps",
    "article-new": "/knowledge/new",
    "article": "/knowledge/101",
    "article-versions": "/knowledge/101/versions",
    "ticket-articles": "{ticket}/articles",
    "feedback": "/feedback?period=365",
    "feedback-none": "/feedback?period=30&team=platform",
    "feedback-by-month": "/feedback?by=month",
    "feedback-ratings": "/feedback/ratings?score=bad",
    "feedback-mine": "/feedback/mine",
    "recoveries": "/feedback/recovery",
    "recoveries-regained": "/feedback/recovery?state=regained",
    "feedback-setting": "/settings/feedback",
    "feedback-setting-edit": "/settings/feedback/edit",
    "feedback-questions": "/settings/feedback/questions/customer",
    "feedback-preview": "/settings/feedback/preview/csat?language=de",
    "feedback-preview-expert": "/settings/feedback/preview/expert",
    "asked-gone": "/asked/never-was",
    "problems": "/problems",
    "problem": "/problems/101",
    "problem-edit": "/problems/101/edit",
    "problem-workaround": "/problems/103/workaround",
    "problem-measure-new": "/problems/101/measures/new",
    "problems-none": "/problems?q=nothingfitsthis",
    "problem-publish": "/problems/103/known-error",
    "problem-link": "/problems/101/tickets",
    "hypothesis-new": "/problems/101/hypotheses/new",
    "proposals": "/problems/proposals",
    "proposals-rejected": "/problems/proposals?state=rejected",
    "proposal": "{proposal}",
    "proposal-reject": "{proposal}/reject",
    "measures": "/problems/measures",
    "digests": "/problems/digests",
    "macro-new": "/macros/new",
    "saved-views": "/views",
    "register": "/register",
    "thing-new": "/register/new",
    "fields": "/settings/fields",
    "field-new": "/settings/fields/new",
    "training": "/training",
    "courses": "/training/courses",
    "course-new": "/training/courses/new",
    "requirements": "/training/requirements",
    "who-knows": "/who-knows?q=VPN",
    "who-knows-all": "/who-knows",
    "team-coverage": "/teams/service-desk/coverage",
    "shift-handover": "/shift-handover?team=service-desk",
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


STRANGERS = {"sign-in": "/sign-in", "link-ask": "/sign-in/by-mail/sign_in", "link-gone": "/enter/sign_in/x"}


@dataclass(slots=True)
class Looking:
    """One open page, and what its scripts complained of since it was asked last."""

    page: Page
    address: str
    things: dict[str, str | None] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("console", lambda m: self._heard(m.type, m.text))

    def _heard(self, kind: str, text: str) -> None:
        if kind == "error" and "404" not in text:
            self.complaints.append(f"console: {text}")

    def at(self, name: str, path: str) -> list[str]:
        """Open a page, look at it in every view, and return what is wrong."""
        self.complaints.clear()
        self._show("light", 1440)
        self.page.goto(self.address + path.format(**self.things))
        self.page.evaluate(AXE)
        wrong: list[str] = []
        for n, (scheme, width, only_colours) in enumerate(VIEWS):
            self._show(scheme, width)
            self.page.evaluate(SETTLE)
            wrong += _problems(
                self.page,
                f"{name}-{scheme}-{width}",
                rules=COLOURS if only_colours else None,
                but=ALIKE.get(name, "") if n else "",
            )
            if TO_LOOK_AT:
                file = ARTIFACTS / f"{name}-{scheme}-{width}.png"
                self.page.screenshot(path=str(file), full_page=width < 500)
        return wrong + [f"{name}: {one}" for one in self.complaints]

    def _show(self, scheme: str, width: int) -> None:
        self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of VIEWS
        self.page.set_viewport_size({"width": width, "height": HEIGHT})


@pytest.fixture(scope="module")
def inside(browser: Browser, signed_in, demo) -> Iterator[Looking]:  # type: ignore[no-untyped-def]
    """The administrator's browser, which knows where things are that have no fixed address."""
    ARTIFACTS.mkdir(exist_ok=True)
    context = browser.new_context(storage_state=signed_in[ADMINISTRATOR])
    looking = Looking(context.new_page(), demo.address)
    looking.things = _things(looking.page, demo.address)
    yield looking
    context.close()


@pytest.fixture(scope="module")
def outside(browser: Browser, demo) -> Iterator[Looking]:  # type: ignore[no-untyped-def]
    """The browser of somebody who has not signed in."""
    ARTIFACTS.mkdir(exist_ok=True)
    context: BrowserContext = browser.new_context()
    yield Looking(context.new_page(), demo.address)
    context.close()


def _things(page: Page, address: str) -> dict[str, str | None]:
    things: dict[str, str | None] = {}
    for name, where, link in (
        ("ticket", "/queue?view=all&q=Driver+app", "a[data-row-link]"),
        ("person", "/people?q=Tom", "td a.person"),
        ("integration", "/settings/integrations", ".rows a.strong"),
        ("event", "{integration}?only=late", ".rows a.strong"),
        ("command", "{ticket}", "a[href$='/command']"),
        ("review", "/reviews?state=signed_off", "table.list a.strong"),
        ("closing", "/reviews/to-close", "a[href$='/closing']"),
        ("proposal", "/problems/proposals", ".pm-proposal h2 a"),
    ):
        page.goto(address + where.format(**things))
        things[name] = page.locator(link).first.get_attribute("href")
    return things | asked_of(page, address)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_accessible_and_fits(inside: Looking, name: str) -> None:
    assert inside.at(name, PAGES[name]) == []


@pytest.mark.parametrize("name", STRANGERS)
def test_what_strangers_see_is_accessible_and_fits(outside: Looking, name: str) -> None:
    assert outside.at(name, STRANGERS[name]) == []


def problems_of(page: Page, name: str) -> list[str]:
    """Return what axe finds wrong with the page as it stands, and whether it is wider than the screen."""
    page.evaluate(AXE)
    page.evaluate(SETTLE)
    return _problems(page, name)


def asked_of(page: Page, address: str) -> dict[str, str | None]:
    """Return the pages of the demonstration's back-tests, its shadow and its report of figures."""
    found: dict[str, str | None] = {}
    ticket = "section[aria-labelledby=bt-tickets] tbody a"
    page.goto(f"{address}/backtests")
    for link in [one.get_attribute("href") for one in page.locator("table.list tbody a.strong").all()]:
        page.goto(f"{address}{link}")
        if page.locator(ticket).count():
            found |= {"backtest": link, "backtest_ticket": page.locator(ticket).first.get_attribute("href")}
        elif page.locator("svg.bt-chart .dot").count():
            found["threshold"] = link
    page.goto(f"{address}/shadows")
    found["shadow"] = page.locator("table.list tbody a.strong").first.get_attribute("href")
    page.goto(f"{address}{found['shadow']}?all=1")
    found["shadow_ticket"] = page.locator(ticket).first.get_attribute("href")
    page.goto(f"{address}/insights/reports")
    found["report"] = page.locator("table.list tbody a").first.get_attribute("href")
    return found


def _problems(page: Page, name: str, rules: list[str] | None = None, but: str = "") -> list[str]:
    # Only what is violated leaves the browser: the full report, which lists every node that passed, takes a second more.
    found = page.evaluate(
        """([where, only]) => axe.run(where, {runOnly: only, resultTypes: ["violations"]})
            .then(report => report.violations.map(one => `${one.id}: ${one.nodes[0].html.slice(0, 200)}`))""",
        [
            {"include": ["html"], **({"exclude": [but]} if but else {})},
            {"type": "rule", "values": rules} if rules else {"type": "tag", "values": RULES},
        ],
    )
    problems = [f"{name}: {one}" for one in found]
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"):
        problems.append(f"{name}: wider than the screen")
    return problems
