"""Every real payload is understood, or refused with a reason; nothing that is sent is an exception."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import SHARED_DATA
from tocsin.intake.alerts.enums import Kind
from tocsin.intake.alerts.keys import key_of, problem_of
from tocsin.intake.alerts.reading import READERS, Alert, AlertState, Unreadable, decode, read
from tocsin.intake.alerts.reading.alert import LONGEST_KEY, make

FOLDER = SHARED_DATA / "alerts"
KINDS = ("alertmanager", "cloudwatch", "grafana", "pagerduty", "opsgenie", "pingdom", "datadog", "sentry", "new_relic",
         "checkmk", "graylog")  # fmt: skip
# What these files hold is no message of the sender to us; the reader says what it is instead.
REFUSED = {
    "alerta__cloudwatch_subscription_confirmation.json": "about the subscription itself",
    "alertmanager__pagerduty_test_17.json": "Event object is invalid",
}
# Keep's mock-ups of alerts that AWS and others list by their API, not of what they send.
MOCKS = "keep__"


def _kind(name: str) -> str:
    told = name.partition("__")[2].replace("prometheus", "alertmanager")
    return next((kind for kind in KINDS if told.startswith((kind, f"test_webhook_{kind}"))), "alertmanager")


def _files() -> list[Path]:
    return sorted(FOLDER.glob("*.json")) if FOLDER.exists() else []


@pytest.mark.skipif(
    not FOLDER.exists(), reason="the real payloads ../shared/data/alerts are not beside this repository"
)
def test_every_real_payload_is_understood_or_refused_with_a_reason() -> None:
    assert len(_files()) == 23
    for path in _files():
        kind, payload = _kind(path.name), decode(path.read_bytes())
        if path.name.startswith(MOCKS):
            continue
        if path.name in REFUSED:
            with pytest.raises(Unreadable, match=REFUSED[path.name]):
                read(kind, payload)
            continue
        for alert in read(kind, payload):
            assert alert.key and alert.title, path.name


@pytest.mark.skipif(
    not FOLDER.exists(), reason="the real payloads ../shared/data/alerts are not beside this repository"
)
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("alertmanager", "prometheus"), ("checkmk", "checkmk"), ("datadog", "datadog"), ("grafana", "grafana"),
        ("sentry", "sentry"),
    ],
)  # fmt: skip
def test_every_alert_of_the_mock_ups_is_understood(name: str, kind: str) -> None:
    found = decode((FOLDER / f"keep__{kind}__alerts_mock__ALERTS.json").read_bytes())
    payloads = [one["payload"] for one in found.values() if isinstance(one, dict) and "payload" in one] or [found]
    for payload in payloads:
        assert all(alert.key and alert.title for alert in read(name, payload))


def test_there_is_a_reader_for_every_kind() -> None:
    assert set(READERS) == set(Kind.values)


def test_firing_and_resolved_of_alertmanager_have_the_same_key() -> None:
    def told(status: str) -> Alert:
        labels = {"alertname": "Down", "instance": "a:9100", "severity": "critical"}
        (alert,) = read("alertmanager", {"alerts": [{"status": status, "labels": labels}]})
        return alert

    assert told("firing").key == told("resolved").key
    assert (told("firing").state, told("resolved").state) == (AlertState.FIRING, AlertState.RESOLVED)


def test_keys_that_differ_at_their_end_only_stay_different() -> None:
    first, second = (make(key="x" * 500 + end, state=AlertState.FIRING, title="t").key for end in "ab")
    assert first != second and len(first) <= LONGEST_KEY and len(second) <= LONGEST_KEY


def test_a_mapping_says_where_things_stand_in_any_json() -> None:
    payload = {"items": [{"what": {"name": "Fan"}, "ref": 7, "grade": "major", "over": "closed"}]}
    mapping = {"each": "items", "title": "what.name", "key": "ref", "severity": "grade", "state": "over"}
    (alert,) = read("generic", payload, mapping)
    assert (alert.title, alert.key, alert.severity, alert.state) == ("Fan", "7", "high", AlertState.RESOLVED)


@pytest.mark.parametrize("body", [b"", b"no", b"3", b'"x"', b"\xff\xfe", b"[" * 20_000, b'{"a":' * 5_000])
def test_what_is_no_object_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read("generic", decode(body))


@given(payload=st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["alerts", "labels", "status", "alert", "event", "data", "payload", "messages", "Message", "issue", "host", "title",
         "check_id", "current_state", "check_result", "state", "fingerprint", "scopes", "startsAt"]), inner, max_size=5),
    max_leaves=12,
))  # fmt: skip
def test_no_payload_makes_a_reader_fail(payload: Any) -> None:
    if not isinstance(payload, dict):
        return
    for kind in READERS:
        try:
            alerts = read(kind, payload)
        except Unreadable:
            continue
        assert all(0 < len(alert.key) <= LONGEST_KEY for alert in alerts)


@given(template=st.text(max_size=40), title=st.text(max_size=300))
def test_a_key_template_knows_names_only_and_is_bounded(template: str, title: str) -> None:
    alert = make(key="k", state=AlertState.FIRING, title=title, facts={"host": "h" * 400})
    assert 0 < len(key_of(template, alert)) <= LONGEST_KEY


@pytest.mark.parametrize("template", ["", "same", "{0.__class__}", "{key", "{facts}", "{key.x}", "{title!r}"])
def test_templates_that_are_no_key_are_refused(template: str) -> None:
    assert problem_of(template)


def test_a_key_template_names_facts() -> None:
    alert = make(key="k", state=AlertState.FIRING, title="Disk", facts={"host": "db1"})
    assert key_of("{title} on {facts.host}", alert) == "Disk on db1"


def test_a_form_may_carry_the_json() -> None:
    assert decode(b"payload=%7B%22title%22%3A1%7D", "application/x-www-form-urlencoded") == {"title": 1}
    assert json.loads(json.dumps(decode(b'[{"title": "x"}]'))) == {"alerts": [{"title": "x"}]}
