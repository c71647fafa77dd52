"""Plans at work: clocks, updates in their audiences' words, who is told and who is not (SEMANTICS 7, SECURITY 14)."""

from datetime import timedelta

import pytest

from tests.web.conftest import Desk
from tocsin.domain.escalation import actions as escalation
from tocsin.domain.escalation import publishing
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.journal.models import Entry
from tocsin.domain.notify.models import Delivery, Page
from tocsin.domain.people import actions as people
from tocsin.domain.people.models import Organisation, User
from tocsin.domain.stakeholders import actions, links, queries
from tocsin.domain.stakeholders.models import Communication, Plan, Subscription, Template, Told, Update, UpdateClock
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Message
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound

HOUR = timedelta(hours=1)
LATE = """
slug: silence
name: Silence
type: internal
reason: expectation_missed
direction: hierarchical
triggers:
  - {kind: promise_missed, same: update}
levels:
  - targets: [{user: admin@desk.example}]
"""
SECOND = """
slug: second
name: Second
type: customer
reason: other
direction: hierarchical
levels:
  - targets: [team_lead]
"""


@pytest.fixture
def grave(desk: Desk) -> Desk:
    """The desk with its escalated ticket at the top severity."""
    tickets.set_impact_urgency(ticket_id=desk.ticket.pk, impact=1, urgency=1, by=desk.agent, now=desk.now)
    desk.ticket.refresh_from_db()
    return desk


def send(desk: Desk, **given) -> Update:
    values = {
        "outward": "The fan was changed.",
        "inward": "It was the fan, order 7.",
        "by": desk.agent,
        "now": desk.now,
    }
    return actions.send_update(ticket_id=desk.ticket.pk, **values | given)


def follow(desk: Desk, user: User, **what) -> Subscription:
    return actions.subscribe(user=user, ways=["mail"], by=user, now=desk.now, **what or {"escalation": desk.escalated})


def clocks(desk: Desk) -> dict[str, UpdateClock]:
    return {clock.audience: clock for clock in queries.clocks_of(desk.ticket.pk)}


def stranger(desk: Desk, role: str = "stakeholder") -> User:
    other, _ = Organisation.objects.get_or_create(name="Globex")
    return people.create_person(
        email=f"{role}@globex.example", name="Stranger", role=role, organisation=other, by=None, now=desk.now
    )


def test_an_escalation_opens_the_plan_of_its_type_with_a_clock_for_each_audience_that_is_owed(desk: Desk) -> None:
    began = Communication.objects.get(escalation=desk.escalated)
    assert (began.plan.type, began.state) == (desk.escalated.type, "running")
    owed = {name: clock.minutes for name, clock in clocks(desk).items()}
    assert owed == {"customer": 1440}
    assert Entry.objects.filter(stream=f"ticket:{desk.ticket.pk}", kind="communication.started").count() == 1


def test_a_graver_priority_owes_more_and_sooner(grave: Desk) -> None:
    assert {name: clock.minutes for name, clock in clocks(grave).items()} == {
        "customer": 60, "executives": 60, "stakeholders": 60,
    }  # fmt: skip


def test_an_update_is_a_public_reply_to_the_customer_and_winds_every_clock(grave: Desk) -> None:
    sent = send(grave, next_at=grave.now + 3 * HOUR)
    assert sent.message is not None
    assert (sent.number, sent.message.kind, sent.audiences["customer"]) == (1, "reply", 1)
    assert "The fan was changed." in sent.message.body
    assert "order 7" not in sent.message.body
    assert {clock.due_at for clock in clocks(grave).values()} == {grave.now + 3 * HOUR}


def test_without_a_word_on_the_next_one_each_audience_has_its_cadence(desk: Desk) -> None:
    send(desk)
    assert clocks(desk)["customer"].due_at == desk.now + timedelta(minutes=1440)


def test_wording_goes_by_the_reader_and_ours_never_leaves_the_house(grave: Desk) -> None:
    theirs = people.create_person(
        email="cio@acme.example", name="Cio", role="stakeholder", organisation=grave.customer, by=None, now=grave.now
    )
    follow(grave, grave.stakeholder)
    follow(grave, theirs)
    send(grave)
    pages = {page.user_id: page for page in Page.objects.filter(data__has_key="update")}
    assert "order 7" in pages[grave.stakeholder.pk].body
    assert "order 7" not in pages[theirs.pk].body
    assert "The fan was changed." in pages[theirs.pk].body
    heard = {user.pk: queries.heard_by(user)[0].text for user in (theirs, grave.stakeholder)}
    assert "order 7" not in heard[theirs.pk]
    assert "order 7" in heard[grave.stakeholder.pk]


def test_a_stakeholder_of_one_customer_sees_nothing_of_another(grave: Desk) -> None:
    outsider = stranger(grave)
    for what in ({"escalation": grave.escalated}, {"service": grave.service}, {"organisation": grave.customer}):
        with pytest.raises(NotFound):
            follow(grave, outsider, **what)
    # And one who has got such a row all the same (moved to another customer since) is told nothing.
    Subscription.objects.create(
        user=outsider, escalation=grave.escalated, ways=["mail"], made_at=grave.now, made_by="system"
    )
    sent = send(grave)
    assert not Told.objects.filter(update=sent, user=outsider).exists()
    assert not Page.objects.filter(user=outsider).exists()
    assert queries.heard_by(outsider) == []


