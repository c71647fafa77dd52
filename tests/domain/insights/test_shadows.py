"""Drafts beside the live policy (SEMANTICS 10): they see everything and tell nobody."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest

from tests.domain.insights.test_backtests import run_engine, text, watched
from tocsin.domain.escalation.models import Escalation, Run
from tocsin.domain.insights.backtests import queries, shadow_reports, shadowing
from tocsin.domain.insights.models import ShadowLook, ShadowReport
from tocsin.domain.notify.models import Page
from tocsin.domain.tickets import actions as tickets
from tocsin.kernel.errors import Conflict, NotAllowed

__all__ = ["watched"]

FORBIDDEN = ("tocsin.domain.notify.actions", "tocsin.domain.escalation.actions", "tocsin.channels", "tocsin.engine")


@pytest.fixture
def shadow(watched):
    return shadowing.start(slug="watch", text=text(wait="10m"), by=watched["mara"], now=watched.now)


def test_a_shadow_can_tell_nobody_because_nothing_it_runs_knows_how():
    package = Path(shadowing.__file__).parent
    for file in package.glob("*.py"):
        if file.name == "shadow_reports.py":
            continue  # mails the weekly report to the shadow's owner, and runs no policy
        for node in ast.walk(ast.parse(file.read_text())):
            modules = [node.module] if isinstance(node, ast.ImportFrom) else []
            modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            whole = [f"{node.module}.{a.name}" for a in node.names] if isinstance(node, ast.ImportFrom) else []
            assert not [m for m in (*modules, *whole) if m and m.startswith(FORBIDDEN)], file.name


def test_the_draft_looks_when_it_would_fire_and_pages_nobody(watched, shadow):
    ticket = watched.ticket()
    assert shadowing.next_look_due() == watched.now
    shadowing.look_due(now=watched.after(0))
    look = ShadowLook.objects.get(shadow=shadow, ticket=ticket)
    assert (look.change, look.due_at) == ("", watched.after(10))
    shadowing.look_due(now=watched.after(10))
    look.refresh_from_db()
    assert look.change == "added"
    assert look.first_at == watched.after(10)
    assert not Page.objects.exists()
    assert not Run.objects.exists()
    assert not Escalation.objects.exists()


def test_it_is_held_against_what_the_live_policy_really_did(watched, shadow):
    ticket = watched.ticket()
    run_engine(watched.now, watched.after(31))
    shadowing.look_due(now=watched.after(31))
    look = ShadowLook.objects.get(shadow=shadow, ticket=ticket)
    before, after = queries.drawn(look.detail).runs
    assert look.change == "changed"
    assert before.pages[0].at == watched.after(30)
    assert after.pages[0].at == watched.after(10)
    assert {page.person for page in before.pages} <= {page.person for page in after.pages}


def test_a_change_of_the_ticket_makes_its_look_due(watched, shadow):
    ticket = watched.ticket()
    shadowing.look_due(now=watched.after(0))
    tickets.take(ticket_id=ticket.pk, by=watched["ana"], now=watched.after(5))
    assert ShadowLook.objects.get(ticket=ticket).due_at == watched.after(5)
    shadowing.look_due(now=watched.after(5))
    due = ShadowLook.objects.get(ticket=ticket).due_at
    assert due == watched.after(120)  # half of the four hours


def test_the_weekly_report_is_kept_and_mailed_to_its_owner(watched, shadow):
    watched.ticket()
    shadowing.look_due(now=watched.after(10))
    assert shadow_reports.report_due(now=watched.now + timedelta(days=6)) == 0
    due = watched.now + timedelta(days=7)
    assert shadow_reports.next_report_due() == due
    assert shadow_reports.report_due(now=due) == 1
    page = Page.objects.get()
    assert (page.user, page.purpose) == (watched["mara"], "notice")
    assert "On 1 of 1 escalated tickets" in page.body
    assert ShadowReport.objects.get().ends_at == due
    assert shadow_reports.next_report_due() == due + timedelta(days=7)


def test_one_draft_per_policy_and_only_by_those_who_edit_policies(watched, shadow):
    with pytest.raises(Conflict):
        shadowing.start(slug="watch", text=text(), by=watched["mara"], now=watched.now)
    with pytest.raises(NotAllowed):
        shadowing.stop(shadow_id=shadow.pk, by=watched["ana"], now=watched.now)


def test_a_stopped_shadow_looks_no_more(watched, shadow):
    watched.ticket()
    shadowing.stop(shadow_id=shadow.pk, by=watched["mara"], now=watched.after(1))
    watched.ticket()
    assert shadowing.next_look_due() is None
    assert ShadowLook.objects.filter(due_at__isnull=False).count() == 0
    assert shadow_reports.next_report_due() is None
