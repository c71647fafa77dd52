"""Promises, updates, plans and subscriptions in the browser's eyes."""

import json
from datetime import timedelta

from django.test import Client
from django.urls import reverse

from tests.web.conftest import Desk
from tocsin.domain.journal.models import Entry
from tocsin.domain.notify import actions as notify
from tocsin.domain.people import actions as people
from tocsin.domain.stakeholders import actions, links
from tocsin.domain.stakeholders.models import Plan, Promise, Subscription, Update, Wish
from tocsin.domain.status import actions as status
from tocsin.domain.tickets import actions as tickets
from tocsin.web.permission_table import routes

HOUR = timedelta(hours=1)


def promise(desk: Desk, **given) -> Promise:
    values = {"what": "call Ana", "due_at": desk.now + 4 * HOUR, "by": desk.agent, "now": desk.now}
    return actions.make_promise(ticket_id=desk.ticket.pk, **values | given)


def panel(desk: Desk) -> str:
    return desk.client(desk.agent).get(reverse("ticket_promises", args=[desk.ticket.number])).content.decode()


def test_a_promise_to_somebody_without_a_customer_stands_in_the_ledger(desk: Desk) -> None:
    alone = promise(desk, what="call back")
    Promise.objects.filter(pk=alone.pk).update(organisation=None)
    page = desk.client(desk.lead).get("/promises?who=all&state=any").content.decode()
    assert alone.to_person is not None
    assert "call back" in page
    assert alone.to_person.name in page
    assert alone.to_person.name in panel(desk)


def test_a_promise_in_a_draft_is_offered_and_nothing_is_created(desk: Desk) -> None:
    where = reverse("ticket_promise_offers", args=[desk.ticket.number])
    page = desk.client(desk.agent).post(where, {"body": "I will call you within two hours."}).content.decode()
    assert "Keep as promise: " in page
    assert "call Ana" in page
    assert "(UTC)" in page
    assert not Promise.objects.exists()
    assert not Wish.objects.exists()


def test_where_the_customers_clock_differs_both_readings_are_offered(desk: Desk) -> None:
    type(desk.requester).objects.filter(pk=desk.requester.pk).update(zone="Asia/Tokyo")
    where = reverse("ticket_promise_offers", args=[desk.ticket.number])
    page = desk.client(desk.agent).post(where, {"body": "I will call you tomorrow at 15:00."}).content.decode()
    assert "(UTC)" in page
    assert "(Asia/Tokyo)" in page
    assert "their time" in page


def test_a_ticked_promise_comes_true_with_the_reply(desk: Desk, settings) -> None:
    settings.UNDO_SECONDS = 0
    kept = promise(desk)
    body = "I look at it. I will call you within two hours."
    ticked = json.dumps(["call Ana", (desk.now + 2 * HOUR).isoformat(), "within two hours", "UTC"])
    given = {
        "kind": "reply",
        "body": body,
        "seen": "",
        "anyway": "1",
        "promise": [ticked, "no json"],
        "keeps": [kept.pk, "x"],
    }
    answer = desk.client(desk.agent).post(reverse("ticket_message", args=[desk.ticket.number]), given)
    assert answer.status_code == 302
    kept.refresh_from_db()
    assert kept.state == "kept"
    assert Promise.objects.exclude(pk=kept.pk).get().source == "composer"


def test_the_panel_shows_what_is_owed_and_how_to_end_it(desk: Desk) -> None:
    made = promise(desk)
    page = panel(desk)
    for what in ("promise_keep", "promise_renegotiate", "promise_cancel"):
        assert reverse(what, args=[made.pk]) in page
    assert 'data-key="u"' in page
    desk.client(desk.agent).post(reverse("promise_keep", args=[made.pk]))
    assert "Kept" in panel(desk)


def test_a_promise_is_made_by_hand_and_the_refusal_names_the_field(desk: Desk) -> None:
    client, where = desk.client(desk.agent), reverse("promise_new", args=[desk.ticket.number])
    given = {"what": "send the report", "promiser": str(desk.agent.pk), "to_kind": "customer", "when": "", "due_at": ""}
    refused = client.post(where, given)
    assert refused.status_code == 422
    assert "Choose when, or give a time." in refused.content.decode()
    assert "send the report" in refused.content.decode()
    assert client.post(where, given | {"when": "end_of_business"}).status_code == 302
    assert Promise.objects.get().what == "send the report"


def test_another_time_and_calling_off_want_a_reason(desk: Desk) -> None:
    made, client = promise(desk), desk.client(desk.agent)
    assert client.post(reverse("promise_cancel", args=[made.pk]), {"reason": ""}).status_code == 422
    given = {"when": "1h", "reason": "The courier is late"}
    assert client.post(reverse("promise_renegotiate", args=[made.pk]), given).status_code == 302
    assert set(Promise.objects.values_list("state", flat=True)) == {"renegotiated", "open"}


