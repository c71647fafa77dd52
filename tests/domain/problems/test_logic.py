"""What the detector and the judge of measures decide, without a database."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.domain.problems.logic import lifecycle
from tocsin.domain.problems.logic.changes import changes, since_last_change
from tocsin.domain.problems.logic.digest import parts_in, parts_of, text_of
from tocsin.domain.problems.logic.effect import Verdict, compare, interval, needed, read, verdict
from tocsin.domain.problems.logic.lifecycle import Act, State
from tocsin.domain.problems.logic.likeness import groups, words_of
from tocsin.domain.problems.logic.repeats import Rule, chance_of, false_share, families, repeats
from tocsin.domain.problems.logic.series import Key, daily, parsed, weekly
from tocsin.domain.problems.logic.words import Moved, counted, judged, month_of, named, percent, sentence, times

FIRST = date(2026, 1, 5)  # a Monday


def key(name: str, kind: str = "service", of: str = "tickets") -> Key:
    return Key(of, (kind,), (name,))


def steady(weeks: int, a_week: int) -> np.ndarray:
    """So many in each week, one a day from its Monday on."""
    week = np.array([a_week // 7 + (day < a_week % 7) for day in range(7)])
    return np.tile(week, weeks)


def rising(weeks: int, usual: int, lately: int, last: int = 4) -> np.ndarray:
    return np.concatenate([steady(weeks - last, usual), steady(last, lately)])


@pytest.mark.parametrize("values", [("a&b=c", "100 % sure"), ("", "x"), ("ä", "€ = 5 & 6 %3D")])
def test_a_key_is_read_as_it_was_written(values: tuple[str, str]) -> None:
    one = Key("escalations", ("service", "category"), values)
    assert parsed(one.text) == one


@pytest.mark.parametrize("text", ["", "tickets", "tickets&colour=red", "cars&service=x", "tickets&service"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="names no"):
        parsed(text)


def test_weeks_end_with_the_last_day_and_hold_each_weekday_once() -> None:
    assert weekly(np.arange(9)).tolist() == [sum(range(2, 9))]
    assert daily({FIRST: 2, date(2026, 1, 7): 1}, FIRST, date(2026, 1, 8)).tolist() == [2, 0, 1, 0]


def test_a_series_that_tripled_is_found_among_steady_ones() -> None:
    series = {key(f"s{n}"): steady(40, 4) for n in range(200)} | {key("vpn"): rising(40, 4, 12)}
    found = repeats(series, sum(series.values()))
    assert [one.key for one in found] == [key("vpn")]
    assert (found[0].weeks, found[0].recent, found[0].usual) == (4, 48, 4.0)
    assert found[0].ratio == pytest.approx(3.0)
    assert found[0].p < found[0].adjusted < 0.05


def test_when_everything_grew_nothing_repeats() -> None:
    series = {key(f"s{n}"): rising(40, 4, 12) for n in range(20)}
    assert repeats(series, sum(series.values())) == []


def test_a_lull_elsewhere_makes_no_repeat() -> None:
    series = {key(f"s{n}"): rising(40, 14, 1) for n in range(20)} | {key("vpn"): steady(40, 4)}
    assert repeats(series, sum(series.values())) == []


def test_one_bad_day_is_no_repeat() -> None:
    burst = steady(40, 1)
    burst[-3] += 40
    assert repeats({key("vpn"): burst}, steady(40, 70)) == []


def test_too_little_history_says_nothing() -> None:
    assert repeats({key("vpn"): rising(8, 1, 20)}, rising(8, 50, 70)) == []
    assert repeats({key("vpn"): rising(12, 1, 20)}, rising(12, 50, 70)) != []
    assert repeats({}, steady(40, 1)) == []


def test_what_never_came_before_is_found() -> None:
    found = repeats({key("new"): rising(30, 0, 5)}, steady(30, 50))
    assert [(one.recent, one.usual) for one in found] == [(5, 0.0)] or [(one.recent, one.usual) for one in found] == [
        (20, 0.0)
    ]


def test_bursty_series_need_more_to_be_found() -> None:
    calm, bursty = steady(60, 4), steady(60, 0)
    bursty[:: 7 * 5] = 20  # as many in all, but all in one week of five
    calm[-28:] = steady(4, 12)
    bursty[-28:] = steady(4, 12)
    total = steady(60, 200)
    assert [one.key.values[0] for one in repeats({key("calm"): calm, key("bursty"): bursty}, total)] == ["calm"]


def test_chance_is_the_binomial_tail() -> None:
    one = np.array([1.0])
    # 5 of 8 in a window that is as long as the time before: P(X >= 5), X ~ B(8, 1/2) = 93/256
    assert chance_of(np.array([5.0]), np.array([3.0]), one, one)[0] == pytest.approx(93 / 256)


def test_false_share_is_benjamini_yekutieli() -> None:
    p = np.array([0.001, 0.5, 0.02])
    harmonic = 1 + 1 / 2 + 1 / 3
    assert false_share(p).tolist() == pytest.approx([0.001 * 3 * harmonic, 0.5 * harmonic, 0.02 * 1.5 * harmonic])


@settings(max_examples=50)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusting_keeps_the_order_and_never_lowers(values: list[float]) -> None:
    p = np.array(values)
    adjusted = false_share(p)
    assert (adjusted >= p - 1e-12).all()
    order = np.argsort(p, kind="stable")
    assert (np.diff(adjusted[order]) >= -1e-12).all()


def test_the_same_tickets_seen_from_two_sides_are_one_family() -> None:
    series = {
        key("vpn"): rising(40, 4, 20),
        key("login", "category"): rising(40, 4, 19),
        key("mail"): rising(40, 4, 18),
    }
    found = repeats(series, steady(40, 300))
    evidence = {
        key("vpn"): frozenset(range(20)), key("login", "category"): frozenset(range(19)), key("mail"): frozenset(range(50, 70)),
    }  # fmt: skip
    assert [(head.key, [one.key for one in others]) for head, others in families(found, evidence)] == [
        (key("vpn"), [key("login", "category")]),
        (key("mail"), []),
    ]


def test_a_doubling_is_found_on_its_day_and_named() -> None:
    days = np.concatenate([steady(20, 7), steady(10, 14)])
    (found,) = changes(days, FIRST)
    assert abs((found.on - date(2026, 5, 25)).days) <= 3
    assert times(found.before, found.after) == "doubled"
    assert found.p < 0.001
    assert changes(steady(30, 7), FIRST) == []
    assert len(since_last_change(days, FIRST, weeks=4)) in range(67, 74)
    assert len(since_last_change(steady(30, 7), FIRST, weeks=4)) == 210


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [(0, 3, "began"), (3, 0, "stopped"), (2, 4, "doubled"), (2, 6, "tripled"), (4, 6, "rose by a half"), (4, 2, "fell by half"),
     (5, 5, "hardly moved"), (1, 12, "rose to 12 times as many")],
)  # fmt: skip
def test_how_a_rate_moved_in_words(before: float, after: float, word: str) -> None:
    assert times(before, after) == word


def test_an_interval_holds_the_ratio_and_narrows_with_counts() -> None:
    low, high = interval(10, 20, 0.5, 1.0, 0.95)
    assert low < 1 < high
    more_low, more_high = interval(100, 200, 0.5, 1.0, 0.95)
    assert low < more_low < 1 < more_high < high
    assert interval(0, 20, 0.5, 1.0, 0.95)[0] == 0
    assert interval(10, 0, 0.5, 1.0, 0.95)[1] == float("inf")
    wide = interval(100, 200, 0.5, 4.0, 0.95)
    assert wide[0] < more_low and wide[1] > more_high


@pytest.mark.parametrize(
    ("before", "after", "weeks", "said"),
    [
        (10, 5, 8, Verdict.WORKED),
        (10, 10, 8, Verdict.NO_EFFECT),
        (10, 20, 8, Verdict.WORSE),
        (10, 10, 3, Verdict.TOO_EARLY),
        (10, 0, 3, Verdict.WORKED),  # next to no doubt, even early
        (10, 8, 3, Verdict.TOO_EARLY),
        (10, 10, 1, Verdict.TOO_EARLY),
    ],
)
def test_a_measure_is_judged_by_its_interval(before: int, after: int, weeks: int, said: Verdict) -> None:
    effect = compare(steady(26, before), steady(weeks, after))
    assert verdict(effect, expected=0.5, horizon=8) == said


def test_too_little_before_is_too_early_for_ever() -> None:
    assert verdict(compare(steady(26, 0), steady(20, 3)), expected=0.5, horizon=8) == Verdict.TOO_EARLY
    assert verdict(compare(steady(2, 10), steady(20, 3)), expected=0.5, horizon=8) == Verdict.TOO_EARLY
    assert compare(steady(26, 3), np.array([1, 2])) is None
    assert verdict(None, expected=0.5, horizon=8) == Verdict.TOO_EARLY


def test_what_can_neither_be_seen_nor_ruled_out_waits_for_twice_the_horizon_at_most() -> None:
    small = compare(steady(26, 1), steady(8, 1))
    assert small is not None
    assert small.low < 0.5 < small.high
    assert verdict(small, expected=0.5, horizon=8) == Verdict.TOO_EARLY
    assert verdict(compare(steady(26, 1), steady(16, 1)), expected=0.3, horizon=8) == Verdict.NO_EFFECT


def test_left_over_days_are_dropped_at_the_far_ends() -> None:
    before = np.concatenate([np.full(3, 99), steady(5, 7)])
    after = np.concatenate([steady(2, 7), np.full(5, 99)])
    effect = compare(before, after)
    assert effect is not None
    assert (effect.before, effect.before_weeks, effect.after, effect.after_weeks) == (35, 5, 14, 2)


def test_planted_effects_are_covered_at_the_stated_confidence() -> None:
    chance = np.random.default_rng(7)
    for effect in (0.0, 0.2, 0.5):
        held = 0
        for _ in range(400):
            found = compare(chance.poisson(1.0, 26 * 7), chance.poisson(1.0 * (1 - effect), 8 * 7))
            assert found is not None
            held += found.low <= 1 - effect <= found.high
        assert 0.91 < held / 400 < 0.99


def test_how_long_one_has_to_wait_grows_with_rarity() -> None:
    assert needed(20, 0.5) < needed(3, 0.5) < needed(3, 0.3)
    assert needed(0, 0.5) == 0


def test_subjects_that_are_alike_are_grouped_whatever_their_order_and_accents() -> None:
    other = [
        f"{a} {b} {c}"
        for a in ("red", "blue", "green")
        for b in ("door", "lamp", "desk")
        for c in ("broken", "lost", "moved")
    ]
    subjects = [*other, *["Scanner loses Wi-Fi in hall 3", "scanner loses wifi hall 7", "Wi-Fi: scanner loses it"] * 4]
    (found,) = groups(subjects, least=8)
    assert set(found.members) == set(range(len(other), len(subjects)))
    assert "scanner" in found.name
    assert groups([]) == groups(["1 2 3"]) == []
    assert words_of("Émile's PC-42 läuft") == ["emile", "lauft"]


def test_sentences_name_numbers_and_change() -> None:
    moved = Moved(date(2026, 5, 12), 4, 12)
    told = {"recent": 48, "weeks": 4, "usual": 4.0, "moved": moved}
    vpn = key("vpn")
    assert sentence(vpn, ["VPN"], **told) == (
        "Tickets: VPN. 48 in the last 4 weeks, where 16 are usual; tripled after 12 May."
    )
    assert sentence(vpn, ["VPN"], **told, language="de") == (
        "Tickets: VPN. 48 in den letzten 4 Wochen, üblich sind 16; seit dem 12. Mai verdreifacht."
    )
    alone = sentence(key("x", of="escalations"), ["X"], recent=5, weeks=1, usual=1.0, moved=None)
    assert alone == "Escalations: X. 5 in the last week, where 1 is usual."
    assert "where none was usual" in sentence(vpn, ["VPN"], recent=5, weeks=4, usual=0.0, moved=None)
    worked = compare(steady(26, 10), steady(8, 5))
    assert worked is not None
    assert judged(worked, "worked", horizon=8).startswith("Worked: 10 a week before, 5 a week since, between −")
    assert judged(worked, "worked", horizon=8, language="de-AT").startswith("Hat gewirkt: vorher 10 pro Woche")
    assert judged(None, "too_early", horizon=8).startswith("Too early")
    assert [percent(one) for one in (0.65, 1.2, 1.0, float("inf"))] == ["−35 %", "+20 %", "no change", "any increase"]


@pytest.mark.parametrize(
    ("one", "names", "english", "german"),
    [
        (Key("escalations", ("service", "reason"), ("vpn", "sla_breached")), ["VPN", "sla breached"],
         "Escalations: VPN, escalated for sla breached", "Eskalationen: VPN, Eskalationsgrund SLA verletzt"),
        (key("printer jam", "text"), ["printer jam"], "Tickets: like “printer jam”", "Tickets: ähnlich „printer jam“"),
        (key("DB-1", "item"), ["DB-1"], "Tickets: on DB-1", "Tickets: an DB-1"),
        (key("Fault", "cause"), ["Fault"], "Tickets: caused by Fault", "Tickets: Ursache Fault"),
    ],
)  # fmt: skip
def test_a_series_is_named_in_the_readers_language(one: Key, names: list[str], english: str, german: str) -> None:
    assert (counted(one, names), counted(one, names, "de")) == (english, german)
    assert named(one, names, "fr") == named(one, names)  # no words of it: English


def test_what_is_stored_of_an_effect_is_read_back_as_it_was() -> None:
    found = compare(steady(26, 0), steady(8, 1))
    assert found is not None
    assert found.ratio == float("inf")
    fields = {name: getattr(found, name) for name in found.__slots__}
    stored = {name: None if value == float("inf") else value for name, value in fields.items()}
    assert read(stored) == found
    assert read({}) is None


FACTS = {
    "form": 2, "tickets": 40, "escalations": 2, "escalations_before": 0, "escalated_tickets": 2,
    "reasons": [["sla_breached", 2]], "services": [["VPN", 2]], "causes": [["Fault: Network", 1]],
    "problems": [["P-7", "VPN drops", "known_error"]],
    "measures": [{"title": "New gateway", "verdict": "too_early", "figures": {}, "horizon": 8}],
    "proposals": [{"series": "tickets&service=vpn", "names": ["VPN"], "recent": 9, "weeks": 4, "usual": 0.5,
                   "moved": ["2026-05-12", 0.5, 2.0]}],
    "unowned": [["P-8", "Slow mail"]], "waiting": [["P-8", "Slow mail", 3]],
}  # fmt: skip


def test_a_digest_is_written_from_its_facts_in_each_language() -> None:
    lead, parts = parts_of(FACTS)
    assert lead == "2 escalations (0 the month before), on 5 % of 40 tickets."
    assert parts_in(text_of(FACTS)) == (lead, parts)
    lead, parts = parts_of(FACTS, "de")
    assert lead == "2 Eskalationen (im Monat davor 0), bei 5 % von 40 Tickets."
    assert dict(parts) == {
        "Warum": ["SLA verletzt: 2", "Am häufigsten bei VPN: 2", "Gefundene Ursache: Fault: Network, 1"],
        "Was sich änderte": [
            "P-7 VPN drops: bekannter Fehler",
            "New gateway: Zu früh: Seit dem Beginn ist noch keine ganze Woche vergangen.",
        ],
        "Was als Nächstes zu tun ist": [
            "Zu entscheiden: Tickets: VPN. 9 in den letzten 4 Wochen, üblich sind 2; seit dem 12. Mai vervierfacht.",
            "P-8 Slow mail braucht einen Besitzer",
            "P-8 Slow mail braucht eine Umgehung: offene Tickets, die warten: 3",
        ],
    }
    assert month_of("Desk", date(2026, 3, 1), "de") == "Desk im März 2026"


def test_a_month_without_anything_says_so() -> None:
    empty = {name: 0 if isinstance(value, int) else [] for name, value in FACTS.items()}
    lead, parts = parts_of(empty)
    assert lead == "Nothing escalated among 0 tickets (0 escalations the month before)."
    assert [lines for _, lines in parts] == [
        ["Nothing escalated."], ["No problem moved and no measure was judged."], ["Nothing is waiting."],
    ]  # fmt: skip


def test_the_table_of_states_lets_every_state_end_and_every_end_reopen() -> None:
    for state in State:
        assert lifecycle.acts_in(state)
    for state in lifecycle.ENDED:
        assert lifecycle.after(state, Act.REOPEN) == State.OPEN
    with pytest.raises(lifecycle.Refused, match="It could be: the fix is verified"):
        lifecycle.after(State.FIXED, Act.FIX)


@pytest.mark.parametrize(
    ("act", "field"),
    [(Act.FIND_CAUSE, "cause"), (Act.GIVE_WORKAROUND, "workaround"), (Act.PLAN_FIX, "change"), (Act.CLOSE, "word"),
     (Act.PUBLISH, "workaround")],
)  # fmt: skip
def test_nothing_is_claimed_that_is_not_written(act: Act, field: str) -> None:
    assert list(lifecycle.missing(act, cause="", workaround="", change="", word="")) == [field]
    assert lifecycle.missing(act, cause="x", workaround="x", change="x", word="x") == {}


def test_the_rule_can_be_stated() -> None:
    strict = Rule(ratio=4.0)
    assert repeats({key("vpn"): rising(40, 4, 12)}, steady(40, 200), strict) == []
