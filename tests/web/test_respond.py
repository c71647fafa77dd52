"""Answering a page by link or signed in (SEMANTICS 4 and 5, checks 10 to 13)."""

from django.test import Client
from django.urls import reverse

from tocsin.domain.escalation.models import Run
from tocsin.domain.notify import links


def link(desk, person, cycle: int | None = None) -> str:  # type: ignore[no-untyped-def]
    run = Run.objects.get(escalation=desk.escalated)
    token = links.respond_token(run.pk, run.cycle if cycle is None else cycle, run.level, person.pk, now=desk.now)
    return reverse("respond_link", args=[token])


def run_of(desk) -> Run:  # type: ignore[no-untyped-def]
    return Run.objects.get(escalation=desk.escalated)


def test_a_link_shows_what_who_and_what_comes_next_without_a_sign_in(desk) -> None:  # type: ignore[no-untyped-def]
    html = Client().get(link(desk, desk.agent)).content.decode()
    assert "Printer is on fire" in html
    assert "Also paged" in html
    assert desk.lead.name in html
    assert "Level 2, The experts, is paged" in html
    assert "Acknowledge" in html
    assert run_of(desk).status == "climbing"


def test_acknowledging_by_link_stops_the_climb(desk) -> None:  # type: ignore[no-untyped-def]
    response = Client().post(link(desk, desk.agent), {"answer": "acknowledge"})
    assert response.status_code == 200
    assert "Nobody else is paged" in response.content.decode()
    assert run_of(desk).status == "acknowledged"


def test_acknowledging_twice_changes_nothing_more(desk) -> None:  # type: ignore[no-untyped-def]
    where = link(desk, desk.agent)
    Client().post(where, {"answer": "acknowledge"})
    state = run_of(desk).state
    assert Client().post(where, {"answer": "acknowledge"}).status_code == 200
    assert run_of(desk).state == state


def test_declining_needs_a_reason_and_keeps_the_page(desk) -> None:  # type: ignore[no-untyped-def]
    response = Client().post(link(desk, desk.agent), {"answer": "decline", "reason": " "})
    assert response.status_code == 400
    assert "why you cannot" in response.content.decode()
    assert run_of(desk).state["declined"] == []


def test_declining_with_a_reason_is_noted(desk) -> None:  # type: ignore[no-untyped-def]
    response = Client().post(link(desk, desk.agent), {"answer": "decline", "reason": "On the road"})
    assert response.status_code == 200
    assert run_of(desk).state["declined"] == [str(desk.agent.pk)]


def test_calling_the_next_level_pages_it_now(desk) -> None:  # type: ignore[no-untyped-def]
    Client().post(link(desk, desk.agent), {"answer": "call_next"})
    assert run_of(desk).level == 2


def test_a_link_of_an_earlier_cycle_shows_the_present_and_acts_on_nothing(desk) -> None:  # type: ignore[no-untyped-def]
    Run.objects.filter(escalation=desk.escalated).update(cycle=2, state={**run_of(desk).state, "cycle": 2})
    where = link(desk, desk.agent, cycle=1)
    html = Client().get(where).content.decode()
    assert "earlier call" in html
    assert ">Acknowledge<" not in html
    before = run_of(desk).state
    Client().post(where, {"answer": "acknowledge"})
    assert run_of(desk).state == before


def test_a_forged_link_says_so_and_shows_nothing(desk) -> None:  # type: ignore[no-untyped-def]
    response = Client().get(link(desk, desk.agent)[:-3] + "abc")
    assert response.status_code == 404
    html = response.content.decode()
    assert "does not work any more" in html
    assert "Printer" not in html


def test_a_link_of_somebody_who_has_left_does_not_work(desk) -> None:  # type: ignore[no-untyped-def]
    where = link(desk, desk.agent)
    desk.agent.is_active = False
    desk.agent.save()
    assert Client().post(where, {"answer": "acknowledge"}).status_code == 404
    assert run_of(desk).status == "climbing"


def test_an_unknown_answer_is_refused(desk) -> None:  # type: ignore[no-untyped-def]
    assert Client().post(link(desk, desk.agent), {"answer": "explode"}).status_code == 400


def test_the_page_is_not_kept_by_caches(desk) -> None:  # type: ignore[no-untyped-def]
    assert "no-store" in Client().get(link(desk, desk.agent))["Cache-Control"]


def test_all_my_pages_are_acknowledged_together(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("agent")
    assert "Printer is on fire" in client.get("/respond/").content.decode()
    response = client.post("/respond/", {"run": [str(run_of(desk).pk)]}, follow=True)
    assert "Nobody waits for you" in response.content.decode()
    assert run_of(desk).status == "acknowledged"


def test_signed_in_people_answer_on_the_same_page(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    where = reverse("run_respond", args=[run_of(desk).pk])
    assert "Open the whole ticket" in signed_in("agent").get(where).content.decode()
    signed_in("agent").post(where, {"answer": "acknowledge"})
    assert run_of(desk).status == "acknowledged"


def test_after_acknowledging_one_may_snooze_within_the_choices(desk) -> None:  # type: ignore[no-untyped-def]
    where = link(desk, desk.agent)
    Client().post(where, {"answer": "acknowledge"})
    assert "Snooze" in Client().get(where).content.decode()
    assert Client().post(where, {"answer": "snooze", "minutes": "99999"}).status_code == 400
    Client().post(where, {"answer": "snooze", "minutes": "30"})
    assert run_of(desk).status == "snoozed"
