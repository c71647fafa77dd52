"""Tags, fields and things on a ticket."""

import pytest

from tests.domain.desk.conftest import Desk
from tocsin.domain.desk import actions
from tocsin.domain.desk.models import AssetLink, Field, FieldValue, Tagging
from tocsin.domain.journal.models import Entry
from tocsin.domain.people.models import Organisation
from tocsin.kernel.errors import InvalidInput, NotAllowed, NotFound


def kinds(desk: Desk) -> list[str]:
    return list(
        Entry.objects.filter(stream=f"ticket:{desk.ticket.pk}").order_by("position").values_list("kind", flat=True)
    )


def test_tags_are_replaced_and_journalled_once(desk: Desk) -> None:
    for _ in range(2):
        assert actions.set_tags(ticket_id=desk.ticket.pk, tags=["VPN", "vpn", "Berlin"], by=desk.ana, now=desk.now) == [
            "berlin",
            "vpn",
        ]
    actions.set_tags(ticket_id=desk.ticket.pk, tags=["vpn"], by=desk.ana, now=desk.now)
    assert list(Tagging.objects.values_list("tag__name", flat=True)) == ["vpn"]
    assert kinds(desk).count("ticket.tagged") == 2


def field(desk: Desk, slug: str, kind: str, **more: object) -> Field:
    return actions.save_field(name=slug.title(), slug=slug, kind=kind, by=desk.lea, now=desk.now, **more)  # type: ignore[arg-type]  # choices


def test_fields_are_set_all_or_none_and_cleared_by_an_empty_text(desk: Desk) -> None:
    field(desk, "cost", "number")
    field(desk, "site", "choice", choices=["Berlin", "Prague"])
    with pytest.raises(InvalidInput) as refused:
        actions.set_fields(
            ticket_id=desk.ticket.pk, values={"cost": "12", "site": "Rome", "x": "1"}, by=desk.ana, now=desk.now
        )
    assert sorted(refused.value.fields) == ["site", "x"]
    assert not FieldValue.objects.exists()
    given = {"cost": "12,5", "site": "Prague"}
    assert actions.set_fields(ticket_id=desk.ticket.pk, values=given, by=desk.ana, now=desk.now) == {
        "cost": "12.5",
        "site": "Prague",
    }
    assert actions.set_fields(ticket_id=desk.ticket.pk, values={"site": ""}, by=desk.ana, now=desk.now) == {
        "cost": "12.5"
    }


def test_a_field_that_cannot_work_is_refused_by_field(desk: Desk) -> None:
    for given, name in (
        ({"kind": "colour"}, "kind"),
        ({"choices": ["one"]}, "choices"),
        ({"slug": "A b"}, "slug"),
        ({"name": ""}, "name"),
    ):
        with pytest.raises(InvalidInput) as refused:
            actions.save_field(
                **{"name": "Site", "slug": "site", "kind": "choice", "choices": ["a", "b"], **given},
                by=desk.lea,
                now=desk.now,
            )  # type: ignore[arg-type]  # one wrong at a time
        assert list(refused.value.fields) == [name]
    with pytest.raises(NotAllowed):
        actions.save_field(name="Site", slug="site", kind="text", by=desk.ana, now=desk.now)


def test_a_fields_kind_stays(desk: Desk) -> None:
    made = field(desk, "cost", "number")
    with pytest.raises(InvalidInput, match="cannot be changed"):
        actions.save_field(name="Cost", slug="cost", kind="text", by=desk.lea, now=desk.now, field_id=made.pk)


def test_a_thing_is_linked_to_its_own_customers_tickets_only(desk: Desk) -> None:
    ours = actions.save_asset(name="Printer 7", by=desk.lea, now=desk.now)
    theirs = actions.save_asset(
        name="SRV-1", organisation=Organisation.objects.create(name="Globex"), by=desk.lea, now=desk.now
    )
    for _ in range(2):
        actions.link_asset(ticket_id=desk.ticket.pk, asset_id=ours.pk, by=desk.ana, now=desk.now)
    assert AssetLink.objects.count() == 1
    with pytest.raises(NotFound):
        actions.link_asset(ticket_id=desk.ticket.pk, asset_id=theirs.pk, by=desk.ana, now=desk.now)
    actions.unlink_asset(ticket_id=desk.ticket.pk, asset_id=ours.pk, by=desk.ana, now=desk.now)
    assert kinds(desk)[-2:] == ["ticket.asset_linked", "ticket.asset_unlinked"]


def test_two_things_cannot_have_one_name(desk: Desk) -> None:
    actions.save_asset(name="Printer 7", by=desk.lea, now=desk.now)
    with pytest.raises(InvalidInput):
        actions.save_asset(name="PRINTER 7", by=desk.lea, now=desk.now)
