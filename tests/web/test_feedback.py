"""Feedback in pages: what a link may do, who reads what, figures that drill down, settings and forms in versions."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tocsin.domain.calendars.models import Calendar
from tocsin.domain.feedback import actions, links, queries
from tocsin.domain.feedback.enums import AskState
from tocsin.domain.feedback.models import Ask, OptOut, QuestionSet, Recovery, Setting
from tocsin.domain.sla.models import Agreement
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Rating

HOUR = timedelta(hours=1)


@pytest.fixture
def asked(desk: Any, settings: Any) -> Ask:
    """The customer was asked an hour ago how the resolution of a slow mouse was."""
    settings.SMTP_HOST, settings.BASE_URL = "127.0.0.1", "https://desk.example"
    actions.save_setting(values={"asks_ratings": True, "delay_minutes": 0}, by=desk.manager, now=desk.now - HOUR)
    tickets.take(ticket_id=desk.queued.pk, by=desk.agent, now=desk.now - HOUR)
    tickets.set_status(ticket_id=desk.queued.pk, status="resolved", by=desk.agent, now=desk.now - HOUR)
    actions.ask_due(now=desk.now - HOUR)
    return Ask.objects.get(state=AskState.ASKED)


def test_a_hundred_looks_change_nothing_and_one_button_votes(asked: Ask) -> None:
    where, scanner = reverse("feedback_asked", args=[links.ask_token(asked)]), Client(enforce_csrf_checks=True)
    for number in range(100):
        look = scanner.head if number % 2 else scanner.get
        assert look(where, {"score": str(1 + number % 5)}).status_code == 200
    asked.refresh_from_db()
    assert (Rating.objects.count(), asked.state) == (0, AskState.ASKED)
    assert scanner.post(where, {"score": "1"}).status_code == 403  # without the page's own token nothing is taken
    assert 'value="2" class="" checked' in scanner.get(where, {"score": "2"}).content.decode().replace(
        " required", ""
    ).replace(' id="id_score_1"', "")
    answer = Client().post(where, {"score": "2", "comment": "Slow."})
    assert (answer.status_code, answer["Location"]) == (302, f"{where}?given=1")
    again = Client().get(where).content.decode()
    assert "Slow." in again
    assert "Change it" in again


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-1], lambda t: "Z" + t[1:], lambda t: t.split(".")[0], lambda _: "x" * 5_000]
)
def test_a_forged_link_shows_only_that_it_is_none(asked: Ask, spoil: Any) -> None:
    token = spoil(links.ask_token(asked))
    for call in (Client().get, Client().post):
        answer = call(reverse("feedback_asked", args=[token]), {"score": "5"})
        assert answer.status_code == 404
        assert "Mouse" not in answer.content.decode()
    assert Client().post(reverse("feedback_stop", args=[links.ask_token(asked)])).status_code == 404
    assert not Rating.objects.exists()


def test_an_expired_link_changes_nothing(asked: Ask, desk: Any) -> None:
    asked.expires_at = desk.now - timedelta(minutes=1)
    asked.save()
    answer = Client().post(reverse("feedback_asked", args=[links.ask_token(asked)]), {"score": "5"})
    assert answer.status_code == 404
    assert "was open until" in answer.content.decode()
    assert not Rating.objects.exists()


def test_a_link_does_not_vote_once_the_request_is_somebody_elses(asked: Ask, desk: Any) -> None:
    type(desk.queued).objects.filter(pk=desk.queued.pk).update(requester=desk.stakeholder)
    answer = Client().post(reverse("feedback_asked", args=[links.ask_token(asked)]), {"score": "5"})
    assert answer.status_code == 409
    assert not Rating.objects.exists()


def test_a_huge_comment_comes_back_whole_and_nothing_is_kept(asked: Ask) -> None:
    where = reverse("feedback_asked", args=[links.ask_token(asked)])
    answer = Client().post(where, {"score": "5", "comment": "y" * 6_000})
    assert answer.status_code == 422
    assert "y" * 6_000 in answer.content.decode()
    assert not Rating.objects.exists()
    script = Client().post(where, {"score": "5", "comment": "<script>alert(1)</script>"}, follow=True)
    assert "<script>alert" not in script.content.decode()


def test_one_click_unsubscribes_without_a_cookie_and_can_be_taken_back(asked: Ask, desk: Any) -> None:
    where, program = (
        reverse("feedback_stop", args=[links.stop_token(desk.requester.pk)]),
        Client(enforce_csrf_checks=True),
    )
    assert program.get(where).status_code == 200
    assert not OptOut.objects.exists()
    assert program.post(where, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert OptOut.objects.get().person == desk.requester
    actions.ask_due(now=desk.now + timedelta(days=4))
    asked.refresh_from_db()
    assert asked.reminded_at is not None  # the step is over, and no mail went out
    program.post(where, {"act": "start"})
    assert not OptOut.objects.exists()


def test_only_whoever_was_asked_sees_the_question_signed_in(asked: Ask, signed_in: Any) -> None:
    where = reverse("feedback_answer", args=[asked.pk])
    assert signed_in("requester").get(where).status_code == 200
    assert {signed_in(name).get(where).status_code for name in ("agent", "lead", "admin", "stakeholder")} == {404}


def test_the_page_names_the_bad_rating_counts_and_drills_down(asked: Ask, desk: Any, signed_in: Any) -> None:
    tickets.rate(ticket_id=asked.ticket_id, score=1, comment="=1+1 never called back", by=desk.requester, now=desk.now)
    lead = signed_in("lead")
    html = lead.get(reverse("feedback")).content.decode()
    assert "0 % satisfied, of one rating" in html
    assert "never called back" in html
    assert "1 of 1 asked by mail" in html
    assert "Mouse is slow" in lead.get(reverse("feedback_ratings"), {"score": "bad"}).content.decode()
    assert "No rating fits" in lead.get(reverse("feedback_ratings"), {"score": "good"}).content.decode()
    for by in ("team", "service", "customer", "month", "nonsense"):
        assert lead.get(reverse("feedback"), {"by": by, "customer": "no-uuid", "period": "x"}).status_code == 200
    sheet = b"".join(lead.get(reverse("feedback_csv")).streaming_content).decode()
    assert "'=1+1 never called back" in sheet
    assert signed_in("agent").get(reverse("feedback")).status_code == 403
    panel = signed_in("agent").get(reverse("ticket_feedback", args=[desk.queued.number])).content.decode()
    assert "of 5 from Ana" in panel


def test_an_agent_sees_only_the_calls_that_are_theirs(asked: Ask, desk: Any, signed_in: Any) -> None:
    tickets.rate(ticket_id=asked.ticket_id, score=1, by=desk.requester, now=desk.now)
    call = Recovery.objects.get()
    where = reverse("recovery", args=[call.pk])
    assert (call.owner, call.owner_why) == (desk.lead, "lead of the team")
    assert signed_in("agent").get(where).status_code == 404
    signed_in("lead").post(reverse("recovery_give", args=[call.pk]), {"owner": str(desk.agent.pk)})
    assert signed_in("agent").get(where).status_code == 200
    outcome = {"reached": "no", "regained": "no", "agreed": ""}
    assert signed_in("agent").post(reverse("recovery_end", args=[call.pk]), outcome).status_code == 302
    assert signed_in("lead").post(reverse("recovery_end", args=[call.pk]), outcome).status_code == 422
    call.refresh_from_db()
    assert call.state == "unreached"


def test_the_call_is_due_in_the_customers_business_hours(desk: Any) -> None:
    weekly = {"mon": [["08:00", "17:00"]], "fri": [["08:00", "17:00"]]}
    calendar = Calendar.objects.create(name="Acme's hours", zone="UTC", weekly=weekly)
    Agreement.objects.create(name="Acme", slug="acme", calendar=calendar, organisation=desk.customer)
    friday = desk.now.replace(hour=16, minute=0, second=0, microsecond=0) + timedelta(
        days=7 + (4 - desk.now.weekday()) % 7
    )
    tickets.take(ticket_id=desk.queued.pk, by=desk.agent, now=desk.now)
    tickets.set_status(ticket_id=desk.queued.pk, status="resolved", by=desk.agent, now=desk.now)
    tickets.rate(ticket_id=desk.queued.pk, score=1, by=desk.requester, now=friday)
    assert Recovery.objects.get().callback_at == friday + timedelta(days=3) - timedelta(hours=5)  # Monday 11:00


def test_settings_are_checked_and_forms_come_in_versions(desk: Any, signed_in: Any) -> None:
    manager = signed_in("manager")
    assert signed_in("lead").get(reverse("feedback_setting")).status_code == 403
    fields = {
        "asks_ratings": "on", "delay_minutes": "30", "share": "101", "quiet_days": "7", "remind_hours": "24",
        "expire_days": "10", "low_score": "2", "callback_minutes": "60", "least_severity": "2", "share_technical": "50",
        "share_customer": "100", "share_internal": "0",
    }  # fmt: skip
    refused = manager.post(reverse("feedback_setting_edit"), fields)
    assert (refused.status_code, Setting.objects.count()) == (422, 0)
    assert "Between 0 and 100." in refused.content.decode()
    manager.post(reverse("feedback_setting_edit"), fields | {"share": "20"})
    told = Setting.objects.get()
    assert (told.share, told.asks_parties, told.party_shares["technical"]) == (20, False, 50)
    where = reverse("feedback_questions", args=["expert"])
    form = {"en_1": "Was it hard?", "de_1": "War es schwer?", "kind_1": "scale", "key_1": "hard"}
    form |= {f"kind_{n}": "text" for n in range(2, 7)}
    assert manager.post(where, form | {"key_1": "So hard!"}).status_code == 422
    assert manager.post(where, form).status_code == 302
    assert list(QuestionSet.objects.filter(party="expert").values_list("number", flat=True).order_by("number")) == [
        1,
        2,
    ]
    assert [one.key for one in queries.questions_now("expert")] == ["hard"]
    shown = manager.get(reverse("feedback_preview", args=["expert"]), {"language": "de"}).content.decode()
    assert "War es schwer?" in shown
    assert not Ask.objects.exists()
