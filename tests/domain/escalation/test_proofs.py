"""The proof ledger: why each level fired or did not, by which evidence, what was tried, and who answered by which way."""

import json
from pathlib import Path

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from typer.testing import CliRunner

from tests.domain.escalation.conftest import Company
from tests.domain.escalation.test_by_channel import press, sent
from tocsin.cli.app import main  # noqa: F401 - loads the table of commands as the shell does
from tocsin.domain.escalation import actions, proofs
from tocsin.domain.escalation.logic.proof_check import problems_of
from tocsin.domain.escalation.logic.said import Verb
from tocsin.domain.escalation.models import Run
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.models import Delivery


@pytest.fixture
def story(ladder: Company) -> Run:
    """Ana is paged, Nora and Kai ten minutes later; Nora answers by mail."""
    run = ladder.escalate(ladder.ticket())
    sent(ladder)
    ladder.tick(10)
    sent(ladder, 10)
    press(Delivery.objects.get(run=run.pk, user=ladder["nora"]), Verb.ACKNOWLEDGE, ladder, at=12)
    return run


@pytest.mark.django_db
def test_each_level_says_why_it_fired_or_did_not(ladder: Company, story: Run) -> None:
    proof = proofs.proof_of(story.escalation_id)
    assert [(f["level"], f["why"]) for f in proof["firings"]] == [
        (1, "the escalation began"),
        (2, "not acknowledged 10 min after the level before"),
    ]
    assert [(row["level"], row["why"]) for row in proof["not_fired"]] == [(3, "Nora acknowledged before it was due")]
    assert (proof["policy"], proof["version"]) == ("ladder", 1)


@pytest.mark.django_db
def test_it_names_who_was_resolved_what_was_tried_and_the_answer_with_its_way(ladder: Company, story: Run) -> None:
    proof = proofs.proof_of(story.escalation_id)
    second = proof["firings"][1]
    assert {p["name"] for e in second["evidence"] for p in e["people"]} == {"Nora", "Kai"}
    tries = [try_["outcome"] for page in second["pages"] for d in page["deliveries"] for try_ in d["attempts"]]
    assert tries == ["sent", "sent"]
    (answer,) = proof["answers"]
    assert (answer["person"], answer["said"], answer["via"], answer["level"]) == ("Nora", "acknowledged", "email", 2)


@pytest.mark.django_db
def test_receipts_and_late_answers_are_in_it(ladder: Company, story: Run) -> None:
    delivery = Delivery.objects.get(run=story.pk, user=ladder["ana"])
    Delivery.objects.filter(pk=delivery.pk).update(provider_id="p1")
    notify.record_receipt(channel="email", provider_id="p1", delivered=True, now=ladder.after(13))
    actions.resolve_escalation(
        escalation_id=story.escalation_id, by=ladder["nora"], outcome="Done.", now=ladder.after(20)
    )
    press(delivery, Verb.ACKNOWLEDGE, ladder, at=21)
    proof = proofs.proof_of(story.escalation_id)
    assert proof["firings"][0]["pages"][0]["deliveries"][0]["delivered_at"] == ladder.after(13)
    assert proof["answers"][-1]["said"] == "acknowledged, too late"
    assert proof["outcome"] == "Done."


@pytest.mark.django_db
def test_a_saved_proof_is_checked_and_any_change_shows(story: Run) -> None:
    saved = json.loads(json.dumps(proofs.proof_of(story.escalation_id), cls=DjangoJSONEncoder))
    assert problems_of(saved) == []
    for key, value in (("actor", "person:x"), ("at", "2026-03-04T00:00:00+00:00"), ("kind", "run.declined")):
        forged = json.loads(json.dumps(saved))
        forged["journal"][3][key] = value
        assert any("was changed" in problem for problem in problems_of(forged)), key
    swapped = json.loads(json.dumps(saved))
    swapped["journal"][1:3] = reversed(swapped["journal"][1:3])
    assert problems_of(swapped)
    assert problems_of({"journal": []})
    assert problems_of({"journal": [{"position": 1}]})


@pytest.mark.django_db
def test_the_command_prints_and_checks(story: Run, tmp_path: Path) -> None:
    import typer  # noqa: PLC0415 - as above

    from tocsin.cli import proof as command  # noqa: PLC0415 - a command is loaded when it is called

    app = typer.Typer()
    app.command()(command.proof)
    run = CliRunner()
    shown = run.invoke(app, [story.ticket.reference])
    assert "Level 3, Lead: not fired, Nora acknowledged before it was due" in shown.output
    assert "Nora acknowledged by email" in shown.output
    file = tmp_path / "proof.json"
    file.write_text(run.invoke(app, [str(story.escalation_id), "--json"]).output)
    assert run.invoke(app, ["--check", str(file)]).exit_code == 0
    file.write_text(file.read_text().replace('"run.acknowledged"', '"run.declined"'))
    assert run.invoke(app, ["--check", str(file)]).exit_code == 1
