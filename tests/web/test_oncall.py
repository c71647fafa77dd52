"""Pages of on-call: what they show, who may change what, and that a change is looked at before it is saved."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tocsin.domain.notify.models import ContactMethod
from tocsin.domain.oncall import actions, queries
from tocsin.domain.oncall.enums import CoverState, SwapState
from tocsin.domain.oncall.models import Absence, FeedToken, Layer, Override, Schedule, Shift, Swap
from tocsin.domain.people.models import Team

DAY = timedelta(days=1)
LOCAL = "%Y-%m-%dT%H:%M"


def page(client: Client, name: str, *arguments: object, **query: str) -> str:
    response = client.get(reverse(name, args=arguments), query)
    assert response.status_code == 200, response.content.decode()[:2_000]
    return response.content.decode()


def on_call(desk, at) -> list[str]:  # type: ignore[no-untyped-def]
    people = {desk.agent.pk: "agent", desk.lead.pk: "lead", desk.expert.pk: "expert", desk.manager.pk: "manager"}
    return [people[pk] for pk, _ in queries.who_is_on_now(["first-line"], at)["first-line"].people]


def layer_form(desk, **given: str) -> dict[str, str]:  # type: ignore[no-untyped-def]
    """The layer as it stands, as a browser would post it."""
    start = f"{desk.now - 3 * DAY:{LOCAL}}"
    form = {
        "name": "Weeks", "zone": "", "r0-kind": "daily", "r0-every": "1", "r0-hours": "", "r0-handover": "08:00",
        "r0-weekday": "0", "r0-starts": start, "r0-ends": "", "r0-p0-person": str(desk.agent.pk),
        "r0-p1-person": str(desk.expert.pk), "act": "preview",
    }  # fmt: skip
    return form | given


def test_the_list_says_who_is_on_and_until_when(desk, signed_in):  # type: ignore[no-untyped-def]
    html = page(signed_in("agent"), "schedules")
    assert "First line on call" in html
    assert "Agent" in html
    assert "to Lead" in html
    assert "of 100" in html


def test_a_schedule_without_layers_shows_the_gap_and_warns(desk, signed_in):  # type: ignore[no-untyped-def]
    actions.create_schedule(name="Empty", slug="empty", zone="UTC", by=None, now=desk.now)
    html = page(signed_in("lead"), "schedules")
    assert "1 gap" in html
    assert "Nobody takes turns yet." in page(signed_in("manager"), "schedule", "empty")


def test_the_schedule_is_drawn_and_told_as_a_table(desk, signed_in):  # type: ignore[no-untyped-def]
    html = page(signed_in("agent"), "schedule", "first-line")
    lanes = re.findall(r'aria-label="(On call|Weeks): ([^"]*)"', html)
    assert [name for name, _ in lanes] == ["On call", "Weeks"]
    assert "Agent: Mon" in lanes[0][1]
    assert "weekly rotation until" in html
    assert 'class="now-line"' in html
    assert "every week, hand-over Monday 00:00; around the clock" in html


def test_times_are_in_the_viewers_zone_with_the_schedules_beside(desk, signed_in):  # type: ignore[no-untyped-def]
    desk.agent.zone = "Asia/Kolkata"
    desk.agent.save()
    html = page(signed_in("agent"), "schedule", "first-line")
    assert "05:30" in html
    assert "IST" in html
    assert "UTC</span>" in html


@pytest.mark.parametrize("weeks", ["1", "2", "4", "9", "x"])
def test_any_length_and_any_day_can_be_asked_for(desk, signed_in, weeks):  # type: ignore[no-untyped-def]
    html = page(signed_in("agent"), "schedule", "first-line", weeks=weeks, **{"from": "2031-03-30"})
    assert "30 Mar" in html
    page(signed_in("agent"), "schedule", "first-line", weeks=weeks, **{"from": "9999-99-99"})
    page(signed_in("agent"), "schedule", "first-line", weeks=weeks, **{"from": "0001-01-01"})


def test_an_override_counts_at_once_and_can_be_undone(desk, signed_in):  # type: ignore[no-untyped-def]
    client = signed_in("lead")
    form = page(client, "override_new", "first-line")
    assert "On call now: Agent" in form
    posted = {
        "person": str(desk.expert.pk), "starts_at": f"{desk.now:{LOCAL}}", "ends_at": f"{desk.now + DAY:{LOCAL}}",
        "place": "", "reason": "Agent is ill",
    }  # fmt: skip
    response = client.post(reverse("override_new", args=["first-line"]), posted)
    assert response.status_code == 302
    assert on_call(desk, desk.now + timedelta(minutes=5)) == ["expert"]
    made = Override.objects.get()
    html = page(client, "schedule", "first-line")
    assert "instead of everybody" in html
    assert reverse("override_end", args=["first-line", made.pk]) in html
    client.post(reverse("override_end", args=["first-line", made.pk]))
    assert on_call(desk, desk.now + timedelta(hours=5)) == ["agent"]


def test_an_override_can_replace_one_person_or_a_layer(desk, signed_in):  # type: ignore[no-untyped-def]
    span = {"starts_at": f"{desk.now:{LOCAL}}", "ends_at": f"{desk.now + DAY:{LOCAL}}", "person": str(desk.expert.pk)}
    for place in (f"person:{desk.agent.pk}", "layer:Weeks"):
        signed_in("lead").post(reverse("override_new", args=["first-line"]), span | {"place": place})
    assert sorted(Override.objects.values_list("layer", "instead_of")) == [("", desk.agent.pk), ("Weeks", None)]


def test_people_may_take_duty_upon_themselves_but_not_give_it_to_others(desk, signed_in):  # type: ignore[no-untyped-def]
    where = reverse("override_new", args=["first-line"])
    span = {"starts_at": f"{desk.now:{LOCAL}}", "ends_at": f"{desk.now + DAY:{LOCAL}}", "place": ""}
    refused = signed_in("expert").post(where, span | {"person": str(desk.lead.pk)})
    assert refused.status_code == 422
    assert signed_in("expert").post(where, span | {"person": str(desk.expert.pk)}).status_code == 302
    assert [one.person_id for one in Override.objects.all()] == [desk.expert.pk]


def test_what_was_typed_is_kept_when_the_end_is_before_the_start(desk, signed_in):  # type: ignore[no-untyped-def]
    posted = {
        "person": str(desk.lead.pk), "starts_at": f"{desk.now + DAY:{LOCAL}}", "ends_at": f"{desk.now:{LOCAL}}",
        "place": "", "reason": "kept words",
    }  # fmt: skip
    response = signed_in("lead").post(reverse("override_new", args=["first-line"]), posted)
    assert response.status_code == 422
    assert "The end must be after the start." in response.content.decode()
    assert "kept words" in response.content.decode()


def test_a_one_off_shift_adds_to_whoever_is_on(desk, signed_in):  # type: ignore[no-untyped-def]
    posted = {
        "person": str(desk.expert.pk), "starts_at": f"{desk.now:{LOCAL}}", "ends_at": f"{desk.now + DAY:{LOCAL}}",
        "reason": "launch",
    }  # fmt: skip
    client = signed_in("lead")
    client.post(reverse("shift_new", args=["first-line"]), posted)
    assert on_call(desk, desk.now + timedelta(minutes=5)) == ["agent", "expert"]
    assert "launch" in page(client, "schedule", "first-line")
    client.post(reverse("shift_end", args=["first-line", Shift.objects.get().pk]))
    assert on_call(desk, desk.now + timedelta(hours=1)) == ["agent"]


def test_a_swap_is_offered_answered_and_only_then_counts(desk, signed_in):  # type: ignore[no-untyped-def]
    later = desk.now + timedelta(minutes=30)
    posted = {
        "offered_by": str(desk.agent.pk), "offered_to": str(desk.expert.pk), "starts_at": f"{desk.now:{LOCAL}}",
        "ends_at": f"{desk.now + timedelta(hours=2):{LOCAL}}", "reason": "dentist",
    }  # fmt: skip
    assert signed_in("agent").post(reverse("swap_offer", args=["first-line"]), posted).status_code == 302
    swap = Swap.objects.get()
    assert on_call(desk, later) == ["agent"]
    expert = signed_in("expert")
    assert "dentist" in page(expert, "my_shifts")
    stranger = signed_in("lead").post(reverse("swap_answer", args=[swap.pk]), {"answer": "accept"})
    assert stranger.status_code == 404
    expert.post(reverse("swap_answer", args=[swap.pk]), {"answer": "accept", "why": "gladly"})
    assert on_call(desk, later) == ["expert"]
    assert "gladly" in page(signed_in("agent"), "my_shifts")


def test_a_swap_can_be_declined_and_another_taken_back(desk, signed_in):  # type: ignore[no-untyped-def]
    posted = {
        "offered_by": str(desk.agent.pk), "offered_to": str(desk.expert.pk), "starts_at": f"{desk.now:{LOCAL}}",
        "ends_at": f"{desk.now + timedelta(hours=2):{LOCAL}}",
    }  # fmt: skip
    for _ in range(2):
        signed_in("agent").post(reverse("swap_offer", args=["first-line"]), posted)
    one, other = Swap.objects.order_by("offered_at", "pk")
    signed_in("expert").post(reverse("swap_answer", args=[one.pk]), {"answer": "decline"})
    signed_in("agent").post(reverse("swap_withdraw", args=[other.pk]))
    assert {swap.state for swap in Swap.objects.all()} == {SwapState.DECLINED, SwapState.WITHDRAWN}
    half = posted | {"return_starts_at": f"{desk.now:{LOCAL}}"}
    assert signed_in("agent").post(reverse("swap_offer", args=["first-line"]), half).status_code == 422


def test_an_absence_is_reported_its_cover_asked_and_agreed(desk, signed_in):  # type: ignore[no-untyped-def]
    posted = {
        "person": str(desk.agent.pk), "starts_at": f"{desk.now:{LOCAL}}", "ends_at": f"{desk.now + DAY:{LOCAL}}",
        "cover": str(desk.expert.pk), "reason": "leave",
    }  # fmt: skip
    assert signed_in("agent").post(reverse("absence_new"), posted).status_code == 302
    absence = Absence.objects.get()
    expert = signed_in("expert")
    assert "asks you to cover" in page(expert, "my_shifts")
    assert "is asked" in page(expert, "schedule", "first-line")
    expert.post(reverse("cover_answer", args=[absence.pk]), {"answer": "decline"})
    signed_in("agent").post(reverse("cover_propose", args=[absence.pk]), {"cover": str(desk.lead.pk)})
    signed_in("lead").post(reverse("cover_answer", args=[absence.pk]), {"answer": "accept"})
    absence.refresh_from_db()
    assert (absence.cover_state, absence.cover) == (CoverState.ACCEPTED, desk.lead)
    assert on_call(desk, desk.now + timedelta(hours=1)) == ["lead"]
    signed_in("agent").post(reverse("absence_end", args=[absence.pk]))
    assert on_call(desk, desk.now + timedelta(hours=1)) == ["agent"]


def test_only_leads_report_others_as_absent(desk, signed_in):  # type: ignore[no-untyped-def]
    posted = {
        "person": str(desk.agent.pk), "starts_at": f"{desk.now:{LOCAL}}", "ends_at": f"{desk.now + DAY:{LOCAL}}", "cover": "",
    }  # fmt: skip
    assert signed_in("expert").post(reverse("absence_new"), posted).status_code == 422
    assert signed_in("lead").post(reverse("absence_new"), posted).status_code == 302
    assert Absence.objects.get().person == desk.agent


def test_a_schedule_is_made_and_its_first_layer_follows(desk, signed_in):  # type: ignore[no-untyped-def]
    client = signed_in("lead")
    posted = {"name": "Second line", "slug": "second", "zone": "Europe/Berlin", "team": str(desk.experts.pk)}
    response = client.post(reverse("schedule_new"), posted)
    assert response["Location"] == reverse("layer_new", args=["second"])
    assert client.post(reverse("schedule_new"), posted).status_code == 422  # the name is taken
    form = layer_form(desk, act="save")
    assert client.post(reverse("layer_new", args=["second"]), form).status_code == 302
    (layer,) = queries.layers_now(Schedule.objects.get(slug="second"))
    assert layer.rotations[0]["crews"] == [[str(desk.agent.pk)], [str(desk.expert.pk)]]
    client.post(reverse("schedule_edit", args=["second"]), {"name": "L2", "zone": "UTC", "team": ""})
    changed = Schedule.objects.get(slug="second")
    assert (changed.name, changed.zone, changed.team) == ("L2", "UTC", None)


def test_a_preview_shows_who_carries_more_and_saves_nothing(desk, signed_in):  # type: ignore[no-untyped-def]
    layer = desk.schedule.layers.get()
    where = reverse("layer_edit", args=["first-line", layer.pk])
    html = signed_in("lead").post(where, layer_form(desk)).content.decode()
    assert "If it is saved" in html
    assert re.search(r'Expert</span><span class="num strong">\+', html)
    assert re.search(r'Lead</span><span class="num strong">-', html)
    assert Layer.objects.get() == layer
    signed_in("lead").post(where, layer_form(desk, act="save"))
    assert Layer.objects.filter(valid_until=None).get().rotations[0]["kind"] == "daily"


def test_a_changed_layer_leaves_the_past_as_it_was(desk, signed_in):  # type: ignore[no-untyped-def]
    layer = desk.schedule.layers.get()
    form = layer_form(desk, act="save") | {"r0-p0-person": str(desk.expert.pk), "r0-p1-person": ""}
    signed_in("lead").post(reverse("layer_edit", args=["first-line", layer.pk]), form)
    monday = desk.now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=desk.now.weekday())
    if desk.now - monday > timedelta(minutes=1):
        assert on_call(desk, monday + timedelta(seconds=1)) == ["agent"]
    assert on_call(desk, desk.now + timedelta(hours=1)) == ["expert"]
    stale = signed_in("lead").post(reverse("layer_edit", args=["first-line", layer.pk]), form)
    assert stale.status_code == 404  # somebody has changed it meanwhile


@pytest.mark.parametrize(
    ("act", "people", "windows"),
    [
        ("add-person:0", 3, 0),
        ("drop-person:0:0", 1, 0),
        ("up:0:1", 2, 0),
        ("add-window:0", 2, 1),
        ("add-person:7", 2, 0),
    ],
)
def test_lines_are_added_moved_and_dropped_without_losing_what_was_typed(desk, signed_in, act, people, windows):  # type: ignore[no-untyped-def]
    where = reverse("layer_new", args=["first-line"])
    html = signed_in("lead").post(where, layer_form(desk, act=act, name="Half typed")).content.decode()
    assert "Half typed" in html
    assert len(re.findall(r'name="r0-p\d+-person"', html)) == people
    assert len(re.findall(r'name="r0-w\d+-start"', html)) == windows
    chosen = re.findall(r'<option value="([0-9a-f-]{36})" selected', html)
    swapped = act == "up:0:1"
    assert chosen[:1] == [str(desk.expert.pk if swapped or act.startswith("drop") else desk.agent.pk)]


def test_rotations_of_every_kind_with_restrictions_and_crews(desk, signed_in):  # type: ignore[no-untyped-def]
    form = layer_form(desk, act="save", name="Nights", zone="Australia/Lord_Howe") | {
        "r0-kind": "custom", "r0-hours": "36.5", "r0-p1-together": "on", "r0-w0-start": "18:00", "r0-w0-end": "08:00",
        "r0-w0-days": "3", "r0-w0-weekdays": "4", "r1-kind": "hourly", "r1-every": "6", "r1-handover": "00:00",
        "r1-weekday": "0", "r1-starts": form_start(desk), "r1-ends": "", "r1-hours": "", "r1-p0-person": str(desk.lead.pk),
    }  # fmt: skip
    assert signed_in("lead").post(reverse("layer_new", args=["first-line"]), form).status_code == 302
    stored = Layer.objects.get(name="Nights")
    first, second = stored.rotations
    assert first["crews"] == [[str(desk.agent.pk), str(desk.expert.pk)]]
    assert (first["minutes"], first["restrictions"][0]["days"], second["every"]) == (2190, 3, 6)
    html = page(signed_in("lead"), "schedule", "first-line")
    assert "Agent with Expert" in html
    assert "Fri 18:00 to 08:00 3 days later" in html
    # what is stored comes back into the form as it was typed
    form = page(signed_in("lead"), "layer_edit", "first-line", stored.pk)
    assert 'value="36.5"' in form


def form_start(desk) -> str:  # type: ignore[no-untyped-def]
    return f"{desk.now - 3 * DAY:{LOCAL}}"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"r0-p0-person": "", "r0-p1-person": ""}, "Name between 1 and 100 crews"),
        ({"r0-starts": "soon"}, "Write a date and a time"),
        ({"r0-every": "9999"}, "less than or equal to 8784"),
        ({"name": ""}, "required"),
        ({"r0-w0-start": "08:00", "r0-w0-end": "18:00", "r0-w0-days": "0"}, "Choose at least one day."),
        ({"r0-kind": "custom", "r0-hours": ""}, "A turn lasts whole minutes"),
    ],
)
def test_what_cannot_be_is_refused_beside_the_field(desk, signed_in, given, said):  # type: ignore[no-untyped-def]
    form = layer_form(desk, act="save", name="New") | given
    response = signed_in("lead").post(reverse("layer_new", args=["first-line"]), form)
    html = response.content.decode()
    assert said in html
    assert Layer.objects.count() == 1


def test_layers_change_places_and_end(desk, signed_in):  # type: ignore[no-untyped-def]
    client = signed_in("lead")
    client.post(reverse("layer_new", args=["first-line"]), layer_form(desk, act="save", name="Backup"))
    backup = Layer.objects.get(name="Backup")
    client.post(reverse("layer_move", args=["first-line", backup.pk]))
    assert [layer.name for layer in queries.layers_now(desk.schedule)] == ["Backup", "Weeks"]
    moved = Layer.objects.filter(name="Backup", valid_until=None).get()
    client.post(reverse("layer_remove", args=["first-line", moved.pk]))
    assert [layer.name for layer in queries.layers_now(desk.schedule)] == ["Weeks"]


def test_somebody_elses_schedule_is_refused_though_one_leads_another_team(desk, signed_in):  # type: ignore[no-untyped-def]
    Team.objects.filter(pk=desk.team.pk).update(lead=None, escalation_manager=None)
    client = signed_in("lead")  # still leads the experts
    refused = client.post(reverse("layer_new", args=["first-line"]), layer_form(desk, act="save"))
    assert refused.status_code == 403
    layer = desk.schedule.layers.get()
    assert client.post(reverse("layer_remove", args=["first-line", layer.pk])).status_code == 403
    assert client.post(reverse("shift_import", args=["first-line"]), {}).status_code == 403


# Feeds


def test_an_address_is_shown_once_read_by_anybody_and_revoked(desk, signed_in):  # type: ignore[no-untyped-def]
    client = signed_in("lead")
    made = client.post(reverse("feed_make"), {"schedule": "first-line"})
    assert made["Cache-Control"].startswith("max-age=0")
    (path,) = re.findall(r"(/calendars/[\w-]+\.ics)", made.content.decode())
    stranger = Client()
    answer = stranger.get(path)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.content.startswith(b"BEGIN:VCALENDAR\r\n")
    assert b"SUMMARY:Agent: First line on call" in answer.content
    assert path.split("/")[2][:-4] not in page(client, "my_shifts")
    own = FeedToken.objects.get(owner=desk.lead)
    assert own.digest not in path
    client.post(reverse("feed_revoke", args=[own.pk]))
    assert stranger.get(path).status_code == 404


def test_an_unchanged_calendar_is_not_sent_again(desk):  # type: ignore[no-untyped-def]
    where = reverse("feed", args=[desk.feed])
    first = Client().get(where)
    again = Client().get(where, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    actions.add_override(
        schedule_id=desk.schedule.pk,
        person=desk.expert,
        starts_at=desk.now,
        ends_at=desk.now + DAY,
        by=None,
        now=desk.now,
    )
    changed = Client().get(where, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200


def test_a_feed_of_ones_own_shows_only_ones_own_shifts(desk):  # type: ignore[no-untyped-def]
    text = Client().get(reverse("feed", args=[desk.feed])).content.decode()
    assert "SUMMARY:On call: First line on call" in text
    assert str(desk.lead.pk) not in text


@pytest.mark.parametrize("token", ["never-was", "x" * 99, "x" * 500, "%C3%A4"])
def test_a_token_that_never_was_is_not_there(desk, token):  # type: ignore[no-untyped-def]
    assert Client().get(f"/calendars/{token}.ics").status_code == 404


def test_a_feed_ends_with_its_owners_account(desk):  # type: ignore[no-untyped-def]
    desk.agent.is_active = False
    desk.agent.save()
    assert Client().get(reverse("feed", args=[desk.feed])).status_code == 404


def test_nobody_revokes_the_address_of_another(desk, signed_in):  # type: ignore[no-untyped-def]
    own = FeedToken.objects.get(owner=desk.agent)
    assert signed_in("expert").post(reverse("feed_revoke", args=[own.pk])).status_code == 404
    assert signed_in("requester").post(reverse("feed_make")).status_code == 403


# Import


def calendar(desk) -> str:  # type: ignore[no-untyped-def]
    start = (desk.now + DAY).strftime("%Y%m%dT%H%M%SZ")
    end = (desk.now + 2 * DAY).strftime("%Y%m%dT%H%M%SZ")
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART:{start}\r\nDTEND:{end}\r\nSUMMARY:{summary}\r\nEND:VEVENT\r\n"
        for uid, summary in (("1", "Cover expert@desk.example"), ("2", "Somebody unknown"))
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//EN\r\n{events}END:VCALENDAR\r\n"


def test_a_calendar_is_looked_at_first_and_then_taken_over(desk, signed_in):  # type: ignore[no-untyped-def]
    client, where = signed_in("lead"), reverse("shift_import", args=["first-line"])
    file = SimpleUploadedFile("duty.ics", calendar(desk).encode(), "text/calendar")
    html = client.post(where, {"file": file, "source": "roster", "act": "preview"}).content.decode()
    assert "The file comes to 1 shift<" in html
    assert "1 event name nobody" in html
    assert not Shift.objects.exists()
    response = client.post(where, {"text": calendar(desk), "source": "roster", "act": "apply"})
    assert response.status_code == 302
    assert [shift.person for shift in Shift.objects.all()] == [desk.expert]


@pytest.mark.parametrize("content", [b"", b"no calendar", b"x" * (1024 * 1024 + 1)])
def test_a_file_that_is_no_calendar_is_refused_kindly(desk, signed_in, content):  # type: ignore[no-untyped-def]
    file = SimpleUploadedFile("duty.ics", content, "text/calendar")
    response = signed_in("lead").post(
        reverse("shift_import", args=["first-line"]), {"file": file, "source": "roster", "act": "preview"}
    )
    assert response.status_code == 422


# Load, the chip


def test_the_load_names_hours_nights_and_pages(desk, signed_in):  # type: ignore[no-untyped-def]
    html = page(signed_in("lead"), "schedule_load", "first-line", period="next-4")
    assert "336 h" in html or "33" in html
    assert "Weekends" in html
    assert "Pages" in page(signed_in("lead"), "oncall_load", period="last-4")
    assert "nonsense" not in page(signed_in("lead"), "oncall_load", period="nonsense")


def test_the_sidebar_says_who_is_on_call_for_my_teams(desk, signed_in):  # type: ignore[no-untyped-def]
    html = page(signed_in("agent"), "settings")
    assert 'title="On call now in First line on call"' in html
    assert "On call now in" not in page(signed_in("expert"), "settings")


def test_the_chip_costs_the_same_for_many_schedules(desk, signed_in, django_assert_max_num_queries):  # type: ignore[no-untyped-def]
    from tocsin.web.shell import on_call_chips  # noqa: PLC0415 - beside the request that it needs

    request = signed_in("agent").get(reverse("settings")).wsgi_request
    on_call_chips(request)
    for number in range(3):
        actions.create_schedule(name=f"S{number}", slug=f"s{number}", zone="UTC", team=desk.team, by=None, now=desk.now)
    on_call_chips(request)
    with django_assert_max_num_queries(4):
        assert len(on_call_chips(request)) == 4


def test_somebody_on_call_without_a_verified_address_is_pointed_out(desk, signed_in):  # type: ignore[no-untyped-def]
    ContactMethod.objects.filter(user=desk.agent).update(verified_at=None)
    html = page(signed_in("lead"), "schedule", "first-line")
    assert "no verified address" in html
    assert "On call without a verified address" in html


def test_requesters_see_no_schedule(desk, signed_in):  # type: ignore[no-untyped-def]
    for name in ("schedules", "my_shifts", "oncall_load"):
        assert signed_in("requester").get(reverse(name)).status_code == 403
    assert signed_in("stakeholder").get(reverse("schedules")).status_code == 200
    assert signed_in("agent").get(reverse("schedule", args=["nowhere"])).status_code == 404
    assert signed_in("agent").post(reverse("swap_answer", args=[UUID(int=1)])).status_code == 404
