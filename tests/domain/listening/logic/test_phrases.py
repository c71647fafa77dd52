"""Phrases: what a pattern means, what it must not be, and that time grows with the text alone."""

import pytest

from tocsin.domain.listening.logic.own_words import own_words, sentences
from tocsin.domain.listening.logic.phrases import BadPattern, Book, language_of, longest, parse_pattern, words_of


def found(pattern: str, text: str) -> list[str]:
    words = words_of(text)
    book = Book([("it", parse_pattern(pattern))])
    return [text[words[one.first].start : words[one.after - 1].end] for one in book.find(words)]


@pytest.mark.parametrize(
    ("pattern", "text", "hits"),
    [
        ("calm down", "Please CALM   down now", ["CALM   down"]),
        ("calm down", "It is calm. Down there", []),
        ("delay*", "delays, delayed and play", ["delays", "delayed"]),
        ("your|our policy", "our policy", ["our policy"]),
        ("want ... manager", "I want to see the manager", ["want to see the manager"]),
        ("want ... manager", "I want to see it all with the manager", []),
        ("by #", "by 15:00 or by noon", ["by 15"]),
        ("at * desk", "at the desk at desk", ["at the desk"]),
        ("gröss*", "GRÖSSER größte", ["GRÖSSER", "größte"]),
        ("don't know", "I don’t know", ["don’t know"]),
    ],
)
def test_a_pattern_finds_words_in_a_row(pattern: str, text: str, hits: list[str]) -> None:
    assert found(pattern, text) == hits


@pytest.mark.parametrize(
    "pattern", ["", "*", "... go", "go ...", "# go", "ab*", "a" * 161, "(a+)+$", "a ... b ... c ... d", "x " * 11]
)
def test_what_cannot_be_a_pattern_is_refused_with_a_remedy(pattern: str) -> None:
    with pytest.raises(BadPattern, match=r"\w+"):
        parse_pattern(pattern)


def test_of_overlapping_phrases_the_longest_counts() -> None:
    words = words_of("still no answer at all")
    book = Book([("short", parse_pattern("no answer")), ("long", parse_pattern("still no answer"))])
    assert [one.key for one in longest(book.find(words))] == ["long"]


def test_comparisons_grow_with_the_text_alone() -> None:
    """A text made to be slow for backtracking: twice the text takes twice the comparisons, not four times."""
    book = Book([(str(n), parse_pattern("a ... a ... b")) for n in range(4)])

    def steps(length: int) -> int:
        counted = 0
        words = words_of("a " * length)

        class Counting(list):  # type: ignore[type-arg]  # a list that counts how often it is looked into
            def __getitem__(self, at):  # type: ignore[no-untyped-def]
                nonlocal counted
                counted += 1
                return super().__getitem__(at)

        book.find(Counting(words))
        return counted

    assert steps(120) < 2.2 * steps(60)


def test_a_language_is_told_by_its_commonest_words() -> None:
    common = {"en": frozenset({"the", "is"}), "de": frozenset({"der", "ist"})}
    assert language_of(words_of("The printer is out"), common) == ["en"]
    assert language_of(words_of("Der Drucker ist aus"), common) == ["de"]
    assert language_of(words_of("PRINTER 42"), common) == ["en", "de"]


def test_only_what_the_writer_wrote_is_kept_and_stays_in_its_place() -> None:
    text = "This is new.\n> This is unacceptable!!\n```\nTHIS IS ALL CODE\n```\nBye\n-- \nBest Lawyers Ltd\n"
    kept = own_words(text)
    assert len(kept) == len(text)
    assert kept.split() == ["This", "is", "new.", "Bye"]
    for quoted in ("On Mon, Ana wrote:\nunacceptable", "Am 3.4. schrieb Ana:\nunverschämt", "Von: Ana\nunverschämt"):
        assert own_words(quoted).strip() == ""


def test_sentences_worth_quoting_come_once_and_in_order() -> None:
    body = "Hi.\nThe payroll run is tonight. We cannot pay 40 people! The payroll run is tonight.\n> old words that count not"
    assert sentences(body) == ["The payroll run is tonight.", "We cannot pay 40 people!"]
