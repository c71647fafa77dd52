"""The detector over tickets: what it counts, proposes, and does not propose again."""

from datetime import timedelta
from typing import Any

import pytest

from tests.domain.problems.history import live_through
from tocsin.domain.problems import actions, queries
from tocsin.domain.problems.logic.series import Key, parsed
from tocsin.domain.problems.models import Affected, Problem, Progress, Proposal, Tally
from tocsin.domain.problems.queries.series import matching, series_of
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed


def only() -> Proposal:
    return Proposal.objects.get(state="proposed")


def test_a_repeat_is_proposed_once_with_its_evidence(desk: Any) -> None:
    live_through(desk)
    look = actions.detect(now=desk.now)
    assert (look.proposed, look.standing, look.lapsed) == (1, 1, 0)
    found = only()
    assert "in the last 4 weeks, where 8 are usual" in found.sentence
    assert found.tickets.count() == found.recent == 36
    assert found.adjusted <= 0.05
    again = actions.detect(now=desk.now + timedelta(minutes=30))
    assert (again.proposed, again.standing, again.days) == (0, 1, again.days)
    assert Proposal.objects.count() == 1


def test_steady_tickets_are_no_repeat(desk: Any) -> None:
    live_through(desk, usual=4, lately=4)
    assert actions.detect(now=desk.now).standing == 0


def test_only_days_that_changed_are_counted_again(desk: Any) -> None:
    made = live_through(desk, usual=1, lately=1)
    assert actions.detect(now=desk.now).days > 10
    later = desk.now + timedelta(hours=5)
    tickets.change_details(ticket_id=made[3].pk, by=desk.agent, now=later - timedelta(minutes=1), category="printer")
    assert actions.detect(now=later).days <= 2  # its day, and what was written just before the last look
    day = made[3].opened_at.date()
    assert set(
        Tally.objects.filter(of="tickets", day=day, key__startswith="category=").values_list("key", flat=True)
    ) == {"category=printer"}
    counted = list(Tally.objects.order_by("of", "key", "day").values_list("of", "key", "day", "count"))
    actions.tally(now=later, anew=True)
    assert list(Tally.objects.order_by("of", "key", "day").values_list("of", "key", "day", "count")) == counted


def test_tallies_and_tickets_count_the_same_for_every_series(desk: Any) -> None:
    made = live_through(desk, weeks=3, usual=2, lately=2, category="50 % off & on", configuration_item="vpn=gw")
    actions.note_cause(ticket_id=made[0].pk, category="Certificate", now=desk.now)
    actions.tally(now=desk.now)
    first, last = made[0].opened_at.date(), desk.now.date()
    keys = [parsed(f"{of}&{key}") for of, key in Tally.objects.exclude(key="").values_list("of", "key").distinct()]
    assert {kind for one in keys for kind in one.kinds} == {
        "service",
        "item",
        "customer",
        "category",
        "reason",
        "cause",
    }
    for one in keys:
        assert series_of(one, first, last).sum() == len(matching(one, first, last)), one


def test_alike_subjects_are_a_series_of_their_own(desk: Any) -> None:
    live_through(desk, subject="Scanner loses Wi-Fi", category="", service=None)
    actions.detect(now=desk.now)
    found = [parsed(one.series) for one in Proposal.objects.all()]
    assert (
        found == [Key("tickets", ("text",), ("scanner loses",))]
        or "scanner" in found[0].values[0]
        or found[0].kinds == ("customer",)
    )


def test_an_accepted_proposal_opens_a_problem_with_its_tickets(desk: Any) -> None:
    live_through(desk)
    actions.detect(now=desk.now)
    with pytest.raises(NotAllowed):
        actions.accept(proposal_id=only().pk, by=desk.agent, now=desk.now)
    pk = only().pk
    made = actions.accept(proposal_id=pk, by=desk.lead, now=desk.now)
    assert (made.state, made.owner, made.service) == ("open", desk.lead, desk.service)
    assert Affected.objects.filter(problem=made).count() == 36
    with pytest.raises(Conflict, match="decided already: accepted"):
        actions.reject(proposal_id=pk, reason="x", by=desk.lead, now=desk.now)
    # What stands on a problem is not proposed once more.
    assert actions.detect(now=desk.now + timedelta(hours=1)).standing == 0


def test_a_rejected_proposal_comes_back_only_when_it_has_grown(desk: Any) -> None:
    live_through(desk)
    actions.detect(now=desk.now)
    with pytest.raises(InvalidInput):
        actions.reject(proposal_id=only().pk, reason=" ", by=desk.lead, now=desk.now)
    actions.reject(proposal_id=only().pk, reason="The new office moves in.", by=desk.lead, now=desk.now, factor=1.5)
    assert actions.detect(now=desk.now + timedelta(minutes=1)).standing == 0
    more = live_through(desk, weeks=4, usual=0, lately=6)  # 15 a week, where 9 were turned down
    Ticket.objects.filter(pk__in=[one.pk for one in more]).update(updated_at=desk.now)
    assert actions.detect(now=desk.now + timedelta(minutes=2)).standing == 1


def test_a_proposal_lapses_when_its_repeat_is_over(desk: Any) -> None:
    live_through(desk)
    actions.detect(now=desk.now)
    look = actions.detect(now=desk.now + timedelta(days=200))
    assert (look.standing, look.lapsed) == (0, 1)
    assert Proposal.objects.get().state == "lapsed"


def test_a_proposal_is_merged_into_a_problem(desk: Any) -> None:
    live_through(desk)
    actions.detect(now=desk.now)
    made = actions.open_problem(title="VPN", by=desk.lead, now=desk.now)
    assert queries.proposal_count() == 1
    actions.merge_into(proposal_id=only().pk, problem_id=made.pk, by=desk.lead, now=desk.now)
    assert Affected.objects.filter(problem=made).count() == 36
    assert Problem.objects.count() == 1


def test_drills_are_not_counted(desk: Any) -> None:
    live_through(desk)
    Ticket.objects.update(is_drill=True)
    assert actions.detect(now=desk.now).standing == 0


def test_an_empty_house_has_nothing_to_look_at(db: None, desk: Any) -> None:
    Ticket.objects.all().delete()
    look = actions.detect(now=desk.now)
    assert (look.series, look.standing) == (0, 0)
    assert Progress.objects.get().counted_until == desk.now
