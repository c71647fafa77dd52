"""What can be done to schedules, in the database."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.domain.oncall.conftest import MONDAY, Desk
from tocsin.domain.oncall import actions, queries
from tocsin.domain.oncall.logic.schedule import Layer
from tocsin.domain.oncall.models import FeedToken, Override, Schedule
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound, TocsinError

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEFORE = MONDAY - 10 * DAY


def test_a_schedule_has_its_layers_and_is_journalled(desk: Desk) -> None:
    assert (desk.on(MONDAY), desk.on(MONDAY + 7 * DAY), desk.on(MONDAY - HOUR)) == (["ana"], ["ben"], [])
    assert desk.evidence(MONDAY) == ["on call in Network primary: weekly rotation until 2026-03-09 09:00 CET"]
    assert desk.kinds() == ["schedule.created"]


def test_names_and_slugs_are_taken_once(desk: Desk) -> None:
    for given in ({"name": "NETWORK primary", "slug": "x"}, {"name": "X", "slug": "network"}):
        with pytest.raises(Conflict):
            actions.create_schedule(**given, zone="UTC", by=None, now=MONDAY)


def test_only_those_who_run_a_schedule_change_it(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        actions.edit_schedule(schedule_id=desk.schedule.pk, zone="UTC", by=desk["ana"], now=MONDAY)
    actions.edit_schedule(schedule_id=desk.schedule.pk, zone="UTC", by=desk["lead"], now=MONDAY)
    assert queries.schedule_of("network").zone == "UTC"


def test_changed_layers_count_from_now_on_and_leave_the_past_as_it_was(desk: Desk) -> None:
    now = MONDAY + 2 * DAY
    layers = [desk.weekly("cyd"), desk.weekly("ana", name="Backup")]
    actions.set_layers(schedule_id=desk.schedule.pk, layers=layers, by=desk["lead"], now=now)
    assert (desk.on(now - HOUR), desk.on(now)) == (["ana"], ["cyd"])
    actions.set_layer(schedule_id=desk.schedule.pk, layer=desk.weekly("ben"), by=desk["lead"], now=now + DAY)
    assert (desk.on(now + HOUR), desk.on(now + DAY)) == (["cyd"], ["ben"])
    assert [layer.name for layer in desk.schedule.layers.filter(valid_until=None).order_by("position")] == [
        "Primary", "Backup",
    ]  # fmt: skip


def test_changed_hours_leave_everybodys_turn_where_it_was(desk: Desk) -> None:
    now = MONDAY + 8 * DAY
    actions.set_layer(schedule_id=desk.schedule.pk, layer=desk.weekly("ana", "ben", every=1), by=None, now=now)
    assert desk.schedule.layers.count() == 1, "the same layer goes on untouched"
    actions.set_layer(
        schedule_id=desk.schedule.pk, layer=desk.weekly("ana", "ben", weekday=0, ends=None), by=None, now=now
    )
    assert (desk.on(now), desk.on(now + 7 * DAY)) == (["ben"], ["ana"])


@pytest.mark.parametrize("person", ["rita", "stan"])
def test_only_staff_take_turns(desk: Desk, person: str) -> None:
    with pytest.raises(InvalidInput, match="staff"):
        actions.set_layer(schedule_id=desk.schedule.pk, layer=desk.weekly(person), by=None, now=MONDAY)
    assert desk.on(MONDAY) == ["ana"]


def test_an_override_takes_the_place_of_everybody(desk: Desk) -> None:
    made = {"schedule_id": desk.schedule.pk, "starts_at": MONDAY, "ends_at": MONDAY + DAY, "by": desk["cyd"]}
    actions.add_override(person=desk["cyd"], now=BEFORE, reason="training", **made)
    assert desk.on(MONDAY) == ["cyd"]
    assert desk.evidence(MONDAY) == [
        "on call in Network primary: override by Cyd until 2026-03-03 09:00 CET (training)"
    ]
    assert desk.on(MONDAY + DAY) == ["ana"]


def test_agents_take_duty_but_do_not_give_it(desk: Desk) -> None:
    span = {"schedule_id": desk.schedule.pk, "starts_at": MONDAY, "ends_at": MONDAY + DAY, "now": BEFORE}
    for act in (actions.add_override, actions.add_shift):
        with pytest.raises(NotAllowed):
            act(person=desk["ben"], by=desk["cyd"], **span)
        act(person=desk["ben"], by=desk["lead"], **span)


def test_an_override_does_not_change_the_past(desk: Desk) -> None:
    now = MONDAY + DAY
    span = {"schedule_id": desk.schedule.pk, "person": desk["cyd"], "by": None, "now": now}
    made = actions.add_override(starts_at=MONDAY, ends_at=now + DAY, **span)
    assert (desk.on(MONDAY), desk.on(now)) == (["ana"], ["cyd"])
    actions.end_override(override_id=made.pk, by=None, now=now + HOUR)
    assert (desk.on(now), desk.on(now + HOUR)) == (["cyd"], ["ana"])
    with pytest.raises(InvalidInput, match="history"):
        actions.add_override(starts_at=MONDAY, ends_at=now, **span)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"layer": "Nights"}, "no_layer"),
        ({"ends_at": MONDAY}, "bad_span"),
        ({"ends_at": MONDAY.replace(tzinfo=None)}, "bad_span"),
    ],
)
def test_overrides_that_cannot_be_are_refused(desk: Desk, change: dict[str, object], code: str) -> None:
    span = {"starts_at": MONDAY, "ends_at": MONDAY + DAY}
    with pytest.raises(InvalidInput) as refused:
        actions.add_override(
            schedule_id=desk.schedule.pk, person=desk["cyd"], by=None, now=BEFORE, **{**span, **change}
        )
    assert refused.value.code == code


def test_a_one_off_shift_adds_to_the_rotation_and_ends_early(desk: Desk) -> None:
    made = actions.add_shift(
        schedule_id=desk.schedule.pk, person=desk["cyd"], starts_at=MONDAY, ends_at=MONDAY + DAY, by=None, now=BEFORE
    )
    assert desk.on(MONDAY) == ["ana", "cyd"]
    actions.end_shift(shift_id=made.pk, by=desk["lead"], now=BEFORE)
    assert desk.on(MONDAY) == ["ana"]


def offer(desk: Desk, **given: object) -> object:
    values = {
        "schedule_id": desk.schedule.pk, "offered_by": desk["ana"], "offered_to": desk["ben"], "by": desk["ana"],
        "starts_at": MONDAY + DAY, "ends_at": MONDAY + 2 * DAY, "now": BEFORE,
    }  # fmt: skip
    return actions.offer_swap(**{**values, **given})


def test_a_swap_changes_nothing_until_it_is_accepted(desk: Desk) -> None:
    back = (MONDAY + 8 * DAY, MONDAY + 9 * DAY)
    swap = offer(desk, in_return=back)
    assert desk.on(MONDAY + DAY) == ["ana"]
    assert [one.pk for one in queries.swaps_for(desk["ben"], BEFORE)] == [swap.pk]
    with pytest.raises(NotAllowed):
        actions.answer_swap(swap_id=swap.pk, accept=True, by=desk["cyd"], now=BEFORE)
    actions.answer_swap(swap_id=swap.pk, accept=True, by=desk["ben"], now=BEFORE)
    assert [desk.on(at) for at in (MONDAY, MONDAY + DAY, MONDAY + 2 * DAY)] == [["ana"], ["ben"], ["ana"]]
    assert [desk.on(at) for at in (MONDAY + 7 * DAY, back[0], back[1])] == [["ben"], ["ana"], ["ben"]]
    assert desk.evidence(MONDAY + DAY) == [
        "on call in Network primary: weekly rotation until 2026-03-09 09:00 CET; "
        "swap: Ben instead of Ana until 2026-03-04 09:00 CET"
    ]


def test_answering_a_swap_again_changes_nothing(desk: Desk) -> None:
    swap = offer(desk)
    for _ in range(2):
        actions.answer_swap(swap_id=swap.pk, accept=True, by=desk["ben"], now=BEFORE)
    assert Override.objects.count() == 1
    with pytest.raises(Conflict):
        actions.answer_swap(swap_id=swap.pk, accept=False, by=desk["ben"], now=BEFORE)
    with pytest.raises(Conflict):
        actions.withdraw_swap(swap_id=swap.pk, by=desk["ana"], now=BEFORE)


def test_declined_and_withdrawn_swaps_change_nothing(desk: Desk) -> None:
    actions.answer_swap(swap_id=offer(desk).pk, accept=False, by=desk["ben"], now=BEFORE)
    actions.withdraw_swap(swap_id=offer(desk).pk, by=desk["ana"], now=BEFORE)
    assert (desk.on(MONDAY + DAY), Override.objects.count()) == (["ana"], 0)
    assert desk.kinds()[1:] == [
        "schedule.swap_offered", "schedule.swap_declined", "schedule.swap_offered", "schedule.swap_withdrawn",
    ]  # fmt: skip


def test_nobody_gives_a_duty_that_they_do_not_have(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match="Ana is not on call"):
        offer(desk, starts_at=MONDAY + 8 * DAY, ends_at=MONDAY + 9 * DAY)
    with pytest.raises(InvalidInput, match="Ben is not on call"):
        offer(desk, in_return=(MONDAY, MONDAY + DAY))
    swap = offer(desk)
    span = {"starts_at": MONDAY, "ends_at": MONDAY + 3 * DAY}
    actions.add_override(schedule_id=desk.schedule.pk, person=desk["cyd"], by=None, now=BEFORE, **span)
    with pytest.raises(Conflict, match="roster has changed"):
        actions.answer_swap(swap_id=swap.pk, accept=True, by=desk["ben"], now=BEFORE)


def test_only_a_cover_that_has_accepted_stands_in(desk: Desk) -> None:
    away = actions.report_absence(
        person=desk["ana"], starts_at=MONDAY, ends_at=MONDAY + 2 * DAY, cover=desk["cyd"], by=desk["ana"], now=BEFORE
    )
    assert desk.on(MONDAY) == ["ana"], "away, but there is nobody else"
    assert "nobody covers" in desk.evidence(MONDAY)[0]
    assert [one.pk for one in queries.covers_for(desk["cyd"], MONDAY)] == [away.pk]
    with pytest.raises(NotAllowed):
        actions.answer_cover(absence_id=away.pk, accept=True, by=desk["ben"], now=BEFORE)
    actions.answer_cover(absence_id=away.pk, accept=True, by=desk["cyd"], now=BEFORE)
    assert (desk.on(MONDAY), desk.on(MONDAY + 2 * DAY)) == (["cyd"], ["ana"])
    assert "Cyd covers for Ana until 2026-03-04 09:00 CET" in desk.evidence(MONDAY)[0]
    kinds = desk.kinds(f"person:{desk['ana'].pk}")
    assert [kind for kind in kinds if kind.startswith("absence.")] == ["absence.reported", "absence.cover_accepted"]


def test_another_cover_is_asked_anew_and_an_absence_ends_early(desk: Desk) -> None:
    away = actions.report_absence(
        person=desk["ana"], starts_at=MONDAY, ends_at=MONDAY + 2 * DAY, cover=desk["cyd"], by=desk["ana"], now=BEFORE
    )
    actions.answer_cover(absence_id=away.pk, accept=False, by=desk["cyd"], now=BEFORE)
    actions.propose_cover(absence_id=away.pk, cover=desk["ben"], by=desk["lead"], now=BEFORE)
    actions.answer_cover(absence_id=away.pk, accept=True, by=desk["ben"], now=BEFORE)
    assert desk.on(MONDAY) == ["ben"]
    actions.end_absence(absence_id=away.pk, by=desk["ana"], now=MONDAY + DAY)
    assert (desk.on(MONDAY), desk.on(MONDAY + DAY)) == (["ben"], ["ana"])


def test_nobody_covers_for_themselves(desk: Desk) -> None:
    span = {"starts_at": MONDAY, "ends_at": MONDAY + DAY, "by": None, "now": BEFORE}
    with pytest.raises(InvalidInput):
        actions.report_absence(person=desk["ana"], cover=desk["ana"], **span)


def test_a_feed_is_secret_and_revocable(desk: Desk) -> None:
    token, row = actions.make_feed(owner=desk["ana"], by=desk["ana"], now=BEFORE)
    assert token not in str(FeedToken.objects.values_list().get())
    assert queries.feed_text(token, MONDAY).count("BEGIN:VEVENT") == 13
    with pytest.raises(NotFound):
        actions.revoke_feed(feed_id=row.pk, by=desk["ben"], now=MONDAY)
    actions.revoke_feed(feed_id=row.pk, by=desk["ana"], now=MONDAY)
    for wrong in (token, "", "x" * 43):
        with pytest.raises(NotFound) as refused:
            queries.feed_text(wrong, MONDAY)
        assert refused.value.code == "feed_not_found"


def test_the_feed_of_somebody_who_has_left_is_closed(desk: Desk) -> None:
    token, _ = actions.make_feed(owner=desk["ana"], schedule=desk.schedule, by=desk["ana"], now=BEFORE)
    assert "SUMMARY:Ben: Network primary" in queries.feed_text(token, MONDAY)
    desk["ana"].is_active = False
    desk["ana"].save()
    with pytest.raises(NotFound):
        queries.feed_text(token, MONDAY)


def test_a_refused_act_leaves_no_trace(desk: Desk) -> None:
    before = (Schedule.objects.get().stamp, desk.kinds())
    with pytest.raises(TocsinError):
        actions.set_layers(schedule_id=desk.schedule.pk, layers=[Layer("", ())], by=None, now=MONDAY)
    assert (Schedule.objects.get().stamp, desk.kinds()) == before


@pytest.mark.parametrize(
    "broken",
    [{"ends_at": MONDAY}, {"layer": "Primary", "instead_of": "ana"}, {"instead_of": "cyd"}],
    ids=["ends before it starts", "layer and person", "instead of oneself"],
)
def test_the_database_refuses_what_must_never_be(desk: Desk, broken: dict[str, object]) -> None:
    values = {
        "schedule": desk.schedule, "person": desk["cyd"], "starts_at": MONDAY, "ends_at": MONDAY + DAY, "made_at": MONDAY
    } | broken  # fmt: skip
    if isinstance(name := values.get("instead_of"), str):
        values["instead_of"] = desk[name]
    with pytest.raises(IntegrityError), transaction.atomic():
        Override.objects.create(**values)
