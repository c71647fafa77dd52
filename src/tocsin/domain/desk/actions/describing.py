"""Tags, an organisation's own fields, and the things a ticket concerns."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tocsin.domain.desk.actions.working import journal, worked_on
from tocsin.domain.desk.enums import Criticality, FieldKind
from tocsin.domain.desk.logic.fields import NotReadable, read, tag
from tocsin.domain.desk.models import Asset, AssetLink, Field, FieldValue, Tag, Tagging
from tocsin.domain.desk.rules import may_set_up_desk
from tocsin.domain.journal.actions import record
from tocsin.domain.people.models import Organisation, Service, User
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import InvalidInput, NotAllowed, NotFound
from tocsin.kernel.ids import new_id

MOST_TAGS = 20


@transaction.atomic
def set_tags(*, ticket_id: UUID, tags: Iterable[str], by: User, now: datetime) -> list[str]:
    """Replace a ticket's tags; words become small letters with hyphens. Returns them, sorted."""
    ticket = worked_on(ticket_id, by)
    wanted = sorted({name for typed in tags if (name := tag(typed))})
    if len(wanted) > MOST_TAGS:
        problem = f"At most {MOST_TAGS} tags; these are {len(wanted)}."
        raise InvalidInput("too_many", problem, {"tags": problem})
    before = sorted(Tagging.objects.filter(ticket=ticket).values_list("tag__name", flat=True))
    if wanted == before:
        return wanted
    Tagging.objects.filter(ticket=ticket).exclude(tag__name__in=wanted).delete()
    Tag.objects.bulk_create([Tag(name=name) for name in wanted], ignore_conflicts=True)
    known = Tag.objects.filter(name__in=wanted)
    Tagging.objects.bulk_create([Tagging(ticket=ticket, tag=one) for one in known], ignore_conflicts=True)
    journal(ticket, "ticket.tagged", by, now, before=before, after=wanted)
    return wanted


@transaction.atomic
def save_field(
    *, name: str, slug: str, kind: str, by: User, now: datetime, choices: Sequence[str] = (), service: Service | None = None,
    required: bool = False, position: int = 0, active: bool = True, field_id: UUID | None = None,
) -> Field:  # fmt: skip
    """Define a field, or change one (its kind stays: what is kept must stay readable)."""
    _require_set_up(by)
    chosen = list(dict.fromkeys(text.strip() for text in choices if text.strip()))
    problems: dict[str, str] = {}
    if not name.strip() or len(name.strip()) > 80:
        problems["name"] = "Give it a name of at most 80 characters."
    if kind not in FieldKind.values:
        problems["kind"] = f"Choose one of: {', '.join(FieldKind.values)}."
    if kind == FieldKind.CHOICE and len(chosen) < 2:
        problems["choices"] = "Give at least two choices, one a line."
    if tag(slug) != slug or not slug:
        problems["slug"] = "Write small letters, digits and hyphens."
    pk = field_id or new_id()
    present = Field.objects.filter(pk=pk).first()
    if field_id and present is None:
        raise NotFound("field_not_found", "There is no such field.")
    if present is not None and present.kind != kind:
        problems["kind"] = "The kind cannot be changed. Retire this field and define another."
    if Field.objects.filter(slug=slug).exclude(pk=pk).exists():
        problems["slug"] = "Another field has it."
    if problems:
        raise InvalidInput("bad_field", " ".join(problems.values()), problems)
    values = {
        "name": name.strip(), "slug": slug, "kind": kind, "choices": chosen if kind == FieldKind.CHOICE else [],
        "service": service, "required": required, "position": position, "is_active": active,
    }  # fmt: skip
    field, _ = Field.objects.update_or_create(pk=pk, defaults=values)
    data = {"field": slug, "kind": kind, "required": required, "active": active}
    record(stream="system", kind="field.saved", actor=f"person:{by.pk}", at=now, data=data)
    return field


