"""What a few words mean: known words act, letters do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.domain.escalation.logic.said import SNOOZE_MINUTES, Said, Verb, read

ACK, NEXT, TAKE = Said(Verb.ACKNOWLEDGE), Said(Verb.CALL_NEXT), Said(Verb.TAKE)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("ack", (ACK, "", False)),
        ("Ack 4711", (ACK, "4711", False)),
        ("4711", (ACK, "4711", False)),
        ("4711 ok", (ACK, "4711", False)),
        ("#4711 thanks", (ACK, "4711", False)),
        ("ack T-1042", (ACK, "T-1042", False)),
        ("OK, thanks!", (ACK, "", False)),
        ("I'm on it.", (ACK, "", False)),
        ("I\N{RIGHT SINGLE QUOTATION MARK}m on it", (ACK, "", False)),
        ("ack all", (ACK, "", True)),
        ("Ja", (ACK, "", False)),
        ("quittiert 4711", (ACK, "4711", False)),
        ("bestätigt alle", (ACK, "", True)),
        ("take 4711", (TAKE, "4711", False)),
        ("ich übernehme", (TAKE, "", False)),
        ("next 4711", (NEXT, "4711", False)),
        ("call the next", (NEXT, "", False)),
        ("nächster", (NEXT, "", False)),
        ("decline 4711 I am ill", (Said(Verb.DECLINE, reason="I am ill"), "4711", False)),
        ("decline I am ill", (Said(Verb.DECLINE, reason="I am ill"), "", False)),
        ("decline", (Said(Verb.DECLINE), "", False)),
        ("kann nicht, bin krank", (Said(Verb.DECLINE, reason="bin krank"), "", False)),
        ("no\nI sit in a plane\n\n-- \nKai", (Said(Verb.DECLINE, reason="I sit in a plane"), "", False)),
        ("snooze", (Said(Verb.SNOOZE, minutes=SNOOZE_MINUTES), "", False)),
        ("snooze 4711 30", (Said(Verb.SNOOZE, minutes=30), "4711", False)),
        ("snooze 45 min", (Said(Verb.SNOOZE, minutes=45), "", False)),
        ("snooze for 2h", (Said(Verb.SNOOZE, minutes=120), "", False)),
        ("später 1 Stunde", (Said(Verb.SNOOZE, minutes=60), "", False)),
        ("snooze all 15", (Said(Verb.SNOOZE, minutes=15), "", True)),
        ("\n  ack  \nSent from my phone", (ACK, "", False)),
    ],
)
def test_known_words_are_understood(text: str, meant: tuple[Said, str, bool]) -> None:
    assert read(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "", "   \n ", "Ok so I looked and I am not on call this week", "Thanks, will look later today",
        "acknowledgement of receipt", "next week works for me", "take a look at the logs please", "4711 is broken",
        "snooze the build", "snooze 0", "hello", "12", "Yes we can but not today",
    ],
)  # fmt: skip
def test_a_letter_is_not_an_order(text: str) -> None:
    assert read(text)[0] is None


def test_all_alone_does_not_act() -> None:
    assert read("all") == (None, "", True)


@given(st.text(max_size=3_000))
def test_any_text_is_read_without_an_error(text: str) -> None:
    said, code, _ = read(text)
    assert said is None or said.verb in Verb
    assert not code or code.startswith("T-") or 4 <= len(code) <= 6


@given(st.sampled_from(["ack", "decline", "next", "take", "snooze"]), st.integers(1000, 999_999))
def test_a_code_is_found_after_every_verb(verb: str, code: int) -> None:
    assert read(f"{verb} {code}")[1] == str(code)