def test_the_ledger_answers_in_one_sentence_and_every_choice_is_in_the_address(desk: Desk) -> None:
    actions.keep_promise(promise_id=promise(desk).pk, by=desk.agent, now=desk.now)
    promise(desk, what="ask the vendor")
    client = desk.client(desk.agent)
    page = client.get(reverse("promises")).content.decode()
    assert "1 of 1" in page
    assert "ask the vendor" in page
    assert (
        "call Ana"
        in client.get(reverse("promises"), {"state": "kept", "customer": str(desk.customer.pk)}).content.decode()
    )
    assert "Nothing is owed here" in desk.client(desk.expert).get(reverse("promises")).content.decode()


def test_the_update_names_and_counts_everybody_before_it_is_sent(desk: Desk) -> None:
    actions.subscribe(
        user=desk.stakeholder, ways=["mail"], by=desk.stakeholder, now=desk.now, escalation=desk.escalated
    )
    client, where = desk.client(desk.agent), reverse("ticket_update", args=[desk.ticket.number])
    given = {"outward": "The fan was changed.", "inward": "Order 7.", "next": "60", "seal": ""}
    shown = client.post(where, given)
    page = shown.content.decode()
    assert not Update.objects.exists()
    assert "Boss" in page
    assert "Ana" in page
    assert "Send to 3 people" in page  # Ana, Boss, and the lead of the team
    seal = shown.context["seal"]
    preview = client.post(reverse("ticket_update_preview", args=[desk.ticket.number]), given)
    assert preview.context["seal"].rpartition(".")[0] == seal.rpartition(".")[0]
    sent = client.post(where, given | {"seal": preview.context["seal"]})
    assert sent.status_code == 302
    update = Update.objects.get()
    assert update.next_at is not None
    told = client.get(reverse("ticket", args=[desk.ticket.number]) + "?all=1").content.decode()
    assert "sent update 1" in told


def test_without_script_the_first_press_shows_and_the_second_sends(desk: Desk) -> None:
    client, where = desk.client(desk.agent), reverse("ticket_update", args=[desk.ticket.number])
    given = {"outward": "The fan was changed.", "inward": "", "next": ""}
    first = client.post(where, given | {"seal": ""})
    assert first.context["seal"].endswith(".")
    assert client.post(where, given | {"seal": first.context["seal"]}).status_code == 302
    assert client.post(where, given | {"outward": "Other words", "seal": first.context["seal"]}).status_code == 422
    assert Update.objects.count() == 1


def test_a_ticket_without_a_plan_says_so(desk: Desk) -> None:
    page = desk.client(desk.agent).get(reverse("ticket_update", args=[desk.queued.number])).content.decode()
    assert "No communication plan is at work" in page


def test_an_overdue_update_stands_on_the_ticket_and_a_closing_one_is_offered(desk: Desk) -> None:
    actions.miss_due_updates(now=desk.now + 60 * HOUR)
    client, where = desk.client(desk.agent), reverse("ticket", args=[desk.ticket.number])
    assert "Update overdue." in client.get(where).content.decode()
    tickets.resolve(ticket_id=desk.ticket.pk, by=desk.agent, now=desk.now)
    page = client.get(where).content.decode()
    assert "Write the closing update" in page
    assert "Update overdue." not in page
    client.post(reverse("ticket_no_closing", args=[desk.ticket.number]))
    assert "Write the closing update" not in client.get(where).content.decode()


def test_the_customer_sees_promises_and_the_next_word_in_plain_words(desk: Desk) -> None:
    promise(desk)
    promise(desk, what="a word among us", to_kind="internal", to_person=desk.expert)
    page = desk.client(desk.requester).get(reverse("portal_ticket", args=[desk.ticket.number])).content.decode()
    assert "Agent promised by" in page
    assert "call Ana" in page
    assert "Next word on the escalation by" in page
    assert "a word among us" not in page


def test_opening_the_unsubscribe_address_a_hundred_times_changes_nothing_and_one_post_stops(desk: Desk) -> None:
    found = actions.subscribe(
        user=desk.stakeholder, ways=["mail"], by=desk.stakeholder, now=desk.now, escalation=desk.escalated
    )
    where = reverse("unsubscribe", args=[links.unsubscribe_token(found.pk, now=desk.now)])
    anybody = Client(enforce_csrf_checks=True)
    before = Entry.objects.count()
    for _ in range(100):
        assert anybody.get(where).status_code == 200
    found.refresh_from_db()
    assert (found.ended_at, Entry.objects.count()) == (None, before)
    assert "Nothing was changed" in anybody.get(where).content.decode()
    assert anybody.post(where, {"List-Unsubscribe": "One-Click"}).status_code == 200
    found.refresh_from_db()
    assert found.ended_at is not None
    assert anybody.get(reverse("unsubscribe", args=["forged.token"])).status_code == 404


def test_a_feed_is_read_by_its_secret_and_by_nothing_else(desk: Desk) -> None:
    actions.subscribe(
        user=desk.stakeholder, ways=["feed"], by=desk.stakeholder, now=desk.now, escalation=desk.escalated
    )
    actions.send_update(ticket_id=desk.ticket.pk, outward="A <b>fan</b>", by=desk.agent, now=desk.now)
    made = desk.client(desk.stakeholder).post(reverse("updates_feed_make"))
    address = made.context["address"]
    answer = Client().get(address[address.index("/feeds/") :])
    assert answer["Content-Type"].startswith("application/atom+xml")
    assert "A &lt;b&gt;fan&lt;/b&gt;" in answer.content.decode()
    assert Client().get(reverse("updates_feed", args=["x" * 40])).status_code == 404


