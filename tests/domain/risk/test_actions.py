"""Risk in the database: trained on the own history, scored at events, answered, watched, switched."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.domain.risk.conftest import live_through, trained
from tocsin.domain.escalation import publishing
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.frontline.queries import hot_board
from tocsin.domain.journal.models import Entry
from tocsin.domain.people.models import Service
from tocsin.domain.risk import actions, history, queries
from tocsin.domain.risk.models import Answer, RiskModel, Score, Training
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound

RISKY = """
slug: risky
name: Risky
type: technical
reason: other
direction: functional
triggers:
  - kind: risk_at_least
    percent: 40%
levels:
  - name: Lead
    targets: [ticket_team]
"""


def opened(desk: Any, slug: str = "mail") -> Ticket:
    return tickets.open_ticket(
        subject="Mail stands still", requester=desk.requester, by=None, now=desk.now, team=desk.team,
        service=Service.objects.get(slug=slug),
    )  # fmt: skip


def test_it_is_trained_on_the_own_history_and_judged_by_later_tickets(desk: Any, model: RiskModel) -> None:
    assert model.shown, model.why
    assert model.judged_from > model.opened_from
    assert model.judged[0]["model"]["auc"] > model.judged[0]["rule"]["auc"]
    training = Training.objects.get()
    assert (training.state, training.done) == ("done", 1.0)
    assert {one["field"] for one in model.fields if not one["accepted"]} >= {"Category", "Resolution"}
    assert Entry.objects.filter(stream="risk", kind="risk.model_trained").exists()
    assert sum(one["n"] for one in model.months) > 100


def test_history_folds_what_was_recorded_and_nothing_later(desk: Any) -> None:
    ticket = opened(desk, "payroll")
    tickets.assign(
        ticket_id=ticket.pk, team=desk.team, owner=desk.agent, by=desk.lead, now=desk.now + timedelta(hours=1)
    )
    early = next(history.lives([ticket.pk]))
    tickets.change_details(ticket_id=ticket.pk, category="vpn", by=desk.agent, now=desk.now + timedelta(hours=2))
    tickets.resolve(ticket_id=ticket.pk, by=desk.agent, now=desk.now + timedelta(hours=3))
    late = next(history.lives([ticket.pk]))
    assert late.moments[: len(early.moments)] == early.moments
    assert early.moments[0].at == desk.now
    assert early.moments[-1].owner == str(desk.agent.pk)
    assert early.moments[-1].by == str(desk.lead.pk)
    assert late.moments[-1].status == "resolved"
    assert not any(one.category for one in late.moments)


def test_an_open_ticket_is_scored_at_its_events_until_it_ends(desk: Any, model: RiskModel) -> None:
    risky, calm = opened(desk), opened(desk, "payroll")
    of_risky, of_calm = Score.objects.get(ticket=risky), Score.objects.get(ticket=calm)
    assert of_risky.value > of_calm.value
    assert any("Service: Mail." in one["words"] for one in of_risky.reasons)
    tickets.assign(
        ticket_id=risky.pk, team=desk.team, owner=desk.agent, by=desk.lead, now=desk.now + timedelta(minutes=5)
    )
    moved = Score.objects.get(ticket=risky)
    assert (moved.event, moved.first) == (of_risky.event + 1, of_risky.value)
    tickets.resolve(ticket_id=risky.pk, by=desk.agent, now=desk.now + timedelta(hours=1))
    assert not Score.objects.filter(ticket=risky).exists()


def test_what_has_come_true_is_predicted_no_more(desk: Any, model: RiskModel) -> None:
    assert not Score.objects.filter(ticket=desk.ticket).exists()  # escalated before
    assert Score.objects.filter(ticket=desk.queued).exists()  # open tickets are scored after a training


def test_without_a_model_an_event_costs_one_query(desk: Any) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        actions.rescore(ticket_id=desk.ticket.pk, now=desk.now)
    assert len([one for one in asked if "SAVEPOINT" not in one["sql"]]) == 1


def test_scoring_costs_the_same_queries_however_long_the_ticket_is(desk: Any, model: RiskModel) -> None:
    ticket = opened(desk)

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            actions.rescore(ticket_id=ticket.pk, now=desk.now)
        return len(asked)

    before = cost()
    for number in range(8):
        tickets.add_message(
            ticket_id=ticket.pk, kind="note", body="x", by=desk.agent, now=desk.now + timedelta(minutes=number + 1)
        )
    assert cost() == before


def test_a_model_that_does_not_beat_the_rule_scores_nothing(desk: Any) -> None:
    live_through(desk, law=False)
    kept = trained(desk)
    assert not kept.shown
    opened(desk)
    assert not Score.objects.exists()
    assert queries.notable("escalation", desk.now) == {}


def test_too_little_history_is_said_and_keeps_the_model_there_was(desk: Any, model: RiskModel) -> None:
    asked = actions.request_training(outcome="breach", by=None, now=desk.now)
    done = actions.run_training(training_id=asked.pk, clock=lambda: desk.now, threads=1)
    assert done.state == "too_little"
    assert "30 of either kind" in done.message
    assert queries.working_models() == {"escalation": model.pk}


def test_one_training_at_a_time_and_one_that_was_lost_does_not_block(desk: Any) -> None:
    actions.request_training(outcome="breach", by=desk.lead, now=desk.now)
    with pytest.raises(Conflict):
        actions.request_training(outcome="breach", by=desk.lead, now=desk.now)
    actions.request_training(outcome="breach", by=desk.lead, now=desk.now + timedelta(hours=3))
    assert sorted(Training.objects.values_list("state", flat=True)) == ["failed", "queued"]
    with pytest.raises(NotAllowed):
        actions.request_training(outcome="bounce", by=desk.agent, now=desk.now)
    with pytest.raises(InvalidInput):
        actions.request_training(outcome="rain", by=desk.lead, now=desk.now)


def test_a_risk_that_comes_to_the_mark_escalates_once_and_proves_nothing(desk: Any, model: RiskModel) -> None:
    publishing.apply(documents=[("risky.yaml", RISKY)], by="system", now=desk.now)
    risky = opened(desk)
    begun = Escalation.objects.get(ticket=risky)
    assert begun.trigger == "risk_at_least"
    assert begun.reason_text.startswith("the risk that it escalates is ")
    life = next(history.lives([risky.pk]))
    assert life.came_at["escalation"] is None  # what the risk began is no proof of it
    assert Score.objects.filter(ticket=risky).exists()
    calm = opened(desk, "payroll")
    assert not Escalation.objects.filter(ticket=calm).exists()


def test_what_is_snoozed_does_not_nag(desk: Any, model: RiskModel) -> None:
    risky = opened(desk)
    assert risky.pk in queries.notable("escalation", desk.now)
    assert any("risk of an escalation" in reason for hot in hot_board(
        desk.lead, desk.now, risks=queries.notable("escalation", desk.now)).top
        if hot.ticket.pk == risky.pk for reason in map(str, hot.heat.reasons))  # fmt: skip
    actions.answer(ticket_id=risky.pk, outcome="escalation", opinion="snooze", hours=4, by=desk.agent, now=desk.now)
    assert risky.pk not in queries.notable("escalation", desk.now)
    assert queries.risks_of(risky.pk, desk.now)[0].quiet
    publishing.apply(documents=[("risky.yaml", RISKY)], by="system", now=desk.now)
    tickets.add_message(ticket_id=risky.pk, kind="note", body="x", by=desk.agent, now=desk.now + timedelta(hours=1))
    assert not Escalation.objects.filter(ticket=risky).exists()
    assert risky.pk in queries.notable("escalation", desk.now + timedelta(hours=4))


def test_answers_are_kept_as_labels(desk: Any, model: RiskModel) -> None:
    risky = opened(desk)
    value = Score.objects.get(ticket=risky).value
    for opinion in ("agree", "disagree"):
        actions.answer(
            ticket_id=risky.pk, outcome="escalation", opinion=opinion, by=desk.agent, now=desk.now, note="Known."
        )
    assert list(Answer.objects.order_by("at", "id").values_list("opinion", "value")) == [
        ("agree", value),
        ("disagree", value),
    ]
    assert queries.card("escalation").answers == {"agree": 1, "disagree": 1}
    assert Entry.objects.filter(stream=f"ticket:{risky.pk}", kind="risk.answered").count() == 2
    with pytest.raises(InvalidInput):
        actions.answer(ticket_id=risky.pk, outcome="escalation", opinion="maybe", by=desk.agent, now=desk.now)
    with pytest.raises(InvalidInput):
        actions.answer(ticket_id=risky.pk, outcome="escalation", opinion="snooze", hours=0, by=desk.agent, now=desk.now)
    with pytest.raises(NotFound):
        actions.answer(ticket_id=risky.pk, outcome="breach", opinion="agree", by=desk.agent, now=desk.now)
    with pytest.raises(NotAllowed):
        actions.answer(ticket_id=risky.pk, outcome="escalation", opinion="agree", by=desk.requester, now=desk.now)


def test_switched_off_nothing_is_scored_and_on_again_everything_is(desk: Any, model: RiskModel) -> None:
    actions.switch(outcome="escalation", on=False, by=desk.lead, now=desk.now)
    assert not Score.objects.exists()
    opened(desk)
    assert not Score.objects.exists()
    actions.switch(outcome="escalation", on=True, by=desk.lead, now=desk.now)
    assert Score.objects.count() >= 2
    with pytest.raises(NotAllowed):
        actions.switch(outcome="escalation", on=False, by=desk.agent, now=desk.now)


def test_a_trained_model_is_watched_by_what_ends_since(desk: Any, model: RiskModel) -> None:
    assert actions.watch(now=desk.now) == {"escalation": 0}
    Ticket.objects.filter(number__gte=100_000).update(opened_at=desk.now + timedelta(days=40))
    watched = actions.watch(now=desk.now)
    assert watched["escalation"] >= 1
    model.refresh_from_db()
    assert model.months[-1]["seen"]
    assert not model.months[0]["seen"]


def test_a_second_model_takes_the_place_of_the_first(desk: Any, model: RiskModel) -> None:
    second = trained(desk)
    assert second.pk != model.pk
    assert queries.working_models() == {"escalation": second.pk}
    assert set(Score.objects.values_list("model", flat=True)) == {second.pk}


def test_a_model_that_cannot_be_read_scores_nothing_and_stops_nobody(desk: Any, model: RiskModel) -> None:
    queries.unpacked.cache_clear()
    RiskModel.objects.filter(pk=model.pk).update(content=b"\x80\x04no pickle either")
    opened(desk)
    assert queries.unpacked(model.pk) is None
    queries.unpacked.cache_clear()


def test_the_schedule_asks_for_what_is_on_and_has_news(desk: Any) -> None:
    live_through(desk, 5)
    actions.switch(outcome="bounce", on=False, by=desk.lead, now=desk.now)
    asked = actions.scheduled(now=desk.now)
    assert sorted(one.outcome for one in asked) == ["breach", "escalation"]
    assert actions.scheduled(now=desk.now) == []
