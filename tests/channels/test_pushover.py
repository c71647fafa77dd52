"""Pushover against a local server that takes what its API takes."""

from collections.abc import Iterator

import pytest

from tests.channels.service import Service, Taken, running, send
from tocsin.channels.pushover.kind import KIND
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.transport import BundleItem, TransportError
from tocsin.intake.replies.pushover import Acknowledged, acknowledged

USER = "uQiRzpo4DXghDmr9QzzfQu27cmVRsG"
TOKEN = "azGDORePK8gMaC0QOYAMyEEuzJnyUi"
ANSWER = "https://desk.example.org/answer/tok:en"


def api(taken: Taken) -> tuple[int, bytes]:
    form = taken.form
    if form["token"] != TOKEN:
        return 400, b'{"token":"invalid","errors":["application token is invalid"],"status":0}'
    if form["user"] != USER:
        return 400, b'{"user":"invalid","errors":["user identifier is invalid"],"status":0}'
    emergency = form["priority"] == "2"
    if emergency and (int(form["retry"]) < 30 or int(form["expire"]) > 10_800):
        return 400, b'{"errors":["retry"],"status":0}'
    if len(form["title"]) > 250 or not 1 <= len(form["message"]) <= 1024 or len(form.get("url", "")) > 512:
        return 400, b'{"errors":["too long"],"status":0}'
    receipt = b',"receipt":"rLqVuqTRh62UzxtmqiaLzQmVcPgiCy"' if emergency else b""
    return 200, b'{"status":1,"request":"5042853c"' + receipt + b"}"


@pytest.fixture
def pushover() -> Iterator[Service]:
    with running(api) as service:
        yield service


def values(service: Service, **more: str) -> dict[str, str]:
    return {"token": TOKEN, "api_url": service.url, **more}


def test_an_urgent_page_is_an_emergency_that_calls_back(pushover: Service, message) -> None:
    sent = send(KIND, message(to=USER, answer_url=ANSWER), values(pushover))
    (taken,) = pushover.taken
    assert taken.path == "/1/messages.json"
    assert taken.form == {
        "token": TOKEN, "user": USER, "title": "[P1] T-7 needs an answer: Payroll",
        "message": "Nobody is paid.\nImpact: all.", "timestamp": "1772614800", "priority": "2", "retry": "60",
        "expire": "600", "tags": "page=0190-key", "callback": "https://desk.example.org/hooks/pushover/tok:en",
        "url": "https://desk.example.org/respond/abc", "url_title": "Answer",
    }  # fmt: skip
    assert sent.provider_id == "rLqVuqTRh62UzxtmqiaLzQmVcPgiCy"


def test_what_waits_for_no_answer_does_not_sound_until_it_is_acknowledged(pushover: Service, message) -> None:
    sent = send(KIND, message(to=USER, purpose="warning"), values(pushover))
    assert pushover.taken[0].form["priority"] == "1"
    assert sent.provider_id == "5042853c"
    send(KIND, message(to=USER, urgency="normal", answer_url=ANSWER), values(pushover))
    assert pushover.taken[1].form["priority"] == "0"


def test_a_device_may_be_named(pushover: Service, message) -> None:
    send(KIND, message(to=f"{USER}:phone"), values(pushover))
    assert (pushover.taken[0].form["user"], pushover.taken[0].form["device"]) == (USER, "phone")


def test_long_texts_are_cut_to_what_pushover_takes(pushover: Service, message) -> None:
    items = tuple(BundleItem(f"T-{n}", "x" * 60, "") for n in range(37))
    send(
        KIND,
        message(to=USER, subject="s" * 300, items=items, link="https://desk.example.org/" + "x" * 600),
        values(pushover),
    )
    assert "url" not in pushover.taken[0].form


@pytest.mark.parametrize(
    ("wrong", "fault", "permanent"),
    [({"token": "wrong"}, Fault.CREDENTIALS, False), ({"user": "x" * 30}, Fault.MESSAGE, True)],
)
def test_a_wrong_application_is_told_from_a_wrong_person(
    pushover: Service, message, wrong: dict[str, str], fault: Fault, permanent: bool
) -> None:
    with pytest.raises(TransportError) as refused:
        send(
            KIND,
            message(to=wrong.get("user", USER)),
            values(pushover) | {k: v for k, v in wrong.items() if k == "token"},
        )
    assert (refused.value.fault, refused.value.permanent) == (fault, permanent)


def test_a_used_up_month_rests_the_application(pushover: Service, message) -> None:
    pushover.says(429, {"status": 0, "errors": ["application is over its message limit"]})
    with pytest.raises(TransportError) as refused:
        send(KIND, message(to=USER), values(pushover))
    assert (refused.value.fault, refused.value.permanent) == (Fault.CREDENTIALS, False)


@pytest.mark.parametrize("expire", ["59", "10801"])
def test_an_emergency_that_sounds_too_short_or_too_long_cannot_be_set(pushover: Service, expire: str) -> None:
    with pytest.raises(ValueError, match="seconds"):
        KIND.build(values(pushover, expire=expire), None)  # type: ignore[arg-type]  # it refuses before it looks


def test_only_an_acknowledgement_is_read_as_one() -> None:
    form = {"receipt": "rLqVuq", "acknowledged": "1", "acknowledged_by_device": "phone"}
    assert acknowledged(form) == Acknowledged("rLqVuq", "phone")
    assert acknowledged(form | {"acknowledged": "0"}) is None
    assert acknowledged(form | {"receipt": "../../x"}) is None
    assert acknowledged({}) is None
