"""What leads set up for the desk: fields of their own, and the register of things that can fail."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.domain.desk import actions
from tocsin.domain.desk import queries as desk
from tocsin.domain.desk.models import Asset, Field
from tocsin.domain.desk.rules import may_set_up_desk
from tocsin.domain.people import queries as people
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import now, staff, viewer, worker
from tocsin.web.desk import choices
from tocsin.web.desk.working_forms import AssetForm, FieldForm
from tocsin.web.sheets import done, sheet

GET_OR_POST = ["GET", "HEAD", "POST"]


@staff
@require_safe
def fields(request: HttpRequest) -> HttpResponse:
    """Every field that was ever defined."""
    context = {"fields": desk.fields(), "may_change": may_set_up_desk.test(viewer(request)), "section": "settings"}
    return render(request, "control/fields.html", context)


@worker
@require_http_methods(GET_OR_POST)
def field(request: HttpRequest, field_id: UUID | None = None) -> HttpResponse:
    """Define a field, or change one."""
    present = desk.access_field(field_id) if field_id else None
    form = FieldForm(request.POST or None, initial=_field(present), services=choices.services())
    where = reverse("fields")
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_field(
                name=form.value("name"), slug=form.value("slug"), kind=form.value("kind"),
                choices=form.value("choices").splitlines(), service=choices.service_of(form.uuid("service")),
                required=form.cleaned_data["required"], position=form.cleaned_data["position"],
                active=form.cleaned_data["active"], field_id=field_id, by=viewer(request), now=now(request),
            )  # fmt: skip
            return done(request, where, f"{form.value('name')} is set.")
        except TocsinError as error:
            form.refuse(error)
    title = f"Change {present.name}" if present else "New field"
    return sheet(request, form, title=title, submit="Save the field", cancel=where)


def _field(present: Field | None) -> dict[str, object]:
    if present is None:
        return {"active": True, "position": 0}
    return {
        "name": present.name, "slug": present.slug, "kind": present.kind, "choices": "\n".join(present.choices),
        "service": present.service_id or "", "required": present.required, "position": present.position,
        "active": present.is_active,
    }  # fmt: skip


@staff
@require_safe
def assets(request: HttpRequest) -> HttpResponse:
    """The register, the most critical first."""
    text = request.GET.get("q", "")[:100]
    found = desk.assets(text, only_active=not request.GET.get("all"))
    context = {
        "assets": found[:500], "total": found.count(), "q": text, "all": request.GET.get("all", ""),
        "may_change": may_set_up_desk.test(viewer(request)), "section": "assets",
    }  # fmt: skip
    return render(request, "control/assets.html", context)


@staff
@require_safe
def asset(request: HttpRequest, asset_id: UUID) -> HttpResponse:
    """One thing, and the tickets that concern it."""
    found = desk.access_asset(asset_id)
    context = {
        "asset": found, "tickets": desk.tickets_of_asset(found.pk), "may_change": may_set_up_desk.test(viewer(request)),
        "section": "assets",
    }  # fmt: skip
    return render(request, "control/asset.html", context)


@worker
@require_http_methods(GET_OR_POST)
def asset_edit(request: HttpRequest, asset_id: UUID | None = None) -> HttpResponse:
    """Enter a thing, or change it."""
    present = desk.access_asset(asset_id) if asset_id else None
    customers = people.organisations()
    form = AssetForm(
        request.POST or None, initial=_asset(present), people=choices.staff(),
        customers=[(str(one.pk), one.name) for one in customers], services=choices.services(),
    )  # fmt: skip
    where = reverse("asset", args=[asset_id]) if asset_id else reverse("assets")
    if request.method == "POST" and form.is_valid():
        try:
            kept = actions.save_asset(
                name=form.value("name"), kind=form.value("kind"), criticality=int(form.value("criticality")),
                owner=choices.person_of(form.uuid("owner")), service=choices.service_of(form.uuid("service")),
                organisation=next((one for one in customers if one.pk == form.uuid("organisation")), None),
                serial=form.value("serial"), notes=form.value("notes"), active=form.cleaned_data["active"],
                asset_id=asset_id, by=viewer(request), now=now(request),
            )  # fmt: skip
            return done(request, reverse("asset", args=[kept.pk]), f"{kept.name} is in the register.")
        except TocsinError as error:
            form.refuse(error)
    title = f"Change {present.name}" if present else "New thing"
    return sheet(request, form, title=title, submit="Save", cancel=where)


def _asset(present: Asset | None) -> dict[str, object]:
    if present is None:
        return {"active": True, "criticality": "3"}
    return {
        "name": present.name, "kind": present.kind, "criticality": str(present.criticality), "owner": present.owner_id or "",
        "organisation": present.organisation_id or "", "service": present.service_id or "", "serial": present.serial,
        "notes": present.notes, "active": present.is_active,
    }  # fmt: skip