def test_what_was_told_is_not_shown_to_whoever_may_not_see_the_ticket_any_more(grave: Desk) -> None:
    theirs = people.create_person(
        email="cio@acme.example", name="Cio", role="stakeholder", organisation=grave.customer, by=None, now=grave.now
    )
    follow(grave, theirs)
    send(grave)
    assert len(queries.heard_by(theirs)) == 1
    User.objects.filter(pk=theirs.pk).update(organisation=stranger(grave).organisation)
    assert queries.heard_by(User.objects.get(pk=theirs.pk)) == []


def test_everybody_is_told_once_by_the_first_audience_they_belong_to(grave: Desk) -> None:
    follow(grave, grave.lead)  # also of the team
    follow(grave, grave.lead, service=grave.service)
    sent = send(grave)
    assert [one.audience for one in Told.objects.filter(update=sent, user=grave.lead)] == ["stakeholders"]
    assert not Told.objects.filter(update=sent, user=grave.agent).exists()  # who sends it knows it


def test_an_update_leaves_in_the_order_of_audiences(grave: Desk) -> None:
    follow(grave, grave.expert)
    follow(grave, grave.stakeholder)
    send(grave)
    due = dict(Delivery.objects.filter(page__data__has_key="update").values_list("user_id", "due_at"))
    assert due[grave.stakeholder.pk] < due[grave.expert.pk]


def test_a_mail_to_somebody_who_follows_can_be_stopped_by_one_click(grave: Desk, settings) -> None:
    settings.BASE_URL = "https://tocsin.example"
    found = follow(grave, grave.stakeholder)
    send(grave)
    page = Page.objects.get(user=grave.stakeholder, data__has_key="update")
    assert page.deliveries.get().address == grave.stakeholder.email
    token = str(page.data["unsubscribe"]).rpartition("/")[2]
    assert links.read_unsubscribe_token(token, now=grave.now + 300 * 24 * HOUR) == found.pk
    with pytest.raises(NotFound, match="expired"):
        links.read_unsubscribe_token(token, now=grave.now + 401 * 24 * HOUR)
    with pytest.raises(NotFound):
        links.read_unsubscribe_token(token[:-3] + "abc", now=grave.now)


def test_a_preview_that_is_no_longer_true_is_not_sent(grave: Desk) -> None:
    words = queries.Words(outward="The fan was changed.", inward="It was the fan, order 7.", next_at=None)
    seen = queries.compose(ticket_id=grave.ticket.pk, words=words, by=grave.agent, now=grave.now)
    follow(grave, grave.stakeholder)
    with pytest.raises(Conflict, match="preview"):
        send(grave, seal=seen.seal)
    again = queries.compose(ticket_id=grave.ticket.pk, words=words, by=grave.agent, now=grave.now)
    assert send(grave, seal=again.seal).number == 1


def test_a_missed_update_escalates_once_and_the_speaker_is_told(desk: Desk) -> None:
    publishing.publish_source(text=LATE, by="test", now=desk.now)
    due = clocks(desk)["customer"].due_at
    assert due is not None
    assert queries.next_clock_due() == due
    for _ in range(2):
        actions.miss_due_updates(now=due + HOUR)
    late = clocks(desk)["customer"]
    assert (late.missed_at, late.due_at, late.misses) == (due, None, 1)
    assert Escalation.objects.get(policy__slug="silence").reason_text == "update missed: for customer"
    assert Page.objects.filter(user=desk.agent, subject__startswith="Update overdue").count() == 1
    assert queries.next_updates([desk.escalated.pk])[desk.escalated.pk].missed == ("Customer",)
    send(desk, now=due + 2 * HOUR)
    assert clocks(desk)["customer"].missed_at is None


def test_when_the_escalation_is_over_the_closing_update_is_offered_and_ends_the_plan(desk: Desk) -> None:
    tickets.resolve(ticket_id=desk.ticket.pk, by=desk.agent, now=desk.now)
    assert Communication.objects.get().state == "closing"
    assert queries.next_clock_due() is None
    sent = send(desk, next_at=desk.now + HOUR)
    assert (sent.closing, sent.next_at) == (True, None)
    assert Communication.objects.get().state == "ended"
    with pytest.raises(Conflict, match="No communication plan"):
        send(desk)


def test_the_closing_update_can_be_left_out(desk: Desk) -> None:
    tickets.resolve(ticket_id=desk.ticket.pk, by=desk.agent, now=desk.now)
    actions.end_without_closing(ticket_id=desk.ticket.pk, by=desk.agent, now=desk.now)
    assert Communication.objects.get().state == "ended"


