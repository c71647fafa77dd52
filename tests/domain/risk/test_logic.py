"""SEMANTICS 10, risk: trained out of time, from what was known, beside baselines, never shown without beating the rule."""

import json
import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from tests.domain.risk.past import BEGUN, past
from tocsin.domain.risk.logic import encoding, leaks
from tocsin.domain.risk.logic.cohorts import HEAVIEST, levelled, usual
from tocsin.domain.risk.logic.columns import numbered
from tocsin.domain.risk.logic.encoding import fit, out_of_fold, pairs, transform
from tocsin.domain.risk.logic.features import feature_names
from tocsin.domain.risk.logic.judging import ANY, LAST, admit, compare
from tocsin.domain.risk.logic.leaks import Life, judge
from tocsin.domain.risk.logic.measures import flag, quality, stability
from tocsin.domain.risk.logic.model import dump, load
from tocsin.domain.risk.logic.moments import NUMBERS, Moment, snapshots
from tocsin.domain.risk.logic.months import by_month, drift_word, first_scores, reference
from tocsin.domain.risk.logic.outcomes import before, bounced_at, hours_until_ended, line_raised_at
from tocsin.domain.risk.logic.quiet import RISEN, Said, crosses, is_quiet
from tocsin.domain.risk.logic.training import TooFew, split, train
from tocsin.domain.risk.logic.words import number_words, rate_words

HOUR = timedelta(hours=1)


def at(hours: float) -> datetime:
    return BEGUN + timedelta(hours=hours)


# What is known at an event, and no more.


def test_a_beginning_of_a_history_gives_a_beginning_of_the_result() -> None:
    chance = random.Random(3)
    moments = [
        Moment(
            at=at(n * 7.3), status=chance.choice(("open", "waiting_customer", "resolved")), team=chance.choice("ab"),
            owner=chance.choice(("", "kai")), by=chance.choice("xy"), said=chance.choice(("", "customer", "reply")),
        )
        for n in range(20)
    ]  # fmt: skip
    whole = snapshots(moments)
    for length in range(1, 20):
        assert snapshots(moments[:length]) == whole[:length]


def test_numbers_are_counted_by_hand() -> None:
    moments = [
        Moment(at=at(0), status="new", team="desk", requester="ana"),
        Moment(at=at(2), team="desk", owner="kai", by="kai"),
        Moment(at=at(3), status="waiting_customer", team="desk", owner="kai", by="kai"),
        Moment(at=at(5), team="net", by="ana", said="customer"),
        Moment(at=at(6), team="net", by="ana", said="customer"),
    ]
    last = dict(zip(NUMBERS, snapshots(moments)[-1].numbers, strict=True))
    expected = {"age_hours": 6, "gap_hours": 1, "teams": 2, "owners": 1, "people": 2, "waits": 1, "events": 5,
                "has_owner": 0, "team_hours": 1, "customer_messages": 2, "unanswered": 2}  # fmt: skip
    assert {name: last[name] for name in expected} == expected
    answered = snapshots([*moments, Moment(at=at(7), team="net", by="kai", said="reply")])[-1]
    assert answered.numbers[NUMBERS.index("unanswered")] == 0


def test_outcomes_come_true_when_they_do() -> None:
    lines = [Moment(at=at(n), line=line) for n, line in enumerate(("L1", "L1", "L2", "L1"))]
    assert line_raised_at(lines) == at(2)
    assert line_raised_at([Moment(at=at(0), line="L2"), Moment(at=at(1), line="L1")]) is None
    assert line_raised_at([Moment(at=at(0))]) is None
    assert bounced_at([Moment(at=at(n), team=team) for n, team in enumerate("aabba")]) == at(4)
    assert bounced_at([Moment(at=at(n), team=team) for n, team in enumerate("aabbc")]) is None
    assert bounced_at([Moment(at=at(n), team=team) for n, team in enumerate(("a", "", "a"))]) is None


def test_a_ticket_took_until_it_ended_for_good() -> None:
    told = ("open", "resolved", "open", "resolved", "closed")
    moments = [Moment(at=at(n), status=status) for n, status in enumerate(told)]
    assert hours_until_ended(moments, at(-2)) == 5
    assert hours_until_ended(moments[:3], at(0)) == 2  # not ended: until its last event


