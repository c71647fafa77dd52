"""English and German: every page complete, sentences whole, and nothing that people wrote is touched."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.template import engines
from django.urls import reverse
from django.utils import translation

from tocsin.domain.insights.logic.metrics import AGES, LENGTHS
from tocsin.domain.tickets.models import Ticket
from tocsin.web.insights import spoken
from tocsin.web.insights.metrics_selecting import PERIODS
from tocsin.web.languages import catalogue, collecting, segments
from tocsin.web.languages.catalogue import PLACE, say

PACKAGE = PLACE.parents[1]
TEMPLATES = PACKAGE / "web" / "templates"
FILES = sorted(TEMPLATES.rglob("*.html"))
_PLACES = re.compile(r"{[^{}|]+(?=[|}])|</?[a-z]+\d*>")


def german() -> dict[str, str]:
    found: dict[str, str] = json.loads((PLACE / "de.json").read_text("utf-8"))
    return found


def test_nothing_that_is_said_lacks_its_german() -> None:
    known = german()
    wanted = {**collecting.of_templates(TEMPLATES), **collecting.of_code(PACKAGE), **collecting.of_scripts()}
    missing = [f"{where}: {message}" for message, where in wanted.items() if not known.get(message)]
    assert not missing, f"run `make messages` and translate {len(missing)}: " + "; ".join(missing[:20])
    assert not (known.keys() - wanted.keys()), "run `make messages`: nobody says these any more"


def test_a_translation_names_only_what_the_message_names() -> None:
    strange = [one for one, said in german().items() if not set(_PLACES.findall(said)) <= set(_PLACES.findall(one))]
    assert strange == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(TEMPLATES).as_posix())
def test_every_template_compiles_in_german(file: Path) -> None:
    with translation.override("de"):
        engines["django"].engine.get_template(file.relative_to(TEMPLATES).as_posix())


def test_a_sentence_is_one_message_with_its_values_and_inline_elements() -> None:
    source = '<p>Next by <strong class="s">{{ promise.at|absolute }}</strong>, then {% when at "nowrap" %} again</p>'
    (message,) = segments.messages(source)
    assert message == "Next by <strong>{promise.at}</strong>, then {at} again"
    said = segments.translated(source, lambda _m: "{at}, davor <strong>{promise.at}</strong>")
    assert said == '<p>{% when at "nowrap" %}, davor <strong class="s">{{ promise.at|absolute }}</strong></p>'


def test_buttons_in_a_row_are_messages_of_their_own() -> None:
    source = '<div><a href="/a">Rename</a><a href="/b">{% icon "x" %}Remove</a></div>'
    assert segments.messages(source) == ["Rename", "Remove"]


def test_attributes_that_people_read_are_said_and_others_are_not() -> None:
    source = '<input placeholder="A word" name="A word" aria-label="Take {{ person }} off" data-key="k">'
    assert segments.messages(source) == ["A word", "Take {person} off"]
    said = segments.translated(source, {"A word": "Ein Wort", "Take {person} off": "{person} abnehmen"}.__getitem__)
    assert said == '<input placeholder="Ein Wort" name="A word" aria-label="{{ person }} abnehmen" data-key="k">'


def test_scripts_code_and_comments_are_left_alone() -> None:
    source = "<script>let a = 'Some words';</script><p><code>tocsin serve</code></p>{# A comment of ours #}<!-- Another one -->"
    assert segments.messages(source) == []


def test_a_plural_is_said_in_its_own_way() -> None:
    source = "<p>There {{ n|pluralize:'is,are' }} {{ n }} shift{{ n|pluralize }} here</p>"
    (message,) = segments.messages(source)
    assert message == "There {n} {n2} shift{n3} here"
    said = segments.translated(source, lambda _m: 'Hier {n|pluralize:"ist,sind"} {n2} {n3|pluralize:"Dienst,Dienste"}')
    shown = engines["django"].from_string(said)
    assert shown.render({"n": 1}) == "<p>Hier ist 1 Dienst</p>"
    assert shown.render({"n": 2}) == "<p>Hier sind 2 Dienste</p>"


def test_words_of_the_code_are_known_by_their_pattern() -> None:
    with translation.override("de"):
        assert (
            say("Kim Doe accepted the handover and owns it now")
            == "Kim Doe hat die Übergabe angenommen und besitzt es jetzt"
        )
        assert say("Sev1") == "Sev1"
        assert say("An unknown sentence stays.") == "An unknown sentence stays."
    assert say("Saved.") == "Saved."


def test_what_people_wrote_is_not_looked_up(desk: Any, signed_in: Any) -> None:
    subject = "Waiting for your answer"  # which the portal also says
    Ticket.objects.filter(pk=desk.ticket.pk).update(subject=subject)
    german = {"headers": {"accept-language": "de"}}
    html = signed_in("agent").get(f"/tickets/{desk.ticket.number}", **german).content.decode()
    assert f"{subject}</h1>" in html
    assert "Verlauf, neueste zuerst" in html


def test_the_viewers_choice_comes_before_the_browsers_wish(desk: Any, signed_in: Any) -> None:
    wish = {"headers": {"accept-language": "de-AT,de;q=0.9,en;q=0.5"}}
    browser = signed_in("agent")
    shown = browser.get("/queue", **wish)
    assert '<html lang="de"' in shown.content.decode()
    assert (shown["content-language"], "Accept-Language" in shown["vary"]) == ("de", True)
    profile = {"name": desk.agent.name, "zone": "UTC", "language": "en"}
    assert browser.post(reverse("account"), profile).status_code == 302
    assert '<html lang="en"' in browser.get("/queue", **wish).content.decode()
    assert browser.post(reverse("account"), profile | {"language": "xx"}).status_code == 422


def test_forms_and_refusals_speak_german(desk: Any, signed_in: Any) -> None:
    wish = {"headers": {"accept-language": "de"}}
    browser = signed_in("agent")
    html = browser.get(reverse("call_new"), **wish).content.decode()
    assert "Wer anruft" in html
    gone = browser.get("/tickets/999999", **wish)
    assert "Es gibt kein Ticket T-999999, oder Sie dürfen es nicht sehen." in gone.content.decode()


def test_the_message_that_says_most_itself_is_the_one() -> None:
    # "Escalation {1}" begins as this does, and would leave the rest in English.
    with translation.override("de"):
        said = catalogue.say("Escalation rate rose to 11 % from 9.4 % in the period before (n = 99,900).")
    assert said == "Eskalationsrate stieg auf 11 %, von 9,4 % im Zeitraum davor (n = 99.900)."


def test_figures_are_written_as_the_language_writes_them() -> None:
    assert catalogue.figures("1,200 of 0.28") == "1,200 of 0.28"
    with translation.override("de"):
        assert catalogue.figures("1,200") == "1.200"
        assert catalogue.figures("9.4 %") == "9,4 %"
        assert catalogue.figures("2 h 10 m") == "2 h 10 m"
        assert spoken.short(1_234) == "1,2k"
        assert {*PERIODS.values(), *(name for _, name in (*LENGTHS, *AGES))} <= spoken.words().keys()
        assert all(said != word or word[0].isdigit() for word, said in spoken.words().items() if word != "median")
