"""The demonstration: its stories come true, and it can be taken out again without a trace but the journal."""

from datetime import timedelta

import pytest
from django.db import connection

from tocsin.domain.escalation.models import Escalation, Firing, Policy, Run, Setting
from tocsin.domain.feedback.models import Ask, Recovery
from tocsin.domain.journal.models import Entry
from tocsin.domain.journal.queries import verify
from tocsin.domain.notify.models import Delivery, Page
from tocsin.domain.oncall import queries as oncall
from tocsin.domain.oncall.enums import CoverState, SwapState
from tocsin.domain.oncall.models import Absence, Schedule, Swap
from tocsin.domain.people.models import Organisation, Service, Team, User
from tocsin.domain.sla.models import Agreement, Clock
from tocsin.domain.swarms.models import Command, Swarm
from tocsin.domain.tickets.models import Message, Ticket
from tocsin.intake.demo import asked, removing, swarming
from tocsin.intake.demo import company as companies
from tocsin.intake.demo.spans import span
from tocsin.intake.demo.stories import Player, stories
from tocsin.kernel.clock import database_now
from tocsin.kernel.errors import NotFound


def test_forty_stories_are_well_formed() -> None:
    told = stories()
    assert len(told) == 40
    assert len({story["id"] for story in told}) == 40
    for story in told:
        lengths = [span(after) for after, *_ in story["steps"]]
        assert lengths == sorted(lengths), story["id"]
        assert not lengths or lengths[-1] <= span(story["ago"]), story["id"]


@pytest.mark.parametrize(("text", "minutes"), [("45m", 45), ("1d 3h", 27 * 60), ("2h 5m", 125)])
def test_span(text: str, minutes: int) -> None:
    assert span(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "soon", "3 weeks", "5", "m5"])
def test_span_refuses_what_is_no_length(text: str) -> None:
    with pytest.raises(ValueError, match="no length of time"):
        span(text)


@pytest.mark.django_db
def test_the_stories_come_true_and_leave_again() -> None:
    now = database_now(connection)
    company = companies.create(now)
    companies.publish_policies(company, now - timedelta(days=8))
    player = Player(company, now, lambda _: None)
    player.play()
    assert not removing.is_whole("live")
    asked.create(companies.read("asked.yaml"), company.people, now)
    assert Recovery.objects.filter(state="open").count() == 1
    assert Ask.objects.filter(kind="escalation", state="answered").exists()
    companies.publish_live(now)
    assert removing.is_whole("live")
    assert not removing.is_mixed()

    assert Ticket.objects.filter(is_demo=True).count() == 40
    assert {"new", "open", "waiting_customer", "waiting_vendor", "waiting_change", "resolved", "closed"} <= set(
        Ticket.objects.values_list("status", flat=True)
    )
    assert not Message.objects.filter(at__gt=now).exists()
    assert Clock.objects.filter(breached_at__isnull=False).exists()
    assert Escalation.objects.filter(state="resolved").count() >= 5
    assert not Firing.objects.filter(fired_at__gt=now).exists()
    # Whatever fired in the past was delivered in the past: nothing goes out when the engine starts.
    assert not Delivery.objects.filter(state__in=["pending", "leased"]).exists()
    assert Page.objects.exists()
    assert verify().problems == []

    for schedule in oncall.schedules():
        assert oncall.who_is_on_now([schedule.slug], now)[schedule.slug].people, schedule.slug
    assert Swap.objects.get().state == SwapState.OFFERED
    assert Absence.objects.get().cover_state == CoverState.PROPOSED

    swarming.create(company, player.tickets, now)
    assert (Swarm.objects.get().answers.count(), Command.objects.get().tasks.count()) == (1, 3)
    entries = Entry.objects.count()
    removed = removing.remove()
    assert removed["tickets"] == 40
    for model in (Schedule, Absence, Ticket, User, Team, Service, Organisation, Agreement, Policy, Run, Page, Clock):
        assert model.objects.count() == 0, model.__name__
    assert (Swarm.objects.count(), Command.objects.count()) == (0, 0)
    assert Setting.objects.get().catch_all is None
    # The journal stays, and tells of the one act that this is: customers are asked no more.
    later = Entry.objects.order_by("-id").values_list("kind", flat=True)[: Entry.objects.count() - entries]
    assert list(later) == ["feedback.settings_changed"]
    assert verify().problems == []
    with pytest.raises(NotFound, match="no demonstration data"):
        removing.remove()
