"""Reading a policy's fields from a document: each problem is noted with its line, and reading goes on."""

import difflib
import enum
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from tocsin.domain.escalation.logic import conditions, document, durations
from tocsin.domain.escalation.logic.document import Node, Scalar
from tocsin.domain.escalation.logic.policy import Target, TargetKind
from tocsin.domain.escalation.logic.spec_errors import PolicyError

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?")
KEY = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,78}[a-z0-9])?")
TEAM = re.compile(r"[A-Za-z0-9_-]{1,80}")
EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,190}")
NEEDS_REF = {
    TargetKind.USER: "an e-mail address",
    TargetKind.TEAM: "a team's slug",
    TargetKind.SKILL: "a skill's name",
    TargetKind.ON_CALL: "a schedule's slug",
    TargetKind.ROUND_ROBIN_SCHEDULE: "a schedule's slug",
}
MAY_HAVE_REF = {TargetKind.TEAM_LEAD, TargetKind.TEAM_MANAGER, TargetKind.ROUND_ROBIN_TEAM}
OF_SCHEDULES = {TargetKind.ON_CALL, TargetKind.ROUND_ROBIN_SCHEDULE}
REF_EXAMPLES = {
    TargetKind.USER: "user: ana@example.org",
    TargetKind.TEAM: "team: network",
    TargetKind.SKILL: "skill: Oracle",
    TargetKind.ON_CALL: "on_call: network",
    TargetKind.ROUND_ROBIN_SCHEDULE: "round_robin_schedule: network",
}

type Read = Callable[["Reading", Node, str], Any]


