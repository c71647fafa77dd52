"""Promises noticed in what agents write, in English and German (SEMANTICS 7)."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from ruamel.yaml import YAML

from tocsin.domain.calendars.logic.business import ALWAYS, BusinessCalendar
from tocsin.domain.stakeholders import logic
from tocsin.domain.stakeholders.logic.deadlines import Frame
from tocsin.domain.stakeholders.logic.phrases import BadPhrases, read
from tocsin.domain.stakeholders.logic.recognising import recognise

FOLDER = Path(str(logic.__file__)).parent.parent / "phrases"
DOCUMENTS = {name: YAML(typ="safe").load((FOLDER / f"{name}.yaml").read_text()) for name in ("de", "en")}
LANGUAGES = [read([document]) for document in DOCUMENTS.values()]
BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = BusinessCalendar.build(
    zone="Europe/Berlin",
    weekly={day: [["08:00", "12:00"], ["13:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    closed=frozenset({datetime(2026, 12, 25).date()}),  # noqa: DTZ001 - only its date
)
WEDNESDAY = datetime(2026, 12, 2, 10, 20, tzinfo=BERLIN)


def frame(now: datetime = WEDNESDAY, zone: ZoneInfo = BERLIN, calendar: BusinessCalendar = OFFICE) -> Frame:
    return Frame(now=now.astimezone(UTC), zone=zone, calendar=calendar)


def found(text: str, at: Frame | None = None) -> list[tuple[str, str]]:
    seen = recognise(text, who="Ana", phrases=LANGUAGES, frame=at or frame())
    return [(one.what, f"{one.due_at.astimezone(BERLIN):%a %d %b %H:%M}") for one in seen]


@pytest.mark.parametrize(
    ("text", "what", "due"),
    [
        ("I will call you by 15:00.", "call Ana", "Wed 02 Dec 15:00"),
        ("Sorry! I’ll call you back by 3 pm tomorrow, promised.", "call Ana", "Thu 03 Dec 15:00"),
        ("We will restart the server within two hours.", "restart the server", "Wed 02 Dec 12:20"),
        ("We will restart the server in 2 business hours.", "restart the server", "Wed 02 Dec 13:20"),
        ("You will have an answer by end of day.", "You will have an answer", "Wed 02 Dec 23:59"),
        ("We'll get back to you by end of business.", "get back to Ana", "Wed 02 Dec 17:00"),
        ("We will send the report by Friday.", "send the report", "Fri 04 Dec 17:00"),
        ("We will look into this before noon", "look into this", "Wed 02 Dec 12:00"),
        ("I will update you on Monday at 10 a.m.", "send Ana an update", "Mon 07 Dec 10:00"),
        ("By 9:00 we will have replaced the disk.", "have replaced the disk", "Thu 03 Dec 09:00"),
        ("I will send it to everybody by 3 December.", "send it to everybody", "Thu 03 Dec 17:00"),
        ("We will move the whole rack on 2026-12-10.", "move the whole rack", "Thu 10 Dec 17:00"),
        ("I will call you in half an hour", "call Ana", "Wed 02 Dec 10:50"),
        ("We will have it fixed within 2 business days", "have it fixed", "Fri 04 Dec 17:00"),
        ("I will call you this afternoon", "call Ana", "Wed 02 Dec 17:00"),
        ("I will call by 15:00", "call Ana", "Wed 02 Dec 15:00"),
        ("Kai will ring you at 4pm today.", "call Ana", "Wed 02 Dec 16:00"),
        ("I'm going to update you within the next two hours.", "send Ana an update", "Wed 02 Dec 12:20"),
        ("Let me call you back in 30 minutes.", "call Ana", "Wed 02 Dec 10:50"),
        ("Herr Weber meldet sich bis spätestens 17 Uhr bei Ihnen.", "bei Ana melden", "Wed 02 Dec 17:00"),
        ("Kai ruft Sie bis 15 Uhr an.", "Ana anrufen", "Wed 02 Dec 15:00"),
        ("Sie hören bis heute Abend von mir.", "bei Ana melden", "Wed 02 Dec 20:00"),
        ("wir melden uns bis morgen Mittag", "bei Ana melden", "Thu 03 Dec 12:00"),
        ("Wir werden den Server bis 15 Uhr neu starten.", "den Server neu starten", "Wed 02 Dec 15:00"),
        ("Ich rufe Sie am 3. Dezember um 10:30 Uhr an.", "Ana anrufen", "Thu 03 Dec 10:30"),
        ("Ich melde mich innerhalb von zwei Stunden bei Ihnen.", "bei Ana melden", "Wed 02 Dec 12:20"),
        ("Sie hören von uns bis Ende der Woche.", "bei Ana melden", "Fri 04 Dec 17:00"),
        ("Das erledigen wir bis zum 05.12. um 14.30 Uhr.", "Das erledigen wir", "Sat 05 Dec 14:30"),
        ("Wir informieren Sie bis Feierabend", "Ana informieren", "Wed 02 Dec 17:00"),
        ("Wir prüfen die Leitung heute noch bis 16:30", "Wir prüfen die Leitung", "Wed 02 Dec 16:30"),
    ],
)
def test_a_sentence_that_commits_and_names_a_time_is_offered(text: str, what: str, due: str) -> None:
    assert found(text) == [(what, due)]


@pytest.mark.parametrize(
    "text",
    [
        "We will not call you by 15:00.",
        "Will you be there by 15:00?",
        "I will do it in a moment.",
        "You called at 15:00.",
        "> I will call you by 15:00",
        "I will be in room 15 by the door.",
        "We will take 3 of them by hand.",
        "I can't promise that I will be back by 15:00.",
        "Wir melden uns leider nicht bis 15 Uhr.",
        "I'll be away when the vendor asks us to call him back.",
        "Rufen Sie bitte bis 15 Uhr an.",
        "Können Sie bis 15 Uhr anrufen? Ich werde warten",
        "I will call you by 25:00.",
        "I will call you on 31 February.",
        "",
    ],
)
def test_a_denial_a_question_a_quote_or_no_time_is_no_promise(text: str) -> None:
    assert found(text) == []


def test_two_promises_are_two_and_the_same_one_is_one() -> None:
    text = "I will call you by 15:00. We will send the report by Friday.\nI will call you by 15:00."
    assert [what for what, _ in found(text)] == ["call Ana", "send the report"]


def test_the_weekday_of_today_means_today_while_its_time_lies_ahead() -> None:
    assert found("I will call you on Wednesday at 15:00") == [("call Ana", "Wed 02 Dec 15:00")]
    assert found("I will call you on Wednesday at 9:00") == [("call Ana", "Wed 09 Dec 09:00")]


def test_end_of_business_on_a_closed_day_is_that_of_the_next_open_one() -> None:
    saturday = frame(datetime(2026, 12, 5, 11, 0, tzinfo=BERLIN))
    assert found("We will do all of it by end of business.", saturday) == [("do all of it", "Mon 07 Dec 17:00")]
    christmas = frame(datetime(2026, 12, 24, 18, 0, tzinfo=BERLIN))
    assert found("We will do all of it by end of business.", christmas) == [("do all of it", "Mon 28 Dec 17:00")]


def test_a_clock_time_is_read_in_the_zone_of_its_frame() -> None:
    york = frame(zone=ZoneInfo("America/New_York"))
    assert found("I will call you by 15:00.", york) == [("call Ana", "Wed 02 Dec 21:00")]


def test_where_business_never_closes_the_day_ends_at_five() -> None:
    assert found("We will do all of it by end of business", frame(calendar=ALWAYS)) == [
        ("do all of it", "Wed 02 Dec 17:00")
    ]


def test_a_local_time_that_a_clock_change_skips_is_still_an_instant() -> None:
    night = frame(datetime(2026, 3, 29, 0, 30, tzinfo=BERLIN), calendar=ALWAYS)
    assert recognise("I will call you by 2:30", who="Ana", phrases=LANGUAGES, frame=night)[0].due_at == datetime(
        2026, 3, 29, 1, 30, tzinfo=UTC
    )


def test_a_team_adds_its_own_words_and_they_come_first() -> None:
    own = {"language": "en", "commits": ["count on me"], "acts": [{"say": "visit {who}", "words": ["drop by"]}]}
    phrases = read([DOCUMENTS["en"], own])
    seen = recognise("Count on me to drop by on Friday", who="Ana", phrases=[phrases], frame=frame())
    assert [one.what for one in seen] == ["visit Ana"]


@pytest.mark.parametrize("bad", [{"commits": "i will"}, {"days": ["today"]}, {"acts": [{"say": "x"}]}])
def test_a_file_that_cannot_be_used_says_which_part(bad: dict[str, object]) -> None:
    with pytest.raises(BadPhrases, match=next(iter(bad))):
        read([DOCUMENTS["en"], bad])


def test_a_very_long_text_is_read_in_time_in_proportion_to_it() -> None:
    assert found("we will " * 40_000) == []
    assert found("by at on in the next " * 4_000 + "I will call by 15:00") == []  # beyond what is read at all