def test_nothing_is_learned_from_after_it_came_true_nor_of_ended_tickets() -> None:
    found = snapshots([Moment(at=at(0)), Moment(at=at(1), status="resolved"), Moment(at=at(2)), Moment(at=at(3))])
    assert [one.at for one in before(found, at(3))] == [at(0), at(2)]
    assert [one.at for one in before(found, None)] == [at(0), at(2), at(3)]


# Encoding: a ticket's own outcome never stands in its features.


def test_a_word_that_only_one_ticket_has_tells_nothing_while_training() -> None:
    tickets = [f"T-{n}" for n in range(400) for _ in range(2)]
    outcomes = [n % 2 == 0 for n in range(400) for _ in range(2)]
    by = encoding.known(tickets, outcomes)
    found = pairs(numbered(tickets), by.rows)  # each ticket is its own word
    table, encoded = fit(found, by), out_of_fold(found, by)
    assert np.ptp(encoded) == 0
    assert not table.words


def test_words_are_counted_once_for_each_ticket_and_held_against_what_was_usual() -> None:
    by = encoding.known(["1", "1", "2", "3", "4"], [True, True, False, False, False], [3.0, 3.0, 0.0, 0.0, 0.0])
    table = fit(pairs(numbered(["a", "a", "a", "b", "b"]), by.rows), by)
    # Usual is the mean of the others, and of the others once more: 0 for ticket 1, a third for each of the rest.
    assert table.words["a"][:3] == (1.0, 2.0, pytest.approx(1 / 3, abs=1e-3))
    assert table.words["b"][:3] == (0.0, 2.0, pytest.approx(2 / 3, abs=1e-3))
    assert table.value("a")[0] == pytest.approx((1 - 1 / 3) / (2 + encoding.DRAWN), abs=1e-3)
    assert table.value("a")[1] == pytest.approx(np.log(4) * (1 - 1 / 3) / (2 + encoding.DRAWN), abs=1e-3)
    assert table.rates("a") == (0.5, pytest.approx(1 / 6, abs=1e-3))
    assert table.value("never seen") == (0.0, 0.0, 0.0)


def test_out_of_fold_values_are_those_of_the_other_folds() -> None:
    chance = random.Random(5)
    tickets = [f"T-{n // 3}" for n in range(600)]
    truth = {ticket: chance.random() < 0.3 for ticket in tickets}
    took = {ticket: chance.random() * 90 for ticket in tickets}
    column = [chance.choice("abcdefgh") for _ in tickets]

    def known(rows: list[int]) -> encoding.Known:
        names = [tickets[n] for n in rows]
        return encoding.known(names, [truth[one] for one in names], [took[one] for one in names])

    by = known(list(range(600)))
    encoded = out_of_fold(pairs(numbered(column), by.rows), by)
    for row in range(0, 600, 41):
        others = [n for n, one in enumerate(tickets) if encoding.fold_of(one) != encoding.fold_of(tickets[row])]
        apart = known(others)
        table = fit(pairs(numbered([column[n] for n in others]), apart.rows), apart)
        assert encoded[row] == pytest.approx(transform(table, numbered([column[row]]))[0], abs=1e-4)


# Cohorts: what changes with the calendar is not learned.


def test_what_is_usual_leaves_the_ticket_itself_out() -> None:
    outcomes = np.array([True] + [False] * 9)
    assert usual(outcomes)[0] == 0
    assert usual(outcomes)[1] == pytest.approx(1 / 9)
    assert usual(np.array([True])).tolist() == [1.0]


def test_a_word_of_the_latest_weeks_does_not_look_harmless_by_that_alone() -> None:
    """A log that was cut off by closing: of the latest tickets only those that ended quickly and well are in it."""
    chance = random.Random(2)
    outcomes = [chance.random() < (0.6 if n < 1_500 else 0.1) for n in range(3_000)]
    column = [("old" if n < 1_500 else "new") + chance.choice("ab") for n in range(3_000)]
    by = encoding.known([str(n) for n in range(3_000)], outcomes)
    table = fit(pairs(numbered(column), by.rows), by)
    assert table.rates("olda")[0] > 0.5 > 0.2 > table.rates("newa")[0]
    assert max(abs(table.value(word)[0]) for word in table.words) < 0.03


def test_levelled_every_cohort_ends_so_as_often_as_all() -> None:
    chance = np.random.default_rng(3)
    outcomes = chance.random(4_000) < np.linspace(0.7, 0.3, 4_000)
    weights = levelled(outcomes)
    for part in (slice(0, 1_000), slice(3_000, 4_000)):
        share = weights[part][outcomes[part]].sum() / weights[part].sum()
        assert share == pytest.approx(outcomes.mean(), abs=0.04)
    assert weights.max() <= HEAVIEST


