"""Stories of swarms and of the command, through the pages that people use."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from tests.web.conftest import Desk
from tests.web.conftest import desk as desk  # noqa: PLC0414 - the small desk, as a fixture of this module
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.models import Delivery, Page
from tocsin.domain.people import actions as people
from tocsin.domain.people.models import Team, User
from tocsin.domain.swarms import actions
from tocsin.domain.swarms.models import Command, Invitation, Swarm, Task
from tocsin.domain.tickets.models import Change


@pytest.fixture
def three(desk: Desk) -> list[tuple[Team, User]]:
    """Three more teams with one member each."""
    made = []
    for name in ("network", "database", "storage"):
        person = people.create_person(
            email=f"{name}@desk.example", name=f"{name.title()} Expert", role="agent", by=None, now=desk.now
        )
        notify.add_method(user_id=person.pk, channel="email", address=person.email, now=desk.now, verified=True)
        team = people.create_team(name=name.title(), slug=name, line="L2", members=[person], by=None, now=desk.now)
        made.append((team, person))
    return made


def test_a_swarm_of_three_teams(desk: Desk, three: list[tuple[Team, User]], settings: Any) -> None:
    settings.BASE_URL = "https://desk.example"
    agent, number = desk.client(desk.agent), desk.ticket.number
    (_, comes), (_, declines), (_, silent) = three
    before = (desk.ticket.owner_id, desk.ticket.team_id, desk.ticket.handovers)
    sheet = agent.get(reverse("ticket_swarm", args=[number])).content.decode()
    assert "Agent stays the owner, whoever comes." in sheet
    chosen = {"teams": [str(team.pk) for team, _ in three]}
    named = agent.get(reverse("ticket_swarm_preview", args=[number]), chosen).content.decode()
    assert all(person.name in named for _, person in three)
    assert not Page.objects.filter(user=comes).exists()  # looking asks nobody
    asked = chosen | {"question": "Who restarts at 12:03?", "context": "x", "urgency": "high", "answer_within": "30"}
    assert agent.post(reverse("ticket_swarm", args=[number]), asked).status_code == 302
    swarm = Swarm.objects.get()
    assert Delivery.objects.filter(user__in=[person for _, person in three], state="pending").count() == 3

    link = Page.objects.get(user=comes).data["path"]
    stranger = desk.client(None)
    assert "Who restarts at 12:03?" in stranger.get(link).content.decode()
    assert Invitation.objects.get(person=comes).state == "invited"  # a mail scanner changes nothing
    assert "You are in the swarm" in stranger.post(link, {"answer": "accept"}).content.decode()
    invitation = Invitation.objects.get(person=declines)
    refused = desk.client(declines)
    assert refused.post(reverse("invitation_decline", args=[invitation.pk]), {"reason": ""}).status_code == 422
    refused.post(reverse("invitation_decline", args=[invitation.pk]), {"reason": "On another incident"})
    assert actions.expire_due(now=desk.now + timedelta(minutes=31), limit=10) == 1
    states = {one.person.name: one.state for one in swarm.invitations.select_related("person")}
    assert states == {comes.name: "accepted", declines.name: "declined", silent.name: "expired"}

    helper = desk.client(comes)
    helper.post(reverse("ticket_message", args=[number]), {"kind": "note", "body": "The core switch did.", "seen": ""})
    helper.post(reverse("swarm_answer", args=[swarm.pk]), {"body": "Core 2: its timer is 180 s."})
    panel = agent.get(reverse("ticket_swarm_panel", args=[number])).content.decode()
    assert "Core 2: its timer is 180 s." in panel
    assert re.search(r"1 answer</span>\s*<span>1 note</span>", panel)
    assert "swarm, 1 helping" in agent.get(reverse("ticket", args=[number])).content.decode()
    answer = swarm.answers.get()
    agent.post(reverse("swarm_end", args=[swarm.pk]), {"outcome": "Timer set to an hour.", "helped": [str(answer.pk)]})
    swarm.refresh_from_db()
    assert (swarm.state, swarm.answers.get().helped) == ("ended", True)
    of_person = agent.get(reverse("person_swarms", args=[comes.pk])).content.decode()
    assert "1 of the answers helped" in of_person
    timeline = agent.get(reverse("ticket", args=[number]) + "?all=1").content.decode()
    assert "The swarm ended; who helped: Network Expert" in timeline
    assert "Database Expert declined to help" in timeline

    desk.ticket.refresh_from_db()
    assert (desk.ticket.owner_id, desk.ticket.team_id, desk.ticket.handovers) == before
    assert not Change.objects.filter(ticket=desk.ticket, field="owner", at__gt=desk.now).exists()


def test_a_major_escalation_run_from_the_command_page(desk: Desk) -> None:
    agent, expert = desk.client(desk.agent), desk.client(desk.expert)
    of = [desk.escalated.pk]
    where = reverse("escalation_command", args=of)
    assert "Nobody has opened the command yet" in agent.get(where).content.decode()
    assert not Command.objects.exists()
    agent.post(reverse("escalation_command_open", args=of))
    command = Command.objects.get()
    expert.post(reverse("escalation_command_role_take", args=of), {"role": "scribe"})
    agent.post(reverse("escalation_command_role", args=of), {"role": "communicator", "person": str(desk.lead.pk)})
    agent.post(
        reverse("escalation_command_meeting", args=of), {"call_url": "https://meet.example/fire", "chat_url": ""}
    )
    bad = agent.post(
        reverse("escalation_command_meeting", args=of), {"call_url": "http://meet.example", "chat_url": ""}
    )
    assert bad.status_code == 422
    assert "begins with https://" in bad.content.decode()
    agent.post(reverse("escalation_command_known", args=of), {"known": "The fuser burns."})
    expert.post(reverse("escalation_command_note", args=of), {"kind": "fact", "text": "Smoke on floor 3"})
    agent.post(reverse("escalation_command_note", args=of), {"kind": "decision", "text": "Cut the power of floor 3"})
    agent.post(
        reverse("escalation_command_task", args=of),
        {"title": "Cut the power", "owner": str(desk.expert.pk), "within": "10"},
    )
    agent.post(reverse("escalation_command_next_update", args=of), {"within": "30", "at": ""})
    agent.post(reverse("escalation_command_state", args=of), {"state": "identified"})
    page = agent.get(where).content.decode()
    for shown in ("The fuser burns.", "Smoke on floor 3", "Cut the power of floor 3", "https://meet.example/fire",
                  "Cut the power", "Identified", "Lead", "Expert"):  # fmt: skip
        assert shown in page, shown
    event = re.search(r'name="position" value="(\d+)"', page)
    assert event is not None
    agent.post(reverse("escalation_command_pin", args=of), {"position": event[1]})
    assert f'value="{event[1]}"' not in agent.get(where).content.decode()

    late = desk.now + timedelta(minutes=12)
    assert actions.remind_due(now=late, limit=10) == 1
    assert Page.objects.filter(user=desk.expert, subject__startswith="Overdue").count() == 1
    assert actions.remind_due(now=late + timedelta(minutes=15), limit=10) == 1
    assert Page.objects.filter(user=desk.agent, subject__startswith="Overdue").count() == 1
    assert actions.remind_due(now=late + timedelta(days=1), limit=10) == 0
    expert.post(reverse("command_task_state", args=[Task.objects.get().pk]), {"state": "done"})
    agent.post(reverse("escalation_command_state", args=of), {"state": "resolved"})
    command.refresh_from_db()
    assert command.state == "resolved"
    assert "the escalation is still open" in agent.get(where).content.decode()
    desk.ticket.refresh_from_db()
    assert desk.ticket.owner == desk.agent
