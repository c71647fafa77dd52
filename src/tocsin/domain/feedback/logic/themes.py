"""What comments are about: words and pairs of words that come up in many of them, in English and German. Pure.

A theme is counted by comments, not by mentions: somebody who writes "slow" five times counts once.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LEAST = 2  # comments that make a theme
MOST_READ = 2_000  # characters of a comment
_WORD = re.compile(r"[^\W\d_]{2,30}(?:['’][^\W\d_]{1,3})?")
_SENTENCE = re.compile(r"[.!?;:,()\n\r\"„“”]+")
_COMMON = """
a about after again all also am an and any are as at be because been before being but by can could did do does
doing done down during each else even ever every few for from further get gets getting go goes going gone got
had has have having he her here him his how however if in into is it its itself just know let like made make
many may me more most much must my no nor not now of off on once one only or other our ours out over own per
please quite really said same say see shall she should since so some still such than that the their them then
there these they thing things this those though through to too two under until up upon us use used very was
way we well went were what when where which while who why will with within without would yes yet you your
yours thank thanks good great bad nice ok okay don't didn't doesn't wasn't isn't can't couldn't it's i'm i've
we've that's there's won't wouldn't weren't hasn't ab aber alle allem allen aller alles als also am an ander
andere anderen auch auf aus bei beim bin bis bist bitte da dabei dadurch daher damit danach dann daran darauf
darum das dass davon dazu dein dem den denn der deren des dessen die dies diese diesem diesen dieser dieses
doch dort du durch ein eine einem einen einer eines einfach einmal er es etwas euch euer für ganz gar geht
gemacht gewesen gibt ging gut gute guten hab habe haben hat hatte hatten hätte her hier hin ich ihm ihn ihnen
ihr ihre ihrem ihren ihrer im immer in ins ist ja jede jedem jeden jeder jedes jetzt kam kann kein keine
keinem keinen keiner können könnte kommt konnte machen macht man mehr mein meine meinem meinen meiner mich mir
mit muss musste müssen nach nicht nichts noch nun nur ob oder ohne schon sehr sein seine seinem seinen seiner
seit selbst sich sie sind so sogar soll sollte sondern sonst über um und uns unser unsere unserem unseren
unserer unter viel viele vom von vor war waren warum was wegen weil wenn wer werden wie wieder will wir wird
wirklich wo worden wurde wurden zu zum zur zwar zwischen danke vielen
"""
_STOP = frozenset(_COMMON.split())
_DENIES = frozenset({"not", "no", "never", "nicht", "kein", "keine", "nie", "nobody", "niemand"})


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote beside a score."""

    id: str
    score: int
    text: str


@dataclass(frozen=True, slots=True)
class Theme:
    """A word or phrase that comes up in several comments."""

    term: str  # as it is written most often
    count: int  # comments
    bad: int  # of them rated 1 or 2
    good: int  # of them rated 4 or 5
    examples: tuple[str, ...]  # ids of comments, the worst rated first


def themes(comments: Iterable[Comment], *, most: int = 12, least: int = LEAST, examples: int = 3) -> list[Theme]:
    """Return the themes of comments, the most frequent first.

    A phrase stands for its words where it makes up most of their use ("call back" hides "call"). Forms of one word
    ("printer", "printers"; "Rückruf", "Rückrufe") are counted together.
    """
    read = list(comments)
    holders: dict[tuple[str, ...], set[int]] = defaultdict(set)
    spelt: dict[tuple[str, ...], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for place, comment in enumerate(read):
        for key, written in _terms(comment.text):
            holders[key].add(place)
            spelt[key][written] += 1
    frequent = {key: found for key, found in holders.items() if len(found) >= least}
    kept = [key for key in frequent if not _told_by_longer(key, frequent)]
    kept.sort(key=lambda key: (-len(frequent[key]), -len(key), key))
    return [_theme(frequent[key], spelt[key], read, examples) for key in kept[:most]]


def _theme(found: set[int], written: dict[str, int], read: Sequence[Comment], examples: int) -> Theme:
    term = min(written, key=lambda one: (-written[one], one))
    places = sorted(found, key=lambda place: (read[place].score, place))
    return Theme(
        term=term,
        count=len(found),
        bad=sum(read[place].score <= 2 for place in found),
        good=sum(read[place].score >= 4 for place in found),
        examples=tuple(read[place].id for place in places[:examples]),
    )


def _told_by_longer(key: tuple[str, ...], frequent: dict[tuple[str, ...], set[int]]) -> bool:
    """Tell whether one phrase that holds this word makes up at least two thirds of its comments."""
    if len(key) > 1:
        return False
    return any(len(other) > 1 and key[0] in other and 3 * len(found) >= 2 * len(frequent[key])
               for other, found in frequent.items())  # fmt: skip


def _terms(text: str) -> Iterable[tuple[tuple[str, ...], str]]:
    """Yield (key, as written) of every word worth counting and of every pair of neighbours."""
    for sentence in _SENTENCE.split(text[:MOST_READ]):
        before: tuple[str, str] | None = None
        for written in _WORD.findall(sentence):
            low = written.lower().replace("’", "'")
            if low in _DENIES:
                before = ("not", low)  # "not solved" is another theme than "solved"
                continue
            if low in _STOP or len(low) < 3:
                before = None
                continue
            stem = _stem(low)
            yield (stem,), low
            if before is not None:
                yield (before[0], stem), f"{before[1]} {low}"
            before = (stem, low)


def _stem(word: str) -> str:
    """Return a word without the ending of its commonest forms; short words stay."""
    for ending in ("ungen", "ings", "ing", "ers", "ies", "ern", "en", "er", "es", "ed", "e", "s", "n"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word