def test_a_disabled_plan_begins_with_nothing(desk: Desk) -> None:
    Communication.objects.all().delete()
    Plan.objects.update(enabled=False)
    from tocsin.domain.escalation.events import EscalationStarted  # noqa: PLC0415 - only here

    actions.on_escalation_started(
        EscalationStarted(escalation_id=desk.escalated.pk, ticket_id=desk.ticket.pk, at=desk.now)
    )
    assert not Communication.objects.exists()


def test_an_update_needs_the_customers_wording_and_a_next_time_that_lies_ahead(desk: Desk) -> None:
    with pytest.raises(InvalidInput) as refused:
        send(desk, outward=" ", next_at=desk.now - HOUR)
    assert set(refused.value.fields) == {"outward", "next_at"}
    with pytest.raises(NotAllowed):
        send(desk, by=desk.stakeholder)
    assert not Message.objects.filter(kind="reply").exists()


def test_what_stands_in_a_ticket_is_text_to_a_template(grave: Desk) -> None:
    tickets.change_details(
        ticket_id=grave.ticket.pk,
        subject="{{ internal }}\r\nBcc: all@example.org {% debug %}",
        by=grave.agent,
        now=grave.now,
    )
    follow(grave, grave.stakeholder)
    sent = send(grave, outward="{{ internal }} {{ owner }} {% include '/etc/passwd' %}")
    assert sent.message is not None
    assert "{{ internal }} {{ owner }} {% include '/etc/passwd' %}" in sent.message.body
    subject = Page.objects.get(user=grave.stakeholder, data__has_key="update").subject
    assert "\n" not in subject
    assert "{{ internal }}" in subject


def test_a_template_for_the_customer_may_not_use_what_is_ours(desk: Desk) -> None:
    wish = {"name": "Mine", "audience": "customer", "subject": "Hello", "by": desk.manager, "now": desk.now}
    with pytest.raises(InvalidInput, match="internal"):
        actions.save_template(body="{{ update }} {{ internal }}", **wish)
    with pytest.raises(InvalidInput, match="nonsense"):
        actions.save_template(body="{{ nonsense }}", **wish)
    with pytest.raises(NotAllowed):
        actions.save_template(body="{{ update }}", **wish | {"by": desk.agent})


def test_a_changed_template_is_a_new_version_and_the_old_words_stay(desk: Desk) -> None:
    found = Template.objects.get(audience="team")
    wish = {"name": found.name, "audience": "team", "by": desk.manager, "now": desk.now, "template_id": found.pk}
    for _ in range(2):
        actions.save_template(subject="New", body="{{ internal }}", **wish)
    assert [one.number for one in queries.versions_of(found)] == [2, 1]


def test_asking_again_changes_the_ways_and_giving_up_twice_is_no_fault(desk: Desk) -> None:
    first = follow(desk, desk.stakeholder)
    again = actions.subscribe(
        user=desk.stakeholder, ways=["feed", "nonsense"], by=desk.stakeholder, now=desk.now, escalation=desk.escalated
    )
    assert (first.pk, again.ways) == (again.pk, ["feed"])
    with pytest.raises(NotFound):
        actions.unsubscribe(subscription_id=first.pk, by=stranger(desk), now=desk.now)
    for _ in range(2):
        actions.unsubscribe(subscription_id=first.pk, by=None, now=desk.now)
    assert queries.subscriptions_of(desk.stakeholder) == []


def test_somebody_who_only_wants_a_feed_is_told_without_a_page(grave: Desk) -> None:
    actions.subscribe(
        user=grave.stakeholder, ways=["feed"], by=grave.stakeholder, now=grave.now, escalation=grave.escalated
    )
    send(grave)
    assert not Page.objects.filter(user=grave.stakeholder, data__has_key="update").exists()
    token = actions.make_feed_key(user=grave.stakeholder, now=grave.now)
    assert queries.heard_by(queries.reader_of_feed(token))[0].update.number == 1
    actions.make_feed_key(user=grave.stakeholder, now=grave.now)
    with pytest.raises(NotFound):
        queries.reader_of_feed(token)


def test_an_audience_that_two_plans_owe_stands_once_with_what_is_due_first(grave: Desk) -> None:
    publishing.publish_source(text=SECOND, by="test", now=grave.now)
    escalation.escalate(
        ticket_id=grave.ticket.pk, policy="second", by=grave.agent, now=grave.now + HOUR, reason_text="She is angry"
    )
    clocks = queries.clocks_of(grave.ticket.pk)
    assert len(clocks) > len({clock.audience for clock in clocks})
    owed = queries.owed_to(clocks)
    assert [clock.audience for clock in owed] == ["executives", "customer", "stakeholders"]
    assert all(clock.due_at == min(c.due_at for c in clocks if c.audience == clock.audience) for clock in owed)
    # The first one is over: its clocks stand still and owe nothing.
    escalation.resolve_escalation(
        escalation_id=grave.escalated.pk, by=grave.agent, outcome="The fan was changed.", now=grave.now + 2 * HOUR
    )
    left = queries.owed_to(queries.clocks_of(grave.ticket.pk))
    assert len(left) == 3
    assert all(clock.due_at is not None for clock in left)