# Leaks, planted.


def lives(plant: str, count: int = 300) -> list[Life]:
    chance = random.Random(9)
    found = []
    for number in range(count):
        came = chance.random() < 0.4
        value = {
            "constant": ["bad" if came else "good"] * 3,
            "weak constant": [("bad" if chance.random() < (0.7 if came else 0.3) else "good")] * 3,
            "at the end": ["", "", "late" if came else "met"],
            "mostly at the end": ["", "x" if number % 20 == 0 else "", "late" if came else "met"],
            "future": [(at(number) + 9 * HOUR).strftime("%d/%m/%Y %H:%M")] * 3,
            "honest": [chance.choice("ab"), chance.choice("ab"), "c"],
            "harmless": [chance.choice("abc")] * 3,
        }[plant]
        times = [at(number + n) for n in range(3)]
        found.append(Life(str(number), times, [{"it": one} for one in value], [False, False, True], came))
    return found


@pytest.mark.parametrize("plant", ["constant", "weak constant", "at the end", "mostly at the end", "future"])
def test_what_is_known_at_the_end_only_is_refused(plant: str) -> None:
    assert not judge("it", lives(plant)).accepted


@pytest.mark.parametrize("plant", ["honest", "harmless"])
def test_what_was_known_is_accepted(plant: str) -> None:
    assert judge("it", lives(plant)).accepted


def test_declaring_a_field_helps_what_is_weak_and_nothing_that_knows_the_outcome() -> None:
    assert judge("it", lives("weak constant"), ["it"]).accepted
    assert not judge("it", lives("constant"), ["it"]).accepted
    assert not judge("it", lives("future"), ["it"]).accepted


def test_few_tickets_are_no_ground_to_accept_anything_undeclared() -> None:
    few = lives("harmless", leaks.FEWEST - 1)
    assert not judge("it", few).accepted
    assert judge("it", few, ["it"]).accepted


@pytest.fixture(scope="module")
def judged() -> tuple[object, ...]:
    earlier, later = split(past())
    return train(earlier, threads=1), earlier, later


def test_it_learns_the_law_is_calibrated_and_is_shown(judged: tuple) -> None:
    model, _, later = judged
    found = compare(model, later, ANY)
    assert found.model.auc > 0.7
    assert found.model.calibration_error < 0.12
    assert found.ahead > 0.9
    assert admit(found).shown
    assert compare(model, later, 2).model.n == len(later)
    assert compare(model, later, 3).model.n == 0
    assert compare(model, later, LAST).model.n == len(later)


def test_the_baseline_is_calibrated_too(judged: tuple) -> None:  # type: ignore[type-arg]
    """Counts hardly differ while training and lie elsewhere for later tickets: they must not carry its odds away."""
    model, _, later = judged
    assert compare(model, later, ANY).logistic.calibration_error < 0.12


def test_the_later_tickets_are_later(judged: tuple) -> None:
    _, earlier, later = judged
    assert max(one.opened_at for one in earlier) <= min(one.opened_at for one in later)
    assert len(later) == pytest.approx(0.3 * (len(earlier) + len(later)), abs=1)


def test_a_model_that_does_not_beat_the_rule_is_not_shown() -> None:
    earlier, later = split(past(law=False))
    admission = admit(compare(train(earlier, threads=1), later, ANY))
    assert not admission.shown
    assert "simple rule" in admission.why


def test_too_few_later_tickets_admit_nothing(judged: tuple) -> None:
    model, _, later = judged
    assert not admit(compare(model, later[:60], ANY)).shown


def test_training_on_more_threads_gives_the_same_and_json_gives_it_back(judged: tuple) -> None:
    model, earlier, later = judged
    found = [one.snapshots[0] for one in later]
    again = train(earlier, threads=2)
    kept = load(json.loads(json.dumps(dump(model))))
    assert (again.probabilities(found) == model.probabilities(found)).all()
    assert (kept.probabilities(found) == model.probabilities(found)).all()
    assert kept.reasons(found[0]) == model.reasons(found[0])
    with pytest.raises(ValueError, match="train it anew"):
        load({"format": 0})


def test_too_little_history_says_how_much_is_missing() -> None:
    with pytest.raises(TooFew, match="at least 200"):
        train(past(120), threads=1)


