"""What detector and measures say, as sentences in a reader's language: what is stored are their values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tocsin.domain.problems.logic.effect import Effect, Verdict
from tocsin.domain.problems.logic.series import ESCALATIONS, Key

ENGLISH = "en"
type Words = Mapping[str, str]

_WORDS: Mapping[str, Words] = {
    "en": {
        "tickets": "Tickets", "escalations": "Escalations", "point": ".", "quoted": "“{0}”",
        "item": "on {0}", "reason": "escalated for {0}", "cause": "caused by {0}", "text": "like {0}",
        "repeat": "{what}: {named}. {recent} {lately}, {usual}{change}.", "day": "{day} {month}",
        "week": "in the last week", "weeks": "in the last {0} weeks", "usual_0": "where none was usual",
        "usual_1": "where 1 is usual", "usual": "where {0} are usual", "change": "; {moved} after {day}",
        "no_week": "Too early: no whole week has passed since it started.",
        "rates": "{before} a week before, {after} a week since", "share": "between {low} and {high} at 95 % confidence",
        "worked": "Worked: {rates}, {share}.", "worse": "Worse: {rates}, {share}.",
        "no_effect": "No effect seen: {rates}; chance alone explains it ({share}).",
        "too_early": "Too early: {rates} after {done} of {horizon} weeks; it could still be {share}.",
        "as_many": "no change", "endless": "any increase",
        "months": "January February March April May June July August September October November December",
        "began": "began", "stopped": "stopped", "reopened": "{0} is open again: a measure shows no effect",
        "failing": "{0} has a measure that shows no effect", "month": "{team} in {month}",
    },
    "de": {
        "tickets": "Tickets", "escalations": "Eskalationen", "point": ",", "quoted": "„{0}“",
        "item": "an {0}", "reason": "Eskalationsgrund {0}", "cause": "Ursache {0}", "text": "ähnlich {0}",
        "repeat": "{what}: {named}. {recent} {lately}, {usual}{change}.", "day": "{day}. {month}",
        "week": "in der letzten Woche", "weeks": "in den letzten {0} Wochen", "usual_0": "üblich war nichts",
        "usual_1": "üblich ist 1", "usual": "üblich sind {0}", "change": "; seit dem {day} {moved}",
        "no_week": "Zu früh: Seit dem Beginn ist noch keine ganze Woche vergangen.",
        "rates": "vorher {before} pro Woche, seither {after} pro Woche",
        "share": "zwischen {low} und {high} bei 95 % Konfidenz",
        "worked": "Hat gewirkt: {rates}, {share}.", "worse": "Schlechter: {rates}, {share}.",
        "no_effect": "Keine Wirkung erkennbar: {rates}; der Zufall allein erklärt das ({share}).",
        "too_early": "Zu früh: {rates} nach {done} von {horizon} Wochen; möglich ist noch alles {share}.",
        "as_many": "keiner Änderung", "endless": "beliebig viel mehr",
        "months": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "began": "neu", "stopped": "ausgeblieben", "reopened": "{0} ist wieder offen: Eine Maßnahme zeigt keine Wirkung",
        "failing": "{0} hat eine Maßnahme, die keine Wirkung zeigt", "month": "{team} im {month}",
    },
}  # fmt: skip
# How a rate moved, by the least ratio for which it is said.
_STEPS: Mapping[str, Sequence[tuple[float, str]]] = {
    "en": (
        (20.0, "rose steeply"), (4.5, "rose to {0:.0f} times as many"), (3.5, "quadrupled"), (2.5, "tripled"),
        (1.75, "doubled"), (1.25, "rose by a half"), (1.1, "rose a little"), (0.9, "hardly moved"),
        (0.75, "fell a little"), (0.6, "fell by a third"), (0.4, "fell by half"), (0.0, "fell to a fraction"),
    ),
    "de": (
        (20.0, "steil gestiegen"), (4.5, "auf das {0:.0f}-Fache gestiegen"), (3.5, "vervierfacht"), (2.5, "verdreifacht"),
        (1.75, "verdoppelt"), (1.25, "um die Hälfte gestiegen"), (1.1, "etwas gestiegen"), (0.9, "kaum verändert"),
        (0.75, "etwas gesunken"), (0.6, "um ein Drittel gesunken"), (0.4, "um die Hälfte gesunken"),
        (0.0, "auf einen Bruchteil gesunken"),
    ),
}  # fmt: skip
_REASONS: Mapping[str, Words] = {
    "en": {},  # as the stored names say it
    "de": {
        "complexity": "Komplexität", "missing_expertise": "fehlende Fachkenntnis", "other": "anderes",
        "expectation_missed": "Erwartung verfehlt", "sla_at_risk": "SLA gefährdet", "sla_breached": "SLA verletzt",
        "capacity_or_policy": "Kapazität oder Regelung",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Moved:
    """A rate that changed upwards: the first day of the new one, and both rates, a week."""

    on: date
    before: float
    after: float


def spoken(language: str) -> str:
    """Return the language in which something is said to a reader of `language`: one of those there are words of."""
    return language[:2] if language[:2] in _WORDS else ENGLISH


def named(key: Key, names: Sequence[str], language: str = ENGLISH) -> str:
    """Say what a series is about: "VPN, password reset" or "like “...”"; `names` stand for the key's values."""
    words, reasons = _WORDS[spoken(language)], _REASONS[spoken(language)]
    parts = []
    for kind, value, name in zip(key.kinds, key.values, names, strict=True):
        shown = words["quoted"].format(name) if kind == "text" else name
        shown = reasons.get(value, name) if kind == "reason" else shown
        parts.append(words.get(kind, "{0}").format(shown))
    return ", ".join(parts)


