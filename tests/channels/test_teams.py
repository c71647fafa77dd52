"""Microsoft Teams against a local server that takes what a Workflows webhook takes."""

from collections.abc import Iterator

import pytest

from tests.channels.service import Service, Taken, running, send
from tocsin.channels.teams.kind import KIND
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.transport import BundleItem, TransportError


def workflow(taken: Taken) -> tuple[int, bytes, dict[str, str]]:
    """Answer as the trigger of a workflow: it wants one Adaptive Card of at most 28 KB."""
    (attachment,) = taken.json["attachments"]
    card = attachment["content"]
    fits = (
        taken.json["type"] == "message"
        and attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
        and card["type"] == "AdaptiveCard"
        and len(taken.body) < 28 * 1024
    )
    return (202, b"", {"x-ms-workflow-run-id": "run-1"}) if fits else (400, b"not a card", {})


@pytest.fixture
def teams() -> Iterator[Service]:
    with running(workflow) as service:
        yield service


def texts(card: dict) -> list[str]:
    """Return every text of a card, and see to it that nothing in it knows markup."""
    found = []
    for block in card["body"]:
        for inner in block.get("items", [block]):
            assert inner["type"] == "RichTextBlock"
            found += [run["text"] for run in inner["inlines"]]
    return found


def test_a_page_is_a_card_with_one_button(teams: Service, message) -> None:
    sent = send(KIND, message(to=f"{teams.url}/workflows/1?sig=abc"))
    (taken,) = teams.taken
    assert taken.path == "/workflows/1?sig=abc"
    card = taken.json["attachments"][0]["content"]
    assert texts(card) == ["[P1] T-7 needs an answer: Payroll", "Nobody is paid.", "Impact: all."]
    assert card["body"][0]["style"] == "attention"
    assert card["actions"] == [
        {"type": "Action.OpenUrl", "title": "Answer", "url": "https://desk.example.org/respond/abc"}
    ]
    assert (sent.provider_id, sent.answer) == ("run-1", "202")


def test_what_a_ticket_says_formats_and_mentions_nothing(teams: Service, message) -> None:
    nasty = "**bold** [here](https://evil.example) <at>everyone</at>"
    send(KIND, message(to=teams.url, subject=nasty, body=nasty))
    # Text runs are shown as they are: there is no block that reads markup.
    assert texts(teams.taken[0].json["attachments"][0]["content"]) == [nasty, nasty]


def test_a_bundle_lists_its_pages_and_counts_the_rest(teams: Service, message) -> None:
    items = tuple(BundleItem(f"T-{n}", "Down", "") for n in range(37))
    send(KIND, message(to=teams.url, subject="37 escalations, ack all", items=items))
    said = texts(teams.taken[0].json["attachments"][0]["content"])
    assert said[:2] == ["37 escalations, ack all", "T-0 Down"]
    assert said[-1] == "and 17 more"


def test_a_very_long_page_still_fits_a_card(teams: Service, message) -> None:
    send(KIND, message(to=teams.url, subject="\N{POUTING FACE}" * 300, body="\N{POUTING FACE}" * 50_000))
    assert len(teams.taken) == 1


def test_an_old_webhook_that_says_200_and_an_error_has_not_taken_it(teams: Service, message) -> None:
    teams.says(200, b"Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429")
    with pytest.raises(TransportError) as refused:
        send(KIND, message(to=teams.url))
    assert (refused.value.permanent, refused.value.fault) == (False, Fault.MESSAGE)


def test_a_workflow_that_was_deleted_is_futile(teams: Service, message) -> None:
    teams.says(404, {"error": {"code": "WorkflowTriggerNotFound"}})
    with pytest.raises(TransportError) as refused:
        send(KIND, message(to=teams.url))
    assert refused.value.permanent is True
