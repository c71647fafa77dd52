"""What a draft is told: the shipped rules in both languages, next step and time, concerns not taken up."""

import pytest

from tocsin.domain.listening.logic.advice import KINDS, LANGUAGES, WARNINGS, Advice, Rule, Rules
from tocsin.domain.listening.logic.answering import coverage
from tocsin.domain.listening.wordlists import common_words, shipped_rules


def advise(draft: str, *concerns: str) -> Advice:
    return Rules(shipped_rules(), common_words()).advise(draft, [(str(n), one) for n, one in enumerate(concerns)])


def test_every_shipped_rule_is_whole_and_every_warning_says_why_and_how_better() -> None:
    rules = shipped_rules()
    assert len({one.key for one in rules}) == len(rules)
    for one in rules:
        assert one.kind in KINDS
        assert one.language in LANGUAGES
        assert bool(one.why and one.better) is (one.kind in WARNINGS)
    assert {(one.language, one.kind) for one in rules} == {(lang, kind) for lang in LANGUAGES for kind in KINDS}


@pytest.mark.parametrize(
    ("draft", "kinds"),
    [
        ("You should have told us before the update of the server.", ["blame"]),
        ("As I already explained, this is not our responsibility.", ["blame", "brush_off"]),
        ("Please calm down. We will look at it as soon as possible.", ["brush_off", "vague"]),
        ("It works fine for us, nobody else has reported it.", ["brush_off", "brush_off"]),
        ("Sie haben das Formular leider falsch ausgefüllt.", ["blame"]),
        ("Dafür sind wir nicht zuständig. Wir bitten um Geduld.", ["brush_off", "brush_off"]),
        ("Wir kümmern uns zeitnah darum und melden uns bald.", ["vague", "vague", "vague"]),
        ("As I said before, you entered the wrong password.", ["blame", "blame"]),
        ("Per my last message, the form was filled in wrongly.", ["blame"]),
        ("Unfortunately we can't do anything, it is outside our responsibility.", ["brush_off", "brush_off"]),
        ("You should contact the vendor, it works fine on our side.", ["brush_off", "brush_off"]),
        ("We apologise for the inconvenience and will look into it.", ["brush_off", "vague"]),
        ("Wie ich Ihnen bereits gesagt habe: das liegt leider an Ihnen.", ["blame", "blame"]),
        ("Sie haben das falsche Passwort eingegeben.", ["blame"]),
        ("Wir haben gerade viel zu tun und schauen uns das an.", ["brush_off", "vague"]),
        ("I am sorry that you could not print since Monday. Kai will call you by 15:00.", []),
        ("Es tut mir leid, dass Sie seit Montag nicht drucken konnten. Kai ruft Sie bis 15 Uhr an.", []),
    ],
)
def test_blame_brush_off_and_vagueness_are_found(draft: str, kinds: list[str]) -> None:
    assert [hint.rule.kind for hint in advise(draft).hints] == kinds


@pytest.mark.parametrize(
    ("draft", "says_next", "says_when"),
    [
        ("We will replace the disk by 15:00 today.", True, True),
        ("We will replace the disk.", True, False),
        ("Thank you for the report about the disk, until tomorrow.", False, True),
        ("Thank you for the report about the disk.", False, False),
        ("Kai is replacing the switch now, you'll have an update before 16:30.", True, True),
        ("Ich tausche das Netzteil und bin um 15 Uhr fertig.", True, True),
        ("Die Kollegin prüft das und meldet sich am Montag bei Ihnen.", True, True),
        ("Ich rufe Sie bis 16 Uhr an und sage Ihnen den Stand.", True, True),
        ("Wir werden die Platte tauschen, sobald sie da ist.", True, False),
        ("Danke für die Meldung, wir haben die Platte gesehen.", False, False),
    ],
)
def test_a_draft_says_what_happens_next_and_by_when(draft: str, says_next: bool, says_when: bool) -> None:
    found = advise(draft)
    assert (bool(found.says_next), bool(found.says_when)) == (says_next, says_when)


def test_concerns_that_no_word_takes_up_are_named() -> None:
    found = advise(
        "We will print the invoices on the second printer by 15:00 today.",
        "The invoices must leave the house today", "Nobody calls us back when we leave a message",
    )  # fmt: skip
    assert [one.words for one in found.unanswered] == ["Nobody calls us back when we leave a message"]
    assert found.answered == 1
    assert not found.clean


def test_a_good_draft_gets_no_advice() -> None:
    assert advise(
        "I will call you by 15:00 today and tell you how the payroll run stands.", "Payroll runs tonight"
    ).clean


def test_a_word_counts_in_its_other_forms() -> None:
    common = frozenset({"the", "are", "not"})
    assert coverage("The invoices are not printed", "Your invoice prints again", common).answered
    assert coverage("Rechnungen fehlen", "Die Rechnung ist da", common).taken_up == ("rechnungen",)
    assert not coverage("payroll stopped", "hello there", common).answered


def test_a_short_draft_and_quoted_words_get_no_advice() -> None:
    assert advise("Hi Ana").too_short
    quoted = advise("I will call you by 15:00 today about it.\n\n> You should have told us, calm down")
    assert quoted.hints == ()


def test_rules_of_the_house_work_like_the_shipped_ones() -> None:
    own = Rule("own-1", "en", "brush_off", "per my last mail", "It points at the reader.", "In short: ...")
    found = Rules([own], common_words()).advise("Per my last mail, the server is up and the disk is new.")
    assert [hint.words for hint in found.hints] == ["Per my last mail"]
