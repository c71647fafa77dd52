"""What a draft could say better: blame, brush-off, vagueness; whether it says what happens next and by when. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tocsin.domain.listening.logic.answering import Coverage, coverage
from tocsin.domain.listening.logic.own_words import own_words
from tocsin.domain.listening.logic.phrases import Book, language_of, longest, parse_pattern, words_of

KINDS = ("blame", "brush_off", "vague", "next_step", "by_when")
WARNINGS = ("blame", "brush_off", "vague")  # the other kinds say what a good answer has
LANGUAGES = ("en", "de")
SHORTEST_DRAFT = 20  # characters; below it nobody wants advice yet


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: a phrase to find. A warning says why, and how to say it instead."""

    key: str
    language: str
    kind: str
    pattern: str
    why: str = ""
    better: str = ""


@dataclass(frozen=True, slots=True)
class Hint:
    """A phrase of the draft that a rule is about."""

    rule: Rule
    words: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A concern that the draft does not seem to answer."""

    id: str
    words: str
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class Advice:
    """All that is said about a draft. `too_short`: there is nothing to say yet."""

    too_short: bool
    hints: tuple[Hint, ...] = ()
    says_next: str = ""  # the words that say what happens next
    says_when: str = ""  # the words that say by when
    unanswered: tuple[Unanswered, ...] = ()
    answered: int = 0

    @property
    def clean(self) -> bool:
        """Whether there is nothing to improve."""
        return bool(not self.hints and not self.unanswered and self.says_next and self.says_when)


class Rules:
    """Rules, ready to be applied; those of one language at a time."""

    def __init__(self, rules: Sequence[Rule], common: Mapping[str, frozenset[str]]) -> None:
        self.common = common
        self.known = {rule.key: rule for rule in rules}
        self._books = {
            language: Book((rule.key, parse_pattern(rule.pattern)) for rule in rules if rule.language == language)
            for language in LANGUAGES
        }

    def advise(self, draft: str, concerns: Sequence[tuple[str, str]] = ()) -> Advice:
        """Return what could be better in a draft. `concerns`: (id, words) of those not answered yet."""
        own = own_words(draft)
        if len(own.strip()) < SHORTEST_DRAFT:
            return Advice(too_short=True)
        words = words_of(own)
        found = [
            one for language in language_of(words, self.common) for one in longest(self._books[language].find(words))
        ]
        hints: list[Hint] = []
        good: dict[str, str] = {}
        for one in sorted(found, key=lambda f: (f.first, f.after)):
            start, end = words[one.first].start, words[one.after - 1].end
            rule = self.known[one.key]
            if rule.kind in WARNINGS:
                hints.append(Hint(rule, own[start:end], start, end))
            else:
                good.setdefault(rule.kind, own[start:end])
        stop = frozenset().union(*self.common.values())
        covered = [(pk, said, coverage(said, own, stop)) for pk, said in concerns]
        return Advice(
            too_short=False, hints=tuple(hints), says_next=good.get("next_step", ""), says_when=good.get("by_when", ""),
            unanswered=tuple(Unanswered(pk, said, how) for pk, said, how in covered if not how.answered),
            answered=sum(how.answered for _, _, how in covered),
        )  # fmt: skip
