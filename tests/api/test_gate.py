"""Who gets in: tokens, scopes, sessions, what travels with every answer, and what is refused before anything is done."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tocsin.api import rate
from tocsin.domain.people import actions as people
from tocsin.domain.people.enums import Scope
from tocsin.domain.people.models import ApiToken, User
from tocsin.domain.tickets.models import Ticket


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def test_nobody_gets_in_without_a_token_or_with_a_wrong_one(desk: Any, program: Any) -> None:
    client = Client()
    bare = client.get("/api/v1/tickets")
    assert code(bare) == (401, "not_authenticated")
    assert bare.headers["WWW-Authenticate"].startswith("Bearer")
    for given in ("Bearer never-was", "Bearer", "Basic YTpi", "bearer \x7f"):
        assert code(client.get("/api/v1/tickets", headers={"Authorization": given})) == (401, "bad_token")


def test_a_revoked_an_ended_and_a_deactivated_persons_token_open_nothing(desk: Any, program: Any) -> None:
    caller = program("agent")
    assert caller("GET", "/me").status_code == 200
    row = ApiToken.objects.get(user=desk.agent)
    ApiToken.objects.update(expires_at=desk.now - timedelta(seconds=1))
    assert code(caller("GET", "/me")) == (401, "bad_token")
    ApiToken.objects.update(expires_at=None)
    User.objects.filter(pk=desk.agent.pk).update(is_active=False)
    assert code(caller("GET", "/me")) == (401, "bad_token")
    User.objects.filter(pk=desk.agent.pk).update(is_active=True)
    people.revoke_token(token_id=row.pk, by=desk.agent, now=desk.now)
    assert code(caller("GET", "/me")) == (401, "bad_token")


def test_a_token_says_whom_it_speaks_for_and_its_use_is_noted(desk: Any, program: Any) -> None:
    said = program("agent", Scope.TICKETS_READ)("GET", "/me").json()
    assert (said["email"], said["scopes"], said["token"]) == (desk.agent.email, ["tickets:read"], "test")
    assert ApiToken.objects.get(user=desk.agent).used_at is not None


SCOPED = [
    ("GET", "/tickets", Scope.TICKETS_READ), ("POST", "/tickets", Scope.TICKETS_WRITE),
    ("GET", "/escalations", Scope.TICKETS_READ), ("GET", "/people", Scope.ONCALL_READ),
    ("GET", "/on-call", Scope.ONCALL_READ), ("GET", "/policies", Scope.POLICIES_READ),
    ("POST", "/policies", Scope.POLICIES_WRITE), ("POST", "/policy-dry-runs", Scope.POLICIES_READ),
    ("POST", "/schedules/first-line/overrides", Scope.ONCALL_WRITE),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "scope"), SCOPED)
def test_a_token_does_only_what_it_was_made_for(desk: Any, program: Any, method: str, path: str, scope: str) -> None:
    others = [one for one in Scope if one not in (scope, Scope.ADMIN)]
    body = {} if method == "POST" else None
    refused = program("admin", *others)(method, path, body)
    assert code(refused) == (403, "scope_missing")
    assert refused.json()["fields"] == {"scope": scope}
    assert program("admin", scope)(method, path, body).status_code in (200, 422)
    assert program("admin", Scope.ADMIN)(method, path, body).status_code in (200, 422)


def test_a_scope_gives_nobody_more_than_they_may_do_themselves(desk: Any, program: Any) -> None:
    requester = program("requester", Scope.ADMIN)
    assert code(requester("GET", "/people")) == (403, "not_allowed")
    assert code(requester("POST", f"/tickets/{desk.queued.number}/take")) == (403, "not_allowed")
    assert code(requester("POST", "/tickets", {"subject": "x", "requester": desk.agent.email})) == (403, "not_allowed")
    assert code(requester("GET", "/escalations")) == (403, "not_allowed")


def test_a_session_reads_and_changes_only_with_its_csrf_token(desk: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(desk.agent, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/api/v1/me").json()["scopes"] == ["admin"]
    given: dict[str, Any] = {"data": '{"subject": "By session"}', "content_type": "application/json"}
    assert code(client.post("/api/v1/tickets", **given)) == (403, "csrf_failed")
    client.get("/account")
    token = client.cookies["csrftoken"].value
    assert client.post("/api/v1/tickets", headers={"X-CSRFToken": token}, **given).status_code == 201


def test_every_answer_says_which_request_it_answers_and_may_not_be_stored(desk: Any, program: Any) -> None:
    caller = program("agent")
    answer = caller("GET", "/tickets", X_Request_Id="my-own-17")
    assert answer.headers["X-Request-Id"] == "my-own-17"
    assert len(caller("GET", "/tickets", X_Request_Id="a b;c").headers["X-Request-Id"]) == 36
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert caller("POST", "/tickets", {"subject": "x"}).headers["Cache-Control"] == "no-store"


def test_refusals_are_problem_details(desk: Any, program: Any) -> None:
    refused = program("agent")("POST", "/tickets", {"subject": "", "priority": 1})
    assert refused.headers["Content-Type"] == "application/problem+json"
    body = refused.json()
    assert (body["status"], body["title"], body["code"]) == (422, "Unprocessable Content", "invalid_request")
    assert set(body["fields"]) == {"body.subject", "body.priority"}
    domain = program("agent")("POST", "/tickets", {"subject": "x", "service": "none-such"}).json()
    assert (domain["code"], set(domain["fields"])) == ("service_not_found", {"service"})


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{", (400, "bad_json")), ('{"subject": NaN}', (400, "bad_json")), ('{"subject": "\\ud800"}', (400, "bad_json")),
        ('{"subject": "a\\u0000b"}', (422, "bad_character")), ("[]", (422, "invalid_request")),
        ('{"subject": "a", "is_demo": true}', (422, "invalid_request")), ("", (422, "invalid_request")),
    ],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_refused(desk: Any, program: Any, body: str, expected: tuple[int, str]) -> None:
    assert code(program("agent")("POST", "/tickets", body)) == expected


def test_a_text_may_speak_of_a_nul_without_holding_one(desk: Any, program: Any) -> None:
    made = program("agent")("POST", "/tickets", '{"subject": "a\\\\u0000b"}')
    assert (made.status_code, made.json()["subject"]) == (201, "a\\u0000b")


def test_a_body_must_be_json_and_of_bearable_size(desk: Any, program: Any, settings: Any) -> None:
    caller = program("agent")
    headers = {"Authorization": f"Bearer {caller.token}"}
    other = caller.client.post("/api/v1/tickets", data="subject=x", content_type="text/plain", headers=headers)
    assert code(other) == (415, "not_json")
    settings.API_BODY = 50
    assert code(caller("POST", "/tickets", {"subject": "x" * 60})) == (413, "too_large")


def test_a_wrong_method_and_a_wrong_address_are_answered_as_the_rest(desk: Any, program: Any) -> None:
    caller = program("agent")
    wrong = caller("DELETE", "/tickets")
    assert (code(wrong), wrong.headers["Allow"]) == ((405, "method_not_allowed"), "GET, POST")
    assert code(caller("GET", "/none-such")) == (404, "no_such_address")
    assert code(Client().get("/api/v1/none-such")) == (404, "no_such_address")
    assert code(caller("GET", "/tickets?q=%00")) == (422, "bad_address")


def test_head_answers_as_get_without_its_body(desk: Any, program: Any) -> None:
    answer = program("agent")("HEAD", f"/tickets/{desk.ticket.number}")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 100


def test_an_address_with_a_line_break_gets_the_apis_answer(program: Any) -> None:
    assert code(program("agent")("GET", "/tickets/1%0A2/nothing")) == (404, "no_such_address")


def test_faults_reach_the_servers_log_outside_debug() -> None:
    assert any(one.level <= logging.ERROR and not one.filters for one in logging.getLogger("django.request").handlers)


def test_a_fault_is_logged_and_says_nothing_of_itself(desk: Any, program: Any, monkeypatch: Any, caplog: Any) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr("tocsin.api.operations.tickets.tickets.access_ticket", broken)
    answer = program("agent")("GET", f"/tickets/{desk.ticket.number}")
    assert code(answer) == (500, "internal_error")
    assert "secret" not in answer.content.decode()
    assert "Internal Server Error" in caplog.text


def test_a_token_may_ask_so_often_in_a_minute_counted_over_all_processes(
    desk: Any, program: Any, settings: Any
) -> None:
    settings.API_RATE = 5
    caller, other = program("agent"), program("agent")
    answers = []
    for number in range(7):
        if number == 3:
            rate.forget()  # another process: it knows only what the database knows
        answers.append(caller("GET", "/me"))
    assert [one.status_code for one in answers] == [200] * 5 + [429] * 2
    assert [one.headers["RateLimit-Remaining"] for one in answers] == ["4", "3", "2", "1", "0", "0", "0"]
    refused = answers[-1]
    assert refused.json()["code"] == "too_many_requests"
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert other("GET", "/me").status_code == 200


def test_a_new_minute_begins_with_the_whole_allowance(desk: Any, settings: Any) -> None:
    settings.API_RATE = 2
    rate.forget()
    caller, at = desk.agent.pk, desk.now.replace(second=30, microsecond=0)
    left = [rate.spend(caller, at), rate.spend(caller, at)]
    assert [one.remaining for one in left if one] == [1, 0]
    assert left[0] is not None and left[0].reset == 30
    with pytest.raises(rate.Refused):
        rate.spend(caller, at)
    fresh = rate.spend(caller, at + timedelta(seconds=30))
    assert fresh is not None and fresh.remaining == 1


def test_processes_take_blocks_and_never_more_than_the_limit_together(desk: Any, settings: Any) -> None:
    settings.API_RATE = 200  # blocks of 4
    given = 0
    for _ in range(80):  # as many processes that each ask three times and then end
        rate.forget()
        for _ in range(3):
            try:
                rate.spend(desk.agent.pk, desk.now)
                given += 1
            except rate.Refused:
                pass
    assert given == 50 * 3  # each took a block of four, gave out three, and the fourth was lost with it


def test_no_limit_is_no_limit(desk: Any, program: Any, settings: Any) -> None:
    settings.API_RATE = 0
    answer = program("agent")("GET", "/me")
    assert "RateLimit-Limit" not in answer.headers


def test_a_refused_request_changes_nothing(desk: Any, program: Any) -> None:
    before = Ticket.objects.count()
    caller = program("agent", Scope.TICKETS_READ)
    assert caller("POST", "/tickets", {"subject": "x"}).status_code == 403
    assert Ticket.objects.count() == before
