"""Taking out what the author wrote: real replies in many languages, and texts built to be slow."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tocsin.intake.email.quotes import strip


def same(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


def test_real_replies_are_stripped_as_expected_and_no_word_of_the_author_is_lost(
    shared_data: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = sorted(shared_data("emails/replies").glob("*.input"))
    equal = 0
    for source in pairs:
        expected = source.with_suffix(".expected").read_text()
        found = strip(source.read_text()).text
        equal += same(found) == same(expected)
        assert words(expected) <= words(found), f"{source.name} lost {words(expected) - words(found)}"
    with capsys.disabled():
        print(f"\nreplies stripped exactly: {equal} of {len(pairs)} ({equal / len(pairs):.0%})")
    assert equal >= 0.8 * len(pairs)


ANNOUNCED = [
    "On Tue, 3 Mar 2026 at 10:11, Kai <kai@desk.example> wrote:",
    "On 3 Mar 2026, at 10:11, Kai wrote:",
    "Am 03.03.26 um 10:11 schrieb Kai:",
    "Am Di., 3. März 2026 um 10:11 Uhr schrieb Kai <kai@desk.example>:",
    "Kai <kai@desk.example> schrieb am Di., 3. März 2026, 10:11:",
    "Le mar. 3 mars 2026 à 10:11, Kai <kai@desk.example> a écrit :",
    "El mar, 3 mar 2026 a las 10:11, Kai (<kai@desk.example>) escribió:",
    "Il giorno mar 3 mar 2026 alle ore 10:11 Kai <kai@desk.example> ha scritto:",
    "Em ter., 3 de mar. de 2026 às 10:11, Kai <kai@desk.example> escreveu:",
    "Op di 3 mrt 2026 om 10:11 schreef Kai <kai@desk.example>:",
    "Den tis 3 mars 2026 kl 10:11 skrev Kai <kai@desk.example>:",
    "wt., 3 mar 2026 o 10:11 Kai <kai@desk.example> napisał(a):",
    "вт, 3 мар. 2026 г. в 10:11, Kai <kai@desk.example>:",
    "3 марта 2026 г., в 10:11, Kai <kai@desk.example> написал(а):",
    "út 3. 3. 2026 v 10:11 odesílatel Kai <kai@desk.example> napsal:",
    "2026年3月3日(火) 10:11 Kai <kai@desk.example>:",
    "Kai <kai@desk.example> 于2026年3月3日周二 10:11写道：",
    "-----Original Message-----",
    "-----Ursprüngliche Nachricht-----",
    "-------- Weitergeleitete Nachricht --------",
    "________________________________\nVon: Kai <kai@desk.example>\nGesendet: Dienstag, 3. März 2026 10:11\nAn: Ana\nBetreff: Drucker",
    "From: Kai <kai@desk.example>\nSent: Tuesday, March 3, 2026 10:11 AM\nTo: Ana <ana@acme.example>\nSubject: Printer",
    "De : Kai <kai@desk.example>\nEnvoyé : mardi 3 mars 2026 10:11\nÀ : Ana\nObjet : Imprimante",
]  # fmt: skip


@pytest.mark.parametrize("announced", ANNOUNCED)
def test_a_quote_is_known_by_what_announces_it_in_many_languages(announced: str) -> None:
    assert (
        strip(f"It works now, thanks.\n\n{announced}\n\n> Did you turn it off and on?\n> Kai\n").text
        == "It works now, thanks."
    )
    assert (
        strip(f"It works now, thanks.\n\n{announced}\n\nDid you turn it off and on?\nKai\n").text
        == "It works now, thanks."
    )


@pytest.mark.parametrize(
    "text",
    [
        "On Monday 5 May he wrote a letter to us. It said:\nplease pay.",
        "From: Berlin\nTo: Munich\nDate: 5 May\nPlease book this.",
        "Sent from the warehouse on Monday, it never arrived by mail.\nWhere is it?",
        "First part\n\n---\n\nSecond part after a line",
        "2026-03-03 10:11:12 GMT ERROR payroll: cannot connect\n2026-03-03 10:11:13 GMT ERROR payroll: gave up",
        "> only quoted words",
        "Steps:\n1. open\n--\n" + "\n".join(f"step {n}" for n in range(20)),
        "Subject: of the complaint is the printer\nThe rest.",
        "On 3 Mar 2026, at 10:11, Kai wrote:\n> Is it on?\nYes.\n> And plugged in?\nNo.",
        "```\n> not a quote but code\nOn 1 Jan 2026 somebody wrote:\n```\nsee above",
    ],
)  # fmt: skip
def test_in_doubt_every_word_stays(text: str) -> None:
    kept = words(strip(text).text)
    announced = {"On", "3", "Mar", "2026", "at", "10", "11", "Kai", "wrote"}
    assert words(text) - announced <= kept | announced


def test_answers_between_quotes_stay_with_the_quotes_they_answer() -> None:
    text = "On 3 Mar 2026, at 10:11, Kai wrote:\n> Is it on?\nYes.\n> And plugged in?\nNo.\n"
    assert strip(text).text == "> Is it on?\nYes.\n> And plugged in?\nNo."


def test_an_answer_below_the_quote_is_all_that_is_left() -> None:
    assert strip("Am 03.03.26 um 10:11 schrieb Kai:\n> Läuft er?\n> Kai\n\nJa.\n").text == "Ja."


SLOW = [
    "> " * 200_000,
    ">" * 400_000,
    "\n".join("On " + "a" * 300 + " 1" for _ in range(5_000)),
    "\n".join("On 1 <" for _ in range(20_000)),
    "On 1 " + "wrote " * 60_000,
    "From: x\n" * 20_000,
    "From: x\nhello\n" * 10_000,
    "--\n" * 20_000,
    "-----BEGIN PGP SIGNATURE-----\n" * 20_000,
    "-" * 300_000,
    "- " * 150_000,
    "a@" * 150_000 + ":",
    "```\n" * 20_001,
    " " * 400_000 + "x",
    "\n" * 400_000,
    ("t\n" + "> q\n") * 10_000,
    "Sent from my iPhone\n" * 20_000,
    "http://" + "a." * 150_000,
]


@pytest.mark.parametrize("text", SLOW, ids=range(len(SLOW)))
def test_no_text_makes_stripping_slow(text: str) -> None:
    began = time.perf_counter()
    strip(text)
    assert time.perf_counter() - began < 2.0
