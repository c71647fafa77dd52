"""Round robin: each new escalation goes to the next participant, looking takes no turn, and the proof says why."""

import threading
from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection, transaction

from tocsin.domain.escalation import actions, publishing, queries
from tocsin.domain.escalation.actions.turns import write_turns
from tocsin.domain.escalation.logic.round_robin import Chosen
from tocsin.domain.escalation.logic.spec_errors import PolicyErrors
from tocsin.domain.escalation.models import Firing, RoundRobin, Run, Turn
from tocsin.domain.escalation.policies import published
from tocsin.domain.escalation.turns import Turns
from tocsin.domain.notify.models import ContactMethod
from tocsin.domain.oncall import actions as oncall
from tocsin.domain.oncall.logic.schedule import Layer, Rotation, RotationKind
from tocsin.domain.people.models import Membership

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
ROBIN = """
slug: robin
name: Robin
type: technical
reason: complexity
direction: functional
owner: polly@example.org
levels:
  - name: Next in turn
    targets: [{round_robin_team: network}]
  - name: The one after
    delay: 10m
    targets: [{round_robin_team: network}]
repeat: {times: 1, after: 20m, terminal: page_catch_all}
"""
OF_SCHEDULE = ROBIN.replace("_team: network", "_schedule: network").replace("slug: robin", "slug: turns")


@pytest.fixture
def robin(company):
    """The network team has three members: Amy, Kai and Nora, in the order of their names."""
    Membership.objects.create(team=company.network, user=company["amy"])
    company.publish(ROBIN)
    return company


def schedule(company) -> None:
    crews = tuple((str(company[name].pk),) for name in ("nora", "kai", "amy"))
    rotation = Rotation(RotationKind.WEEKLY, crews, MONDAY, handover=time(8))
    oncall.create_schedule(
        name="Network primary", slug="network", zone="UTC", by=None, now=MONDAY, layers=[Layer("Weeks", (rotation,))]
    )
    company.publish(OF_SCHEDULE)


def by_words(run: Run, cycle: int = 1, level: int = 1) -> list[str]:
    evidence = Firing.objects.filter(run=run, cycle=cycle, level=level).latest("fired_at").evidence
    return [words for target in evidence for person in target["people"] for words in person["by"]]


def test_each_new_escalation_is_the_next_ones_and_the_proof_says_the_place(robin, outbox):
    runs = [robin.escalate(robin.ticket(), "robin") for _ in range(4)]
    assert [outbox.paged(run)[0][2] for run in runs] == ["Amy", "Kai", "Nora", "Amy"]
    assert by_words(runs[2]) == ["round robin: 3rd of 3 in team Network"]
    standing = RoundRobin.objects.get()
    assert (standing.pk, standing.count, standing.last) == ("round_robin_team:network", 4, robin["amy"].pk)


def test_a_later_level_and_a_further_pass_ask_the_next_one(robin, outbox):
    run = robin.escalate(robin.ticket(), "robin")
    robin.tick(10)
    robin.tick(30)
    assert outbox.paged(run) == [(1, 1, "Amy"), (1, 2, "Kai"), (2, 1, "Nora")]


def test_participants_of_a_schedule_take_turns_whoever_is_on_call(company, outbox):
    schedule(company)
    runs = [company.escalate(company.ticket(), "turns") for _ in range(3)]
    assert [outbox.paged(run)[0][2] for run in runs] == ["Nora", "Kai", "Amy"]
    assert by_words(runs[1]) == ["round robin: 2nd of 3 in Network primary"]


def test_policies_that_name_the_same_team_share_its_turns(robin, outbox):
    robin.publish(ROBIN.replace("slug: robin", "slug: other"))
    first = robin.escalate(robin.ticket(), "robin")
    second = robin.escalate(robin.ticket(), "other")
    assert [outbox.paged(run)[0][2] for run in (first, second)] == ["Amy", "Kai"]


def test_without_a_name_it_is_the_tickets_team(robin, outbox):
    robin.publish(ROBIN.replace("{round_robin_team: network}", "round_robin_team").replace("slug: robin", "slug: own"))
    run = robin.escalate(robin.ticket(), "own")
    assert outbox.paged(run) == [(1, 1, "Ana")]
    assert by_words(run) == ["round robin: 1st of 2 in team Desk"]


