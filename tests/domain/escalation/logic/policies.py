"""Any policy that can be written, for properties."""

import string
from datetime import timedelta

from hypothesis import strategies as st

from tocsin.domain.escalation.logic import spec
from tocsin.domain.escalation.logic.policy import (
    ROUND_ROBINS,
    AckMode,
    Approval,
    Level,
    LevelCondition,
    OnApprovalTimeout,
    OnReassign,
    Policy,
    Repeat,
    Target,
    TargetKind,
    Terminal,
    Trigger,
    TriggerKind,
)
from tocsin.domain.escalation.logic.spec_reading import MAY_HAVE_REF, NEEDS_REF

_slugs = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
_texts = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn", "Co")), max_size=60).map(str.strip)
_lines = st.lists(_texts, max_size=5).map(lambda lines: "\n".join(lines).strip())
_conditions = st.sampled_from(
    [
        "",
        "ticket.priority <= 2",
        "ticket.service == \"Payroll: 'x' # y\"",
        "!ticket.has_owner",
        "true\n&& ticket.is_open",
    ]
)


def _durations(least: int, most: int) -> st.SearchStrategy[timedelta]:
    return st.integers(least, most).map(lambda seconds: timedelta(seconds=seconds))


def _target(kind: TargetKind) -> st.SearchStrategy[Target]:
    if kind is TargetKind.USER:
        return _slugs.map(lambda name: Target(kind, f"{name}@example.org"))
    if kind is TargetKind.SKILL:
        return _texts.filter(bool).map(lambda name: Target(kind, name))
    names = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=20)
    if kind in NEEDS_REF:
        return names.map(lambda name: Target(kind, name))
    return (names | st.just("")).map(lambda name: Target(kind, name)) if kind in MAY_HAVE_REF else st.just(Target(kind))


targets = st.sampled_from(list(TargetKind)).flatmap(_target)

levels = st.builds(
    Level,
    name=_texts.filter(bool),
    targets=st.lists(targets, min_size=1, max_size=4).map(tuple),
    delay=_durations(0, 86_400),
    ack=st.sampled_from(AckMode),
    condition=st.sampled_from(LevelCondition),
    when=_conditions,
    urgent=st.booleans(),
    policy=st.just("") | st.just("another-one"),
    gate=st.lists(st.sampled_from(spec.GATE), unique=True).map(tuple),
)

_parameters: dict[str, st.SearchStrategy[object]] = {
    "clock": st.sampled_from(spec.CLOCKS),
    "percent": st.integers(1, 100_000).map(lambda hundredths: hundredths / 100),
    "after": _durations(1, 10**6),
    "count": st.integers(1, 1_000),
    "line": st.sampled_from(spec.LINES),
    "within": _durations(60, 10**6),
    "keywords": st.lists(_texts.filter(bool), max_size=3).map(tuple),
}


@st.composite
def triggers(draw: st.DrawFn) -> Trigger:
    kind = draw(st.sampled_from(list(spec.PARAMETERS)))
    needed, optional = spec.PARAMETERS[kind]
    named = {name: draw(_parameters[name]) for name in (*needed, *optional) if name not in ("same", "when")}
    if "same" in needed:
        named["same"] = draw(st.sampled_from(spec.SAME[kind]))
    if kind is TriggerKind.RISK_AT_LEAST:  # a share of all tickets, where clocks may go beyond their target
        named["percent"] = draw(st.integers(1, 10_000).map(lambda hundredths: hundredths / 100))
    when = draw(_conditions.filter(bool) if "when" in needed else _conditions)
    return Trigger(key=draw(_slugs), kind=TriggerKind(kind), when=when, **named)  # type: ignore[arg-type]


_approvals = st.builds(
    Approval,
    approvers=st.lists(targets.filter(lambda one: one.kind not in ROUND_ROBINS), min_size=1, max_size=3).map(tuple),
    timeout=_durations(10, 86_400),
    on_timeout=st.sampled_from(OnApprovalTimeout),
)
_repeats = st.builds(
    Repeat,
    times=st.integers(0, 10),
    after=_durations(10, 86_400),
    terminal=st.sampled_from(Terminal),
    every=_durations(10, 86_400),
)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    kind, direction = draw(st.sampled_from(spec.TYPES)), draw(st.sampled_from(spec.DIRECTIONS))
    may_ask = kind == "customer" or direction == "hierarchical"
    return Policy(
        slug=draw(_slugs.filter(lambda slug: slug != "another-one")),
        name=draw(_texts.filter(bool)),
        type=kind,
        reason=draw(st.sampled_from(spec.REASONS)),
        direction=direction,
        levels=tuple(draw(st.lists(levels, min_size=1, max_size=4))),
        description=draw(_lines),
        owner=draw(st.just("") | _slugs.map(lambda name: f"{name}@example.org")),
        match=draw(_conditions),
        triggers=tuple(draw(st.lists(triggers(), max_size=4, unique_by=lambda trigger: trigger.key))),
        repeat=draw(_repeats),
        ack_timeout=draw(_durations(10, 86_400)),
        snooze_cap=draw(_durations(60, 86_400)),
        reopen_window=draw(_durations(0, 86_400)),
        on_reassign=draw(st.sampled_from(OnReassign)),
        approval=draw(st.none() | _approvals) if may_ask else None,
    )
