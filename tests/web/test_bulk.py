"""Many tickets at once, saved views, columns, CSV, open next."""

import pytest

from tests.web.conftest import Desk
from tocsin.domain.desk import actions
from tocsin.domain.desk.models import SavedView
from tocsin.domain.tickets import actions as tickets


@pytest.fixture
def agent(desk: Desk):  # type: ignore[no-untyped-def]  # Django's test client
    return desk.client(desk.agent)


def _act(desk: Desk, agent, act: str, **more: str):  # type: ignore[no-untyped-def]  # Django's test client
    given = {"ticket": [desk.queued.number, 99999999], "act": act, "back": "view=all", **more}
    return agent.post("/queue/bulk", given, follow=True).content.decode()


def test_many_are_taken_others_are_named_and_an_undo_gives_them_back(desk: Desk, agent) -> None:  # type: ignore[no-untyped-def]
    page = _act(desk, agent, "take")
    assert "1 ticket changed." in page
    assert "T-99999999" in page
    desk.queued.refresh_from_db()
    assert desk.queued.owner == desk.agent
    undo = page.split('action="/queue/bulk/')[1].split('"')[0]
    assert "1 ticket put back." in agent.post(f"/queue/bulk/{undo}", follow=True).content.decode()
    desk.queued.refresh_from_db()
    assert desk.queued.owner is None


def test_what_was_changed_since_is_not_undone(desk: Desk, agent) -> None:  # type: ignore[no-untyped-def]
    page = _act(desk, agent, "take")
    undo = page.split('action="/queue/bulk/')[1].split('"')[0]
    tickets.add_message(ticket_id=desk.queued.pk, kind="note", body="Mine.", by=desk.agent, now=desk.now)
    assert "It was changed since." in agent.post(f"/queue/bulk/{undo}", follow=True).content.decode()
    desk.queued.refresh_from_db()
    assert desk.queued.owner == desk.agent


def test_an_undo_is_ones_own(desk: Desk, agent) -> None:  # type: ignore[no-untyped-def]
    undo = _act(desk, agent, "take").split('action="/queue/bulk/')[1].split('"')[0]
    assert desk.client(desk.lead).post(f"/queue/bulk/{undo}").status_code == 404


@pytest.mark.parametrize(
    "act", ["team", "tag", "status", "nonsense", "owner:x", "team:00000000-0000-0000-0000-000000000000"]
)
def test_an_act_without_its_object_changes_nothing(desk: Desk, agent, act: str) -> None:  # type: ignore[no-untyped-def]
    before = desk.queued.updated_at
    assert agent.post("/queue/bulk", {"ticket": [desk.queued.number], "act": act}).status_code == 400
    desk.queued.refresh_from_db()
    assert desk.queued.updated_at == before


def test_a_saved_view_stands_in_the_sidebar_with_its_columns(desk: Desk, agent) -> None:  # type: ignore[no-untyped-def]
    agent.post(
        "/views/new",
        {
            "name": "Hot ones",
            "query": "view=all&sort=newest",
            "scope": "mine",
            "density": "compact",
            "columns": "customer,opened",
        },
    )
    view = SavedView.objects.get()
    page = agent.get(f"/queue?{view.query}&saved={view.pk}").content.decode()
    assert page.count("Hot ones") >= 2
    assert "col-customer" in page
    assert "col-owner" not in page
    assert 'class="dense"' in page
    assert "Hot ones" not in desk.client(desk.lead).get("/queue").content.decode()
    agent.post(f"/views/{view.pk}/delete")
    assert not SavedView.objects.exists()


def test_columns_stand_in_the_address(desk: Desk, agent) -> None:  # type: ignore[no-untyped-def]
    page = agent.get("/queue?view=all&col=service&col=nonsense").content.decode()
    assert "col-service" in page
    assert "col-last" not in page


def test_open_next_passes_over_what_somebody_else_looks_at(desk: Desk, agent) -> None:  # type: ignore[no-untyped-def]
    where = f"/tickets/{desk.queued.number}"
    assert agent.get("/queue/next?view=all")["Location"] == where
    actions.see(ticket_id=desk.queued.pk, doing="viewing", by=desk.lead, now=desk.now)
    assert "/queue" in agent.get("/queue/next?view=all")["Location"]


def test_the_csv_holds_the_view_and_no_formula(desk: Desk, agent) -> None:  # type: ignore[no-untyped-def]
    tickets.open_ticket(subject="=HYPERLINK(1)", requester=desk.requester, by=desk.agent, now=desk.now)
    lines = b"".join(agent.get("/queue.csv?view=all").streaming_content).decode().splitlines()
    assert lines[0].startswith("\ufeffreference,subject")
    assert any("'=HYPERLINK(1)" in line for line in lines)
    assert len(lines) == 4


def test_customers_have_none_of_it(desk: Desk) -> None:
    customer = desk.client(desk.requester)
    assert customer.get("/queue.csv").status_code == 403
    assert customer.post("/queue/bulk", {"ticket": [desk.queued.number], "act": "take"}).status_code == 403
