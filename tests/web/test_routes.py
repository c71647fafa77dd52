"""Who may open what; that looking changes nothing; that every page carries the strict policy (SECURITY 14, check 11)."""

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.web.routes import NOWHERE, POST_ONLY, arguments, names, view_of

# What a signed-in person of each kind gets on a GET, by the mark of the view.
ALLOWED = {
    "public": {"agent", "lead", "manager", "admin", "stakeholder", "requester"},
    "signed_in": {"agent", "lead", "manager", "admin", "stakeholder", "requester"},
    "staff": {"agent", "lead", "manager", "admin", "stakeholder"},
    "insider": {"agent", "lead", "manager", "admin", "stakeholder"},
    "worker": {"agent", "lead", "manager", "admin"},
    "back_tester": {"lead", "manager", "admin"},
    "policy_editor": {"manager", "admin"},
    "planner": {"lead", "manager", "admin"},
    "schedule_editor": {"lead", "manager", "admin"},
    "catalogue_keeper": {"lead", "manager", "admin"},
    "review_starter": {"lead", "manager", "admin"},
    "review_setter": {"manager", "admin"},
    "target_setter": {"lead", "manager", "admin"},
    "mail_keeper": {"lead", "manager", "admin"},
    "course_writer": {"lead", "manager", "admin"},
    "listening_keeper": {"lead", "manager", "admin"},
    "administrator": {"admin"},
    "feedback_reader": {"lead", "manager", "admin"},
    "question_setter": {"manager", "admin"},
    "risk_runner": {"lead", "manager", "admin"},
}
# Not pages of their own: the front door redirects, the mail viewer exists only in the demonstration.
ELSEWHERE = {
    "short_link": 404, "api_nowhere": 404, "queue_next": 302, "method_verify": 302, "event_detail": 404,
    "unsubscribe": 404, "updates_feed": 404,
    "home": 302, "demo_mail": 404, "sign_in": 302, "engine": 503, "account_login": 302, "mfa_index": 302,
    "mfa_list_webauthn": 302, "socialaccount_connections": 302, "socialaccount_login_cancelled": 302,
    "account_inactive": 403, "link_enter": 404, "oidc_callback": 404, "mfa_authenticate": 302,
    "mfa_login_webauthn": 302, "mfa_deactivate_totp": 404, "mfa_generate_recovery_codes": 302,
    # Nobody here has a second factor, and whoever has no password either has nothing to show once more.
    "mfa_edit_webauthn": 404, "mfa_remove_webauthn": 404, "account_reauthenticate": 403, "mfa_reauthenticate": 403,
    "mfa_reauthenticate_webauthn": 403,
    # There is an administrator already; the steps lead to the first that is left.
    "set_up_first": 404, "set_up": 302,
    # Nobody has opened a command, and no link leads to an invitation.
    "swarm_link": 404,
    # Nobody gets a report of figures.
    "insights_report_leave": 404,
    **{f"escalation_command_{part}": 404 for part in ("live", "known", "meeting", "next_update", "role", "task", "note")},
    # No question was mailed by the small desk.
    "feedback_asked": 404, "feedback_stop": 404,
    # Nobody has listened on the small desk yet, and the assistant is off.
    "ticket_play_back": 404, "ticket_listening_answer": 404, "ticket_listening_versions": 404, "ticket_assistant": 404,
    "advice_rule_edit": 404, "heard_link": 404, "portal_heard": 404,
    # Nothing was reviewed on the small desk.
    **dict.fromkeys(
        (
            "review", "review_edit", "moment_new", "moment_edit", "cause_new", "cause_edit",
            "corrective_action_new", "corrective_action_edit", "corrective_action_done",
            "corrective_action_drop", "corrective_action_measure", "review_sign", "review_versions",
            "review_pdf", "review_share", "review_share_preview", "shared_review", "shared_review_pdf",
            "escalation_closing",
        ),
        404,
    ),
    # Nothing is written down on the small desk.
    "decision": 404, "decision_edit": 404,
    "status": 404, "status_history": 404, "status_feed": 404, "status_summary": 404, "status_subscribe": 404,
    "status_confirm": 404, "status_leave": 404, "status_page": 404, "status_page_edit": 404, "status_page_remove": 404,
    "status_component_new": 404, "status_incident_new": 404, "status_maintenance_new": 404,
    "account_escalation": 404, "account_change": 404, "account_offer": 404, "account_answer": 404, "account_update": 404,
    "account_add": 404, "account_end": 404, "ticket_account": 302,
    "article": 404, "article_edit": 404, "article_opinion": 404, "article_versions": 404, "portal_article": 404,
    **{
        f"problem{one}": 404
        for one in ("", "_edit", "_end", "_link", "_publish", "_workaround", "_merge")
    },
    "hypothesis_new": 404, "measure_new": 404, "digest": 404,
}  # fmt: skip
# The agent of the small desk has a password, which is asked for once more before something grave.
ASKED_AGAIN = {
    "account_password", "mfa_activate_totp", "mfa_add_webauthn", "mfa_edit_webauthn", "mfa_remove_webauthn",
    "mfa_view_recovery_codes", "token_new", "mfa_reauthenticate", "mfa_reauthenticate_webauthn",
}  # fmt: skip
# A customer's own request: nobody else finds it in the portal.
OF_THE_CUSTOMER = {"portal_heard_line", "portal_ticket", "portal_ask", "portal_reopen"}
# The agent's own addresses: nobody else changes them.
OF_THE_AGENT = {"method_verify", "method_remove"}
# The agent's own addresses; to others they do not exist. This one is proven already, so the way to prove it leads back.
OF_THE_AGENT = {"method_verify": 302, "method_remove": 200}
# Made by the team's own lead (the lead of the small desk), its escalation manager, or an administrator.
OF_THE_TEAMS_MANAGERS = {"team_edit"}