class Wrong(Exception):
    """One value cannot be used. Caught by whoever reads the field, who knows its path."""

    def __init__(self, message: str, remedy: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.line = line


class Reading:
    """The reading of one file: what was wrong, and on which line each field stands."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.errors: list[PolicyError] = []
        self.lines: dict[str, int] = {}

    def refuse(self, line: int, path: str, message: str, remedy: str) -> None:
        self.errors.append(PolicyError(self.file, line, path, message, remedy))

    def value(self, node: Node, path: str, read: Read) -> tuple[Any, bool]:
        """Return (value, whether it could be read); a failure is noted."""
        self.lines.setdefault(path, node.line)
        try:
            return read(self, node, path), True
        except Wrong as wrong:
            self.refuse(wrong.line or node.line, path, wrong.message, wrong.remedy)
            return None, False

    def fields(
        self, node: Node, path: str, table: Mapping[str, Read], required: Mapping[str, str], what: str
    ) -> tuple[dict[str, Any], frozenset[str]]:
        """Read a mapping by `table`; return (what could be read, every known name that is written).

        `required` maps a name that must be there to how to write it. An empty value counts as left out.
        """
        if not isinstance(node, document.Mapping):
            raise Wrong(f"{what} must be a list of fields (name: value).", f"Its fields are {', '.join(table)}.")
        found: dict[str, Any] = {}
        seen: dict[str, int] = {}
        for key, child in node.entries:
            name, place = key.text, join(path, key.text)
            if name in seen:
                self.refuse(
                    key.line, place, f"{name} is written twice; first on line {seen[name]}.", "Keep one of them."
                )
                continue
            seen[name] = key.line
            if name not in table:
                self.refuse(key.line, place, f"{what} has no field {name}.", nearest(name, table))
                continue
            if isinstance(child, Scalar) and child.absent:
                del seen[name]
                continue
            self.lines[place] = key.line
            value, good = self.value(child, place, table[name])
            if good:
                found[name] = value
        for name, example in required.items():
            if name not in seen:
                self.refuse(node.line, join(path, name), f"{what} needs {name}.", f"Add it, for example `{example}`.")
        return found, frozenset(seen) & table.keys()

    def each(self, node: Node, path: str, read: Read, at_most: int, instead: Any = None) -> tuple[Any, ...]:
        """Read a list; an element that cannot be read is noted, and `instead` keeps its place (None: left out)."""
        if not isinstance(node, document.Sequence):
            raise Wrong("This must be a list.", "Begin each element on a line of its own with `- `.")
        if len(node.items) > at_most:
            raise Wrong(f"{len(node.items)} elements are more than the {at_most} allowed.", "Leave some out.")
        read_items = [self.value(item, f"{path}[{index}]", read) for index, item in enumerate(node.items)]
        return tuple(value if good else instead for value, good in read_items if good or instead is not None)


def join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a remedy that names what was probably meant, or all there is."""
    names = list(known)
    near = difflib.get_close_matches(word.lower().replace(" ", "_").replace("-", "_"), names, n=1, cutoff=0.7)
    return f"Did you mean {near[0]}?" if near else f"Known: {', '.join(names)}."


def scalar(node: Node, example: str) -> Scalar:
    if not isinstance(node, Scalar):
        raise Wrong("This must be a single value.", f"For example `{example}`.")
    return node


def text(limit: int, *, lines: bool = False) -> Read:
    """Text of at most `limit` characters without control characters; one line unless `lines`."""

    def read(_reading: Reading, node: Node, _path: str) -> str:
        value = scalar(node, "some text").text.strip()
        if len(value) > limit:
            raise Wrong(f"{len(value)} characters are more than the {limit} allowed.", "Shorten it.")
        allowed = "\n\t" if lines else ""
        if any(unicodedata.category(sign) in ("Cc", "Zl", "Zp", "Cs") and sign not in allowed for sign in value):
            raise Wrong("The text holds a line break or a control character.", "Write it on one line.")
        return value

    return read


def shaped(pattern: re.Pattern[str], says: str, example: str) -> Read:
    def read(_reading: Reading, node: Node, _path: str) -> str:
        value = scalar(node, example).text
        if pattern.fullmatch(value) is None:
            raise Wrong(f"{value or 'Nothing'} is not {says}.", f"For example `{example}`.")
        return value

    return read


def one_of(names: Iterable[str]) -> Read:
    known = tuple(names)

    def read(_reading: Reading, node: Node, _path: str) -> str:
        value = scalar(node, known[0]).text
        if value not in known:
            raise Wrong(f"{value or 'Nothing'} is not known here.", nearest(value, known))
        return value

    return read


def enumerated[E: enum.StrEnum](kind: type[E]) -> Read:
    choose = one_of(member.value for member in kind)
    return lambda reading, node, path: kind(choose(reading, node, path))


def duration(least: timedelta = timedelta(), most: timedelta = timedelta(days=366)) -> Read:
    low, high = durations.format_duration(least), durations.format_duration(most)

    def read(_reading: Reading, node: Node, _path: str) -> timedelta:
        value = scalar(node, "15m").text
        parsed = durations.parse_duration(value)
        if parsed is None:
            raise Wrong(f"{value or 'Nothing'} is not a duration.", "Write it like 90s, 15m, 4h, 1d, 1h30m or 0.")
        if not least <= parsed <= most:
            raise Wrong(f"{value} is out of range.", f"Between {low} and {high} is allowed.")
        return parsed

    return read


def percent(_reading: Reading, node: Node, _path: str) -> float:
    value = scalar(node, "75%").text
    parsed = durations.parse_percent(value)
    if parsed is None or not 0 < parsed <= 1_000:
        raise Wrong(f"{value or 'Nothing'} is not a share of a target.", "Write it like 75%, up to 1000%.")
    return parsed


def whole(least: int, most: int) -> Read:
    def read(_reading: Reading, node: Node, _path: str) -> int:
        value = scalar(node, str(least)).text
        if re.fullmatch(r"[0-9]{1,9}", value) is None or not least <= int(value) <= most:
            raise Wrong(
                f"{value or 'Nothing'} is not a whole number from {least} to {most}.", f"For example `{least}`."
            )
        return int(value)

    return read


def truth(_reading: Reading, node: Node, _path: str) -> bool:
    value = scalar(node, "true")
    if not value.plain or value.text.lower() not in ("true", "false"):
        raise Wrong(f"{value.text or 'Nothing'} is neither true nor false.", "Write true or false.")
    return value.text.lower() == "true"


def condition(_reading: Reading, node: Node, _path: str) -> str:
    written = scalar(node, "ticket.priority <= 2")
    value = written.text.strip()
    try:
        conditions.check(value)
    except conditions.ConditionError as error:
        # A literal block keeps its lines, so the exact one is known; it begins below its `|`.
        line = written.line + error.line if written.literal else written.line
        place = f"column {error.column}" if written.literal else f"column {error.column} of the condition"
        raise Wrong(f"{error.message.rstrip('.')} ({place}).", error.remedy, line) from None
    return value


def target(reading: Reading, node: Node, path: str) -> Target:
    """`owner`, or `team: network`: a role, with the name that some roles take."""
    kinds = [kind.value for kind in TargetKind]
    if isinstance(node, Scalar):
        word, ref = node.text.strip(), ""
    elif isinstance(node, document.Mapping) and len(node.entries) == 1:
        key, child = node.entries[0]
        word = key.text.strip()
        ref = "" if isinstance(child, Scalar) and child.absent else text(120)(reading, child, path)
    else:
        raise Wrong("A target is one role, or one role with a name.", "Write `- owner` or `- team: network`.")
    if word not in kinds:
        raise Wrong(f"{word or 'Nothing'} is not a role.", nearest(word, kinds))
    return Target(TargetKind(word), _ref(TargetKind(word), ref))


def _ref(kind: TargetKind, ref: str) -> str:
    if kind in NEEDS_REF and not ref:
        raise Wrong(f"{kind.value} needs {NEEDS_REF[kind]}.", f"Write `- {REF_EXAMPLES[kind]}`.")
    if ref and kind not in NEEDS_REF and kind not in MAY_HAVE_REF:
        raise Wrong(f"{kind.value} takes no name: it follows from the ticket.", f"Write `- {kind.value}`.")
    if kind is TargetKind.USER and EMAIL.fullmatch(ref) is None:
        raise Wrong(f"{ref} is not an e-mail address.", f"Write `- {REF_EXAMPLES[kind]}`.")
    if ref and kind in MAY_HAVE_REF | OF_SCHEDULES | {TargetKind.TEAM} and TEAM.fullmatch(ref) is None:
        thing = "schedule" if kind in OF_SCHEDULES else "team"
        raise Wrong(f"{ref} is not a {thing}'s slug.", f"Write the slug, not the name: `- {kind.value}: network`.")
    return ref
