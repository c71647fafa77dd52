"""The pages of tests and drills: who may fire what, and what the report shows."""

import json

from django.urls import reverse

from tocsin.domain.escalation.actions import acknowledge
from tocsin.domain.escalation.logic.proof_check import problems_of
from tocsin.domain.escalation.models import Drill, DrillPlan, Run
from tocsin.domain.tickets.models import Ticket

PLAN = {
    "name": "First line", "cadence": "weekly", "weekday": "1", "starts": "09:30", "ends": "16:00", "zone": "Europe/Berlin",
    "minutes": "15", "announced": "on",
}  # fmt: skip


def test_anybody_who_works_here_may_test_themselves(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("agent")
    response = client.post(reverse("drill_fire"), {}, follow=True)
    drill = Drill.objects.get()
    assert drill.people == []
    html = response.content.decode()
    assert "Waiting" in html
    assert "0 of 1" in html
    run = Run.objects.get(escalation=drill.escalation)
    acknowledge(run_id=run.pk, by=desk.agent, now=desk.now, via="sms")
    html = client.get(reverse("drill", args=[drill.pk])).content.decode()
    assert "Answered" in html


def test_who_leads_nobody_cannot_test_others(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("agent")
    response = client.post(reverse("drill_fire"), {"person": str(desk.lead.pk)})
    assert response.status_code == 422
    assert not Drill.objects.exists()


def test_a_lead_fires_a_policy_and_one_level_of_it(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("lead")
    client.post(reverse("drill_fire"), {"policy": "quick", "team": str(desk.team.pk)})
    client.post(reverse("drill_fire"), {"policy": "quick:2", "team": str(desk.team.pk)})
    assert list(Drill.objects.order_by("started_at").values_list("kind", flat=True)) == ["policy", "level"]
    assert set(Ticket.objects.filter(is_drill=True).values_list("status", flat=True)) == {"closed"}


def test_a_test_is_called_off_from_its_page(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("agent")
    client.post(reverse("drill_fire"), {})
    drill = Drill.objects.get()
    html = client.post(reverse("drill_cancel", args=[drill.pk]), follow=True).content.decode()
    assert "Called off" in html


def test_others_tests_are_not_to_be_seen_but_by_those_who_lead(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    signed_in("agent").post(reverse("drill_fire"), {})
    where = reverse("drill", args=[Drill.objects.get().pk])
    assert signed_in("expert").get(where).status_code == 404
    assert signed_in("lead").get(where).status_code == 200
    assert signed_in("lead").get(where + ".json").json()["about"] == desk.agent.name


def test_a_lead_plans_suspends_and_resumes_a_drill(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("lead")
    html = client.post(reverse("drill_plan"), {**PLAN, "team": str(desk.team.pk)}, follow=True).content.decode()
    assert "between 09:30 and 16:00 (Europe/Berlin)" in html
    plan = DrillPlan.objects.get()
    assert plan.weekday == 1
    client.post(reverse("drill_switch", args=[plan.pk]), {"enabled": "no"})
    plan.refresh_from_db()
    assert plan.due_at is None
    client.post(reverse("drill_switch", args=[plan.pk]), {"enabled": "yes"})
    plan.refresh_from_db()
    assert plan.due_at is not None


def test_a_plan_that_cannot_be_shows_why_and_keeps_what_was_typed(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    wrong = {**PLAN, "team": str(desk.team.pk), "zone": "Mars/Base"}
    response = signed_in("lead").post(reverse("drill_plan"), wrong)
    assert response.status_code == 422
    html = response.content.decode()
    assert "Choose a time zone" in html
    assert 'value="Mars/Base"' in html


def test_the_respond_page_of_a_test_says_so(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("agent")
    client.post(reverse("drill_fire"), {})
    run = Run.objects.get(escalation=Drill.objects.get().escalation)
    html = client.get(reverse("run_respond", args=[run.pk])).content.decode()
    assert "This is a test." in html
    assert "own the ticket" not in html


def test_a_test_is_in_no_queue_and_in_no_search(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("lead")
    client.post(reverse("drill_fire"), {"policy": "quick", "team": str(desk.team.pk)})
    number = Ticket.objects.get(is_drill=True).number
    assert f"T-{number}" not in client.get(reverse("queue")).content.decode()


def test_the_proof_of_a_test_is_marked_and_its_file_can_be_checked(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("lead")
    client.post(reverse("drill_fire"), {"policy": "quick", "team": str(desk.team.pk)})
    escalation = Drill.objects.get().escalation
    assert "This was a test." in client.get(reverse("escalation_proof", args=[escalation.pk])).content.decode()
    saved = json.loads(client.get(reverse("escalation_proof_json", args=[escalation.pk])).content)
    assert problems_of(saved) == []
    saved["journal"][0]["data"]["policy"] = "another"
    assert "was changed" in problems_of(saved)[0]