def counted(key: Key, names: Sequence[str], language: str = ENGLISH) -> str:
    """Say what a series counts: "Tickets: VPN"."""
    return f"{_what(key, _WORDS[spoken(language)])}: {named(key, names, language)}"


def _what(key: Key, words: Words) -> str:
    return words["escalations" if key.of == ESCALATIONS else "tickets"]


def sentence(
    key: Key, names: Sequence[str], *, recent: int, weeks: int, usual: float, moved: Moved | None, language: str = ENGLISH
) -> str:  # fmt: skip
    """Say what repeats: "Escalations: VPN. 18 in the last 4 weeks, where 6 are usual; doubled after 12 May.".

    `usual` is a week, `recent` in all `weeks`.
    """
    words = _WORDS[spoken(language)]
    expected = usual * weeks
    many = number(expected, language)
    said = words["usual_0"] if expected < 0.05 else words["usual_1" if many == "1" else "usual"].format(many)
    change = ""
    if moved is not None:
        change = words["change"].format(moved=times(moved.before, moved.after, language), day=_day(moved.on, words))
    return words["repeat"].format(
        what=_what(key, words), named=named(key, names, language), recent=recent, usual=said, change=change,
        lately=words["week" if weeks == 1 else "weeks"].format(weeks),
    )  # fmt: skip


def _day(on: date, words: Words) -> str:
    return words["day"].format(day=on.day, month=words["months"].split()[on.month - 1])


def month_of(team: str, first: date, language: str = ENGLISH) -> str:
    """Say whose month a digest is of: "Service desk in May 2026"."""
    words = _WORDS[spoken(language)]
    return words["month"].format(team=team, month=f"{words['months'].split()[first.month - 1]} {first.year}")


def times(before: float, after: float, language: str = ENGLISH) -> str:
    """Say how a rate moved: "doubled", "fell by a third"."""
    if not before or not after:
        return _WORDS[spoken(language)]["stopped" if before else "began"]
    ratio = after / before
    return next(word.format(ratio) for least, word in _STEPS[spoken(language)] if ratio >= least)


def judged(effect: Effect | None, verdict: str, *, horizon: int, language: str = ENGLISH) -> str:
    """Say what came of a measure, with the interval: nobody has to know what a ratio is."""
    words = _WORDS[spoken(language)]
    if effect is None:
        return words["no_week"]
    rates = words["rates"].format(
        before=number(effect.rate_before, language), after=number(effect.rate_after, language)
    )
    share = words["share"].format(low=percent(effect.low, language), high=percent(effect.high, language))
    return words[Verdict(verdict).value].format(rates=rates, share=share, done=effect.after_weeks, horizon=horizon)


def without_effect(reference: str, *, reopened: bool, language: str = ENGLISH) -> str:
    """Say above a notice that a measure does not help."""
    return _WORDS[spoken(language)]["reopened" if reopened else "failing"].format(reference)


def percent(ratio: float, language: str = ENGLISH) -> str:
    """Say a ratio as a change: "-35 %", "+20 %", "no change"."""
    words = _WORDS[spoken(language)]
    if ratio == float("inf"):
        return words["endless"]
    change = round((ratio - 1) * 100)
    return words["as_many"] if change == 0 else f"{'+' if change > 0 else '−'}{abs(change)} %"


def number(value: float, language: str = ENGLISH) -> str:
    """Say a number with one digit where it matters."""
    if value >= 10 or abs(value - round(value)) < 0.05:
        return f"{value:.0f}"
    return f"{value:.1f}".replace(".", _WORDS[spoken(language)]["point"])