def test_following_stands_on_the_ticket_and_on_ones_own_page(desk: Desk) -> None:
    client = desk.client(desk.stakeholder)
    client.post(reverse("follow_escalation", args=[desk.escalated.pk]))
    found = Subscription.objects.get()
    assert "Following, stop" in client.get(reverse("ticket_promises", args=[desk.ticket.number])).content.decode()
    assert desk.ticket.reference in client.get(reverse("following")).content.decode()
    assert desk.client(desk.requester).post(reverse("unfollow", args=[found.pk])).status_code == 404
    client.post(reverse("unfollow", args=[found.pk]))
    assert not Subscription.objects.filter(ended_at=None).exists()


def test_a_customers_person_may_follow_their_own_organisation_and_nothing_else(desk: Desk) -> None:
    client = desk.client(desk.requester)
    page = client.get(reverse("follow")).content.decode()
    assert "Acme" in page
    assert "Payroll" not in page
    assert client.post(reverse("follow"), {"thing": f"service:{desk.service.pk}", "ways": ["mail"]}).status_code == 422
    assert (
        client.post(reverse("follow"), {"thing": f"customer:{desk.customer.pk}", "ways": ["mail"]}).status_code == 302
    )


def test_people_of_a_customer_find_updates_and_their_status_page_from_the_portal(desk: Desk) -> None:
    status.save_page(
        name="Acme services", audience="organisation", organisation=desk.customer, by=desk.lead, now=desk.now
    )
    globex = people.create_organisation(name="Globex", by=None, now=desk.now)
    status.save_page(name="Globex services", audience="organisation", organisation=globex, by=desk.lead, now=desk.now)
    client = desk.client(desk.requester)
    assert f'href="{reverse("following")}"' in client.get(reverse("portal")).content.decode()
    page = client.get(reverse("following")).content.decode()
    assert "Acme services" in page
    assert "Globex" not in page
    assert reverse("portal_new") in page  # the portal's frame, not the desk's
    assert reverse("board") not in page


def test_the_preview_names_whom_no_way_reaches(desk: Desk) -> None:
    for person, ways in ((desk.stakeholder, ["push"]), (desk.manager, ["push", "mail"])):
        actions.subscribe(user=person, ways=ways, by=person, now=desk.now, escalation=desk.escalated)
    where = reverse("ticket_update_preview", args=[desk.ticket.number])
    page = desk.client(desk.agent).post(where, {"outward": "The fan was changed.", "next": "60"}).content.decode()
    assert "Not reached: Boss." in page
    assert "Not reached: Lead." in page  # of the team, who is told by chat and has none
    notify.add_method(user_id=desk.stakeholder.pk, channel="ntfy", address="boss", now=desk.now, verified=True)
    again = desk.client(desk.agent).post(where, {"outward": "The fan.", "next": "60"}).content.decode()
    assert "Not reached: Boss" not in again
    assert "Manager" in again  # by mail all the same, so never out of reach


def test_a_plan_is_changed_by_those_who_may_and_an_agent_only_reads_it(desk: Desk) -> None:
    page = desk.client(desk.agent).get(reverse("plans")).content.decode()
    assert "Customer escalations" in page
    assert reverse("plan_edit", args=["customer"]) not in page
    assert desk.client(desk.agent).get(reverse("plan_edit", args=["customer"])).status_code == 403
    client, where = desk.client(desk.manager), reverse("plan_edit", args=["customer"])
    form = client.get(where).context["form"]
    given = {name: value for name in form.fields if (value := form[name].value()) not in (None, "", [])}
    assert client.post(where, given | {"customer_1": "3"}).status_code == 422
    assert (
        client.post(where, given | {"customer_1": "45", "stakeholders_people": [str(desk.lead.pk)]}).status_code == 302
    )
    rows = {row.audience: row for row in Plan.objects.get(type="customer").audiences.all()}
    assert rows["customer"].cadence["1"] == 45
    assert list(rows["stakeholders"].people.all()) == [desk.lead]


def test_a_template_is_shown_with_a_real_ticket_before_it_is_saved(desk: Desk) -> None:
    client = desk.client(desk.manager)
    asked = {
        "audience": "customer",
        "subject": "{{ reference }}",
        "body": "Dear {{ first_name }}: {{ internal }}{{ update }}",
    }
    page = client.get(reverse("template_preview"), asked).content.decode()
    assert desk.ticket.reference in page
    assert "Dear Manager: The part is here." in page
    saved = client.post(reverse("template_new"), asked | {"name": "Mine"})
    assert saved.status_code == 422
    assert client.post(reverse("template_new"), asked | {"name": "Mine", "body": "{{ update }}"}).status_code == 302


def test_only_what_protects_itself_is_public() -> None:
    public = {route.name for route in routes() if route.access == "public"}
    assert {"unsubscribe", "updates_feed"} <= public
