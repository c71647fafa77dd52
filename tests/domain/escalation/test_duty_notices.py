"""Whoever on-call asks for something is told, in their own zone."""

from datetime import UTC, datetime, time, timedelta

import pytest

from tocsin.domain.notify.models import Page
from tocsin.domain.oncall import actions
from tocsin.domain.oncall.logic.schedule import Layer, Rotation, RotationKind

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def schedule(company):
    crews = ((str(company["nora"].pk),), (str(company["kai"].pk),))
    layer = Layer("Primary", (Rotation(RotationKind.WEEKLY, crews, MONDAY, handover=time(8)),))
    return actions.create_schedule(
        name="Network primary", slug="primary", zone="UTC", team=company.network, by=company["polly"], now=MONDAY,
        layers=[layer],
    )  # fmt: skip


def told(company, name: str) -> list[str]:
    rows = Page.objects.filter(user=company[name], purpose="notice").order_by("created_at", "pk")
    return [page.subject for page in rows]


def test_swap_is_told_to_who_is_asked_and_the_answer_to_who_asked(company, schedule):
    company["kai"].zone = "Europe/Berlin"
    company["kai"].save()
    swap = actions.offer_swap(
        schedule_id=schedule.pk, offered_by=company["nora"], offered_to=company["kai"],
        starts_at=MONDAY + timedelta(days=3), ends_at=MONDAY + timedelta(days=4), by=company["nora"], now=company.now,
    )  # fmt: skip
    assert told(company, "kai") == ["Nora asks for a swap in Network primary"]
    assert "Thu 05 Mar 09:00" in Page.objects.get(user=company["kai"]).body
    actions.answer_swap(swap_id=swap.pk, accept=True, by=company["kai"], now=company.after(5))
    assert told(company, "nora") == ["Swap accepted: Network primary"]


def test_cover_is_told_to_who_is_asked_and_the_answer_to_who_is_away(company, schedule):
    absence = actions.report_absence(
        person=company["nora"], starts_at=MONDAY + timedelta(days=3), ends_at=MONDAY + timedelta(days=5),
        cover=company["kai"], by=company["nora"], now=company.now,
    )  # fmt: skip
    assert told(company, "kai") == ["Cover asked for Nora"]
    actions.answer_cover(absence_id=absence.pk, accept=False, by=company["kai"], now=company.after(5))
    assert told(company, "nora") == ["Kai cannot stand in for you"]
