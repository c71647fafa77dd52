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
    page.goto(f"{demo.address}{ticket}")
    command = page.locator("a[href$='/command']").first.get_attribute("href")
    things = {"ticket": ticket, "person": person, "integration": integration, "event": event, "command": command}
    for name, where, link in (
        ("review", "/reviews?state=signed_off", "table.list a.strong"),
        ("closing", "/reviews/to-close", "a[href$='/closing']"),
        ("proposal", "/problems/proposals", ".pm-proposal h2 a"),
    ):
        page.goto(demo.address + where)
        things[name] = page.locator(link).first.get_attribute("href")
    things |= asked_of(page, demo.address)
    for name, path in PAGES.items():
        page.goto(demo.address + path.format(**things))
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


def asked_of(page, address: str) -> dict[str, str]:  # type: ignore[no-untyped-def]
    """Return the pages of the demonstration's back-tests, its shadow and its report of figures."""
    found = {}
    ticket = "section[aria-labelledby=bt-tickets] tbody a"
    page.goto(f"{address}/backtests")
    for link in [one.get_attribute("href") for one in page.locator("table.list tbody a.strong").all()]:
        page.goto(address + link)
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


def problems_of(page, name: str) -> list[str]:  # type: ignore[no-untyped-def]
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    problems = [f"{name}: {v['id']}: {v['nodes'][0]['html'][:200]}" for v in found["violations"]]
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"):
        problems.append(f"{name}: wider than the screen")
    return problems