@transaction.atomic
def set_fields(*, ticket_id: UUID, values: Mapping[str, str], by: User, now: datetime) -> dict[str, Any]:
    """Set fields of a ticket by slug as typed; an empty text clears one. Returns what is kept now.

    All or nothing: InvalidInput names every field that cannot be read, with what would do.
    """
    ticket = worked_on(ticket_id, by)
    fields = {field.slug: field for field in Field.objects.filter(slug__in=values, is_active=True)}
    problems = {slug: "There is no such field." for slug in values if slug not in fields}
    read_as: dict[str, Any] = {}
    for slug, field in fields.items():
        try:
            read_as[slug] = read(field.kind, values[slug], field.choices)
        except NotReadable as error:
            problems[slug] = str(error)
    if problems:
        raise InvalidInput("bad_value", " ".join(problems.values()), problems)
    before = {v.field.slug: v.value for v in FieldValue.objects.filter(ticket=ticket).select_related("field")}
    changed = {slug: value for slug, value in read_as.items() if before.get(slug) != value}
    for slug, value in changed.items():
        if value is None:
            FieldValue.objects.filter(ticket=ticket, field=fields[slug]).delete()
        else:
            FieldValue.objects.update_or_create(ticket=ticket, field=fields[slug], defaults={"value": value})
    if changed:
        journal(ticket, "ticket.fields_set", by, now, fields=sorted(changed))
    return {slug: value for slug, value in {**before, **changed}.items() if value is not None}


@transaction.atomic
def save_asset(
    *, name: str, by: User, now: datetime, kind: str = "", owner: User | None = None, organisation: Organisation | None = None,
    service: Service | None = None, criticality: int = Criticality.NORMAL, serial: str = "", notes: str = "",
    active: bool = True, asset_id: UUID | None = None,
) -> Asset:  # fmt: skip
    """Enter a thing into the register, or change it."""
    _require_set_up(by)
    pk = asset_id or new_id()
    problems: dict[str, str] = {}
    if not name.strip() or len(name.strip()) > 120:
        problems["name"] = "Give it a name of at most 120 characters."
    elif Asset.objects.filter(name__iexact=name.strip()).exclude(pk=pk).exists():
        problems["name"] = "Something else has this name."
    if criticality not in Criticality.values:
        problems["criticality"] = "Choose 1 (vital) to 4 (minor)."
    if len(kind) > 60 or len(serial) > 120:
        problems["kind"] = "Shorten the kind or the serial number."
    if problems:
        raise InvalidInput("bad_asset", " ".join(problems.values()), problems)
    values = {
        "name": name.strip(), "kind": kind.strip(), "owner": owner, "organisation": organisation, "service": service,
        "criticality": criticality, "serial": serial.strip(), "notes": notes, "is_active": active,
    }  # fmt: skip
    asset, made = Asset.objects.update_or_create(pk=pk, defaults=values)
    data = {"asset": str(asset.pk), "name": asset.name, "new": made}
    record(stream="system", kind="asset.saved", actor=f"person:{by.pk}", at=now, data=data)
    return asset


@transaction.atomic
def link_asset(*, ticket_id: UUID, asset_id: UUID, by: User, now: datetime) -> None:
    """Say that the ticket concerns this thing. Saying it again changes nothing."""
    ticket = worked_on(ticket_id, by)
    asset = Asset.objects.filter(pk=asset_id).first()
    if asset is None or not _fits(asset, ticket):
        raise NotFound("asset_not_found", "There is no such thing in the register, or it is another customer's.")
    _, made = AssetLink.objects.get_or_create(ticket=ticket, asset=asset)
    if made:
        journal(ticket, "ticket.asset_linked", by, now, asset=str(asset.pk), name=asset.name)


@transaction.atomic
def unlink_asset(*, ticket_id: UUID, asset_id: UUID, by: User, now: datetime) -> None:
    """Take the thing off the ticket."""
    ticket = worked_on(ticket_id, by)
    gone, _ = AssetLink.objects.filter(ticket=ticket, asset=asset_id).delete()
    if gone:
        journal(ticket, "ticket.asset_unlinked", by, now, asset=str(asset_id))


def _fits(asset: Asset, ticket: Ticket) -> bool:
    """Say whether a thing may stand on a ticket: ours, or the same customer's."""
    return asset.organisation_id is None or asset.organisation_id == ticket.organisation_id


def _require_set_up(by: User) -> None:
    if not may_set_up_desk.test(by):
        raise NotAllowed(
            "not_allowed", "Fields and the register are kept by leads and administrators. Ask one of them."
        )