def address(name: str, desk: object) -> str:
    return reverse(name, args=arguments(name, desk))


@pytest.mark.parametrize("name", names())
def test_every_route_says_who_may_open_it(name: str) -> None:
    assert view_of(name).access in ALLOWED  # type: ignore[attr-defined]  # the mark of web/access.py


@pytest.mark.parametrize("person", ["agent", "lead", "manager", "admin", "stakeholder", "requester"])
def test_each_kind_of_person_gets_what_the_table_says(desk, signed_in, person) -> None:  # type: ignore[no-untyped-def]
    client = signed_in(person)
    got, expected = {}, {}
    for name in names():
        response = client.get(address(name, desk))
        got[name] = response.status_code
        if person not in ALLOWED[view_of(name).access]:  # type: ignore[attr-defined]
            expected[name] = 405 if name in POST_ONLY and response.status_code == 405 else 403
        elif name in POST_ONLY:
            expected[name] = 405
        elif (
            NOWHERE in arguments(name, desk)
            or (name in OF_THE_CUSTOMER and person != "requester")
            or (name in OF_THE_AGENT and person != "agent")
        ):
            expected[name] = 404
        elif name in OF_THE_AGENT:
            expected[name] = OF_THE_AGENT[name] if person == "agent" else 404
        elif name in OF_THE_TEAMS_MANAGERS and person not in {"lead", "manager", "admin"}:
            expected[name] = 403
        elif name in ASKED_AGAIN and person == "agent":
            expected[name] = 302
        elif name == "account_reauthenticate" and person == "agent":
            expected[name] = 200
        else:
            expected[name] = ELSEWHERE.get(name, 200)
    assert got == expected


def test_a_stranger_is_sent_to_the_sign_in(desk) -> None:  # type: ignore[no-untyped-def]
    client = Client()
    for name in names():
        if view_of(name).access == "public":  # type: ignore[attr-defined]
            continue
        where = address(name, desk)
        response = client.get(where)
        assert (name, response.status_code, response["Location"]) == (name, 302, f"/sign-in?next={where}")


def test_a_requester_sees_no_ticket_of_somebody_else(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    assert signed_in("requester").get(reverse("ticket", args=[desk.ticket.number])).status_code == 403


def rows() -> dict[str, int]:
    """Count every table but the sessions, which belong to the browser."""
    counted = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            if table.startswith(("django_session", "procrastinate")):
                continue
            cursor.execute(
                f"SELECT count(*), md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM \"{table}\" t"
            )
            counted[table] = cursor.fetchone()
    return counted


@pytest.mark.parametrize("person", ["admin", None])
def test_looking_at_every_page_changes_nothing(desk, person) -> None:  # type: ignore[no-untyped-def]
    client = desk.client(desk.admin if person else None)
    if person:
        desk.admin.refresh_from_db()
    before = rows()
    for name in names():
        client.get(address(name, desk))
        client.get(address(name, desk), headers={"HX-Request": "true"})
    assert rows() == before


def test_every_page_carries_the_strict_policy_and_no_inline_script_or_style(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("admin")
    for name in names():
        response = client.get(address(name, desk))
        policy = response["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        if response["Content-Type"].startswith("text/html"):
            html = response.content.decode()
            assert " style=" not in html, name
            assert "<style" not in html, name
            assert " onclick=" not in html, name
            data = html.count(' type="application/json"')  # what a chart reads: never run
            assert html.count("<script") == html.count("<script src=") + data, name


def test_pages_that_do_not_exist_say_so_kindly(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    response = signed_in("agent").get("/tickets/999999")
    assert response.status_code == 404
    assert "T-999999" in response.content.decode()
    assert Client().get("/nothing/here").status_code in (302, 404)