def test_reasons_name_what_moved_the_score_in_words(judged: tuple) -> None:
    model, _, later = judged
    likely = max((one.snapshots[0] for one in later), key=lambda it: model.probabilities([it])[0])
    told = model.reasons(likely, names={"mail": "Mail & calendar"})
    assert any("Service: Mail & calendar." in one.words and one.moved > 0 for one in told)
    assert [abs(one.moved) for one in told] == sorted((abs(one.moved) for one in told), reverse=True)


def test_every_number_has_its_words() -> None:
    assert [number_words(name, 1.0) for name in NUMBERS]
    assert len(feature_names(["plant"])) == len(set(feature_names(["plant"])))
    assert number_words("age_hours", 60.0) == "open for 2.5 d"
    assert number_words("has_owner", 0.0) == "Nobody owns it"
    assert (
        rate_words("team", "Net", 0.31, 42, 0.1)
        == "Team: Net. 31% of 42 earlier tickets ended so, of all opened about then 10%"
    )
    assert rate_words("team", "Net", 0.1, 0, 0.1) == "Team is new here: Net"


# Measures.


def test_recall_and_lift_of_the_flagged_by_hand() -> None:
    outcomes = np.array([1, 0, 1, 0, 0, 0, 0, 0, 0, 0], dtype=bool)
    scores = np.linspace(1, 0.1, 10)
    ten, twenty = quality(outcomes, scores).flagged
    assert (ten.flagged, ten.recall, ten.precision, ten.lift) == (1, 0.5, 1.0, 5.0)
    assert (twenty.flagged, twenty.recall, twenty.lift) == (2, 0.5, 2.5)


def test_measures_equal_those_of_scikit_learn() -> None:
    chance = np.random.default_rng(8)
    for places in (1, 2, 6):
        scores, outcomes = chance.random(500).round(places), chance.random(500) < 0.3
        found = quality(outcomes, scores)
        assert found.auc == pytest.approx(roc_auc_score(outcomes, scores))
        assert found.average_precision == pytest.approx(average_precision_score(outcomes, scores))
        assert found.brier == pytest.approx(brier_score_loss(outcomes, scores))


def test_ties_share_their_places() -> None:
    outcomes = np.array([True, *[False] * 9])
    assert flag(outcomes, np.full(10, 0.5), 0.2).recall == pytest.approx(0.2)
    assert flag(outcomes[::-1], np.full(10, 0.5), 0.2).recall == pytest.approx(0.2)


def test_quality_without_one_class_is_no_number() -> None:
    assert np.isnan(quality([True, True], [0.2, 0.4]).auc)


def test_drift_is_none_between_the_same_and_large_between_others() -> None:
    chance = np.random.default_rng(1)
    old = chance.beta(2, 5, 4_000)
    assert drift_word(stability(old, chance.beta(2, 5, 4_000))) == "steady"
    assert drift_word(stability(old, chance.beta(5, 2, 4_000))) == "drifted"
    assert stability(old, []) == 0


def test_months_compare_what_was_said_with_what_came(judged: tuple) -> None:
    model, _, later = judged
    months = by_month(model, later, reference(first_scores(model, later)))
    assert [one.month for one in months] == sorted({f"{one.opened_at:%Y-%m}" for one in later})
    assert sum(one.n for one in months) == len(later)
    assert sum(one.came for one in months) == sum(one.outcome for one in later)
    assert all(one.drift < 0.25 for one in months)


# What must not nag.

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def test_a_snoozed_score_is_silent_until_it_wakes_or_rises_far() -> None:
    said = Said("snooze", 0.6, NOW + HOUR)
    assert is_quiet(said, 0.7, NOW)
    assert not is_quiet(said, 0.7, NOW + HOUR)
    assert not is_quiet(said, 0.6 + RISEN, NOW)


def test_disagreeing_silences_and_agreeing_does_not() -> None:
    assert is_quiet(Said("disagree", 0.6), 0.7, NOW)
    assert not is_quiet(Said("disagree", 0.6), 0.85, NOW)
    assert not is_quiet(Said("agree", 0.6), 0.6, NOW)
    assert not is_quiet(None, 0.6, NOW)


def test_a_mark_is_crossed_once() -> None:
    assert crosses(0.4, 0.5, 0.5)
    assert not crosses(0.5, 0.6, 0.5)
    assert not crosses(0.6, 0.4, 0.5)
