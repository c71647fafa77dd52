"""Notes and briefs that the product composed, in the reader's language."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from tocsin.domain.decisions import actions as decisions
from tocsin.web.languages.composed import composed


@pytest.mark.parametrize(("stored", "shown"), [
    ("**What happened**", "**Was geschehen ist**"),
    ("**What the expert did** (Ana, Bo)", "**Was der Fachmensch tat** (Ana, Bo)"),
    ("Outcome: Moved the dongle.", "Ergebnis: Moved the dongle."),
    ("- A new battery: did not help (twice)", "- A new battery: half nicht (twice)"),
    ("Known: priority high, open, service Payroll", "Bekannt: Priorität hoch, offen, Dienst Payroll"),
    ("Impact high, urgency low; Acme", "Auswirkung hoch, Dringlichkeit niedrig; Acme"),
    ("Next promise: none is running", "Nächste Zusage: keine läuft"),
    ("Tried: (nothing written down yet)", "Versucht: (noch nichts aufgeschrieben)"),
])  # fmt: skip
def test_heads_and_facts_are_said_in_german(stored: str, shown: str) -> None:
    with translation.override("de"):
        assert composed(stored) == shown
    assert composed(stored) == stored


@pytest.mark.parametrize(
    "text", ["Known issue, call the vendor", "> Outcome: quoted", "He said: done", "service, please"]
)
def test_what_people_wrote_stays(text: str) -> None:
    with translation.override("de"):
        assert composed(text) == text


def test_a_german_reader_gets_the_brief_of_an_escalation_with_german_heads(desk: Any, signed_in: Any) -> None:
    brief = decisions.Brief(happened="The mouse lags.", tried="A new battery.")
    decisions.escalate(ticket_id=desk.queued.pk, policy="quick", brief=brief, by=desk.agent, now=desk.now)
    page = reverse("ticket", args=[desk.queued.number])
    german = signed_in("lead").get(page, headers={"accept-language": "de"}).content.decode()
    assert "Was geschehen ist" in german
    assert "The mouse lags." in german
    assert "What happened" not in german
    assert "What happened" in signed_in("agent").get(page).content.decode()