def test_the_unreachable_and_the_absent_are_passed_over_and_the_proof_says_why(robin, outbox):
    ContactMethod.objects.filter(user=robin["amy"]).update(verified_at=None)
    oncall.report_absence(
        person=robin["kai"], starts_at=robin.now - timedelta(hours=1), ends_at=robin.now + timedelta(days=1), by=None,
        now=robin.now - timedelta(hours=2),
    )  # fmt: skip
    run = robin.escalate(robin.ticket(), "robin")
    assert outbox.paged(run) == [(1, 1, "Nora")]
    assert by_words(run) == [
        "round robin: 3rd of 3 in team Network (passed over: Amy has no verified contact method; "
        "Kai: away until 2026-03-05 09:00 UTC)"
    ]


def test_where_nobody_can_take_the_turn_the_level_is_skipped_with_every_reason(robin, outbox):
    ContactMethod.objects.filter(user__in=[robin[name] for name in ("amy", "kai", "nora")]).update(verified_at=None)
    ticket = robin.ticket()
    robin.escalate(ticket, "robin")
    said = str(outbox.entry(ticket, "run.level_empty"))
    assert "Amy has no verified contact method; Kai has no verified contact method; Nora has" in said
    assert not Turn.objects.exists()


def test_declining_passes_to_the_next_level_and_its_turn(robin, outbox):
    run = robin.escalate(robin.ticket(), "robin")
    actions.decline(run_id=run.pk, by=robin["amy"], reason="on a train", now=robin.after(1))
    assert outbox.paged(run) == [(1, 1, "Amy"), (1, 2, "Kai")]


def test_looking_ahead_names_the_next_one_and_takes_no_turn(robin, outbox):
    ticket = robin.ticket()
    for _ in range(3):
        (first, _second) = queries.if_it_fired_now(published("robin").content, ticket.pk, robin.now)
        assert [(person.name, person.by[0]) for person in first.people] == [
            ("Amy", "round robin: 1st of 3 in team Network")
        ]
    assert not RoundRobin.objects.exists()
    run = robin.escalate(ticket, "robin")
    assert outbox.paged(run) == [(1, 1, "Amy")]


def test_the_same_level_of_the_same_pass_asks_the_same_person_again(robin, outbox):
    run = robin.escalate(robin.ticket(), "robin")
    robin.escalate(robin.ticket(), "robin")
    turns = Turns([run.pk], taking=True)
    three = [str(robin[name].pk) for name in ("amy", "kai", "nora")]
    place = (run.pk, 1, 1)
    again = turns.next("round_robin_team:network", three, lambda _: "", place)
    assert isinstance(again, Chosen)
    assert (again.person, turns.given[0].is_new) == (three[0], False)
    write_turns(turns.given, robin.now)
    assert RoundRobin.objects.get().count == 2


def test_a_schedule_or_team_that_is_not_there_is_refused(company):
    with pytest.raises(PolicyErrors) as refused:
        publishing.publish_source(text=OF_SCHEDULE, by="test", now=company.now)
    assert "There is no on-call schedule network." in str(refused.value)
    with pytest.raises(PolicyErrors):
        publishing.publish_source(text=ROBIN.replace("network", "netwrok"), by="test", now=company.now)


@pytest.mark.django_db(transaction=True)
def test_escalations_at_the_same_time_never_share_a_turn(robin):
    """Four threads escalate at once; each of them gets a turn of its own."""
    tickets = [robin.ticket() for _ in range(4)]
    failures: list[Exception] = []

    def one(ticket) -> None:
        try:
            with transaction.atomic():
                robin.escalate(ticket, "robin")
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(ticket,)) for ticket in tickets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert RoundRobin.objects.get().count == 4
    given = [str(pk) for pk in Turn.objects.values_list("person", flat=True)]
    assert sorted(given.count(str(robin[name].pk)) for name in ("amy", "kai", "nora")) == [1, 1, 2]
