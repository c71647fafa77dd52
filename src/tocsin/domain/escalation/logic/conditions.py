"""Conditions: CEL over the typed view of a ticket, checked when a policy is saved (SEMANTICS 3).

The Common Expression Language has no loops, no state, no clock and no input or output, so a
condition can neither hang the engine nor decide differently on the same ticket. On top of what
the language guarantees we bound length and nesting, refuse comprehensions within comprehensions
(their cost would multiply), and take only literal patterns in `matches` (RE2: linear time).
"""

import difflib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cel_expr_python import cel

from tocsin.domain.escalation.logic.view import TicketView

MAX_LENGTH = 2_000
MAX_NESTING = 24  # brackets; the library's own parser gives up at 32 with a poorer message
MACROS = frozenset({"all", "exists", "exists_one", "map", "filter"})
METHODS = ("startsWith", "endsWith", "contains", "matches", "size")
FIELDS: dict[str, type] = dict(TicketView.__annotations__)

_CEL_TYPES: dict[Any, Any] = {int: cel.Type.INT, str: cel.Type.STRING, bool: cel.Type.BOOL, float: cel.Type.DOUBLE}
# CEL resolves `ticket.priority` to the longest declared name, so each field is a variable with a type of its own.
_ENVIRONMENT = cel.NewEnv(variables={f"ticket.{name}": _CEL_TYPES[kind] for name, kind in FIELDS.items()})

_TOKENS = re.compile(
    r"""(?P<skip>\s+|//[^\n]*)
    |(?P<text>[rRbB]{0,2}(?:\"{3}[\s\S]*?\"{3}|'{3}[\s\S]*?'{3}|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'))
    |(?P<name>[A-Za-z_]\w*)
    |(?P<sign>&&|\|\||==|!=|<=|>=|[\s\S])""",
    re.VERBOSE,
)
_REPORT = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): ([^\n]*)")
_UNKNOWN = re.compile(r"undeclared reference to '([^']*)'")
_OVERLOAD = re.compile(r"found no matching overload for '([^']*)' applied to '\(?(.*?)\)?'")
_SAYS = {"int": "a whole number", "string": "a text", "bool": "true/false", "double": "a decimal number"}
_WORDS = {"and": "&&", "or": "||", "not": "!", "AND": "&&", "OR": "||", "NOT": "!", "=": "=="}


class ConditionError(Exception):
    """A condition that cannot be used, or (from `evaluate`) that failed on this ticket.

    `line` and `column` are 1-based within the expression. Whoever evaluates a condition treats
    the error as false and journals it: a broken condition never fires and is never silent.
    """

    def __init__(self, message: str, column: int = 1, *, line: int = 1, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.column = column
        self.line = line
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class _Compiled:
    expression: Any
    fields: tuple[str, ...]  # what it reads, so that evaluation hands over no more


def check(expression: str) -> None:
    """Raise ConditionError unless `expression` is a usable condition; an empty one is, and is always true.

    It must be well formed, name only fields of TicketView, compare like with like, give true or
    false, keep within the budgets, and not fail on an ordinary new ticket.
    """
    if not expression.strip():
        return
    tokens = _tokens(expression)
    _bound(expression, tokens)
    _refuse_patterns(tokens)
    _compiled(expression)
    try:
        evaluate(expression, TicketView())
    except ConditionError as error:
        raise ConditionError(
            f"It fails on an ordinary new ticket: {error.message}.",
            remedy='Guard it, for example "ticket.messages > 0 && ...".',
        ) from None


def evaluate(expression: str, view: TicketView) -> bool:
    """Return whether the condition holds for `view`; an empty one does.

    Raises ConditionError when it cannot be told, for example after a division by zero.
    Costs a few microseconds; compiled expressions are kept.
    """
    if not expression.strip():
        return True
    compiled = _compiled(expression)
    data = {f"ticket.{name}": getattr(view, name) for name in compiled.fields}
    try:
        value = compiled.expression.eval(data=data)
    except RuntimeError as error:  # the library's iteration budget
        raise ConditionError(_plain(str(error))) from None
    result = value.plain_value()
    if not isinstance(result, bool):
        raise ConditionError(_plain(str(result)))
    return result


def holds(expression: str, view: TicketView, *, otherwise: bool = False) -> bool:
    """Return whether the condition holds for `view`; `otherwise` where it cannot be evaluated.

    What is broken must open no escalation (false), and must keep no level from being told (true).
    """
    try:
        return evaluate(expression, view)
    except ConditionError:
        return otherwise


@lru_cache(maxsize=2_048)
def _compiled(expression: str) -> _Compiled:
    tokens = _tokens(expression)
    try:
        compiled = _ENVIRONMENT.compile(expression)
    except (RuntimeError, TypeError) as error:
        raise _explained(str(error), tokens) from None
    if compiled.return_type() != cel.Type.BOOL:
        kind = _SAYS.get(compiled.return_type().name().lower(), "something else")
        raise ConditionError(
            f"A condition must be true or false; this gives {kind}.",
            remedy='Compare it with something, for example "ticket.priority <= 2".',
        )
    return _Compiled(compiled, tuple(sorted(_fields_read(tokens))))


def _tokens(expression: str) -> list[_Token]:
    found: list[_Token] = []
    line, start = 1, 0
    for match in _TOKENS.finditer(expression):
        kind, text = str(match.lastgroup), match.group()
        if kind != "skip":
            found.append(_Token(kind, text, line, match.start() - start + 1))
        if "\n" in text:
            line += text.count("\n")
            start = match.start() + text.rindex("\n") + 1
    return found


def _fields_read(tokens: list[_Token]) -> set[str]:
    triples = zip(tokens, tokens[1:], tokens[2:], strict=False)
    return {c.text for a, b, c in triples if a.text == "ticket" and b.text == "." and c.text in FIELDS}


def _bound(expression: str, tokens: list[_Token]) -> None:
    """Refuse what could cost much: length, nesting, comprehensions within comprehensions, untyped values."""
    if len(expression) > MAX_LENGTH:
        raise ConditionError(
            f"The condition has {len(expression)} characters; {MAX_LENGTH} are allowed.",
            remedy="Split it over several triggers or levels.",
        )
    open_brackets: list[bool] = []  # True where the bracket is a comprehension's
    for before, token, after in zip([None, *tokens], tokens, [*tokens[1:], None], strict=False):
        called = token.kind == "name" and after is not None and after.text == "("
        if called and token.text == "dyn":
            raise ConditionError("dyn() is not allowed: conditions are typed.", token.column, line=token.line)
        if called and token.text == "has":
            raise ConditionError(
                "has() is not needed: every field of a ticket is there.",
                token.column,
                line=token.line,
                remedy='A text that is not set is empty: ticket.service != "".',
            )
        if called and token.text in MACROS and before is not None and before.text == "." and any(open_brackets):
            raise ConditionError(
                f"{token.text}() stands inside another comprehension, whose costs would multiply.",
                token.column,
                line=token.line,
                remedy="Use one comprehension, or `in` with a list.",
            )
        if token.text in ("(", "[", "{"):
            open_brackets.append(token.text == "(" and before is not None and before.text in MACROS)
        elif token.text in (")", "]", "}") and open_brackets:
            open_brackets.pop()
        if len(open_brackets) > MAX_NESTING:
            raise ConditionError(
                f"Brackets are nested deeper than {MAX_NESTING}.",
                token.column,
                line=token.line,
                remedy="Write it flatter.",
            )


def _refuse_patterns(tokens: list[_Token]) -> None:
    """Refuse patterns that are not literal, so that no customer's text is ever a pattern, or not valid RE2."""
    for index, token in enumerate(tokens):
        if token.text != "matches" or token.kind != "name":
            continue
        around = tokens[index - 1 : index + 4] if index else []
        shape = [part.kind if part.kind == "text" else part.text for part in around]
        if shape != [".", "matches", "(", "text", ")"]:
            raise ConditionError(
                "matches takes one pattern, written as a literal text.",
                token.column,
                line=token.line,
                remedy='Write it like ticket.subject.matches("(?i)payroll").',
            )
        pattern = tokens[index + 2]
        try:
            value = _ENVIRONMENT.compile(f'"".matches({pattern.text})').eval(data={}).plain_value()
        except RuntimeError as error:
            value = str(error)
        if not isinstance(value, bool):
            raise ConditionError(
                f"The pattern {pattern.text} cannot be used: {_plain(str(value))}.",
                pattern.column,
                line=pattern.line,
                remedy="Patterns are RE2: no look-ahead, no back-references.",
            )


def _explained(report: str, tokens: list[_Token]) -> ConditionError:
    """Turn the library's report into a sentence that names the field and the nearest known ones."""
    match = _REPORT.search(report)
    if match is None or match[1] == "-1":
        return ConditionError("It is nested too deeply, or holds a character that is none.", remedy="Write it flatter.")
    line, column, text = max(1, int(match[1])), max(1, int(match[2])), match[3]
    if unknown := _UNKNOWN.search(text):
        return _unknown_name(unknown[1], line, column)
    if overload := _OVERLOAD.search(text):
        return _wrong_types(overload[1], overload[2], line, column)
    if "operand of a select" in text:
        return ConditionError(
            "A field of a ticket has no fields of its own.", column, line=line, remedy="Name one field: ticket.service."
        )
    for token in tokens:
        if token.kind != "text" and token.text in _WORDS:
            return ConditionError(
                f'"{token.text}" is not part of the language.',
                token.column,
                line=token.line,
                remedy=f'Write "{_WORDS[token.text]}".',
            )
    problem = text.split(" expecting ")[0].removeprefix("Syntax error: ")
    return ConditionError(
        f"It cannot be read here: {problem}.",
        column,
        line=line,
        remedy='Conditions look like: ticket.priority <= 2 && ticket.service == "Payroll".',
    )


def _unknown_name(name: str, line: int, column: int) -> ConditionError:
    if name == "ticket":
        return ConditionError(
            "`ticket` alone is not a value.", column, line=line, remedy="Name a field of it: ticket.priority."
        )
    if name in FIELDS:
        return ConditionError(f"Unknown name {name}.", column, line=line, remedy=f"Write ticket.{name}.")
    prefix, _, field = name.rpartition(".")
    if prefix.lower() == "ticket" and field in FIELDS:
        return ConditionError(
            f"Unknown name {name}.", max(1, column - len(prefix)), line=line, remedy=f"Write ticket.{field}."
        )
    if prefix == "ticket":
        near = difflib.get_close_matches(field.lower(), FIELDS, n=3, cutoff=0.5) or sorted(FIELDS)
        return ConditionError(
            f"A ticket has no field {field}.",
            max(1, column - len("ticket")),
            line=line,
            remedy="Known: " + ", ".join(f"ticket.{known}" for known in near) + ".",
        )
    near = difflib.get_close_matches(name, [*METHODS, *MACROS, *FIELDS], n=1, cutoff=0.75)
    hint = f"Did you mean {near[0]}? " if near else ""
    return ConditionError(
        f"Unknown name {name}.",
        column,
        line=line,
        remedy=f"{hint}Texts stand in quotes; of functions there are {', '.join(METHODS)}.",
    )


def _wrong_types(operator: str, types: str, line: int, column: int) -> ConditionError:
    sign = operator.replace("_", "").removeprefix("@")
    kinds = [_SAYS.get(kind.strip(), kind.strip().replace("list(", "a list (")) for kind in types.split(",")]
    return ConditionError(
        f"{sign} cannot take {' and '.join(kinds)}.",
        column,
        line=line,
        remedy="Compare like with like: numbers bare (ticket.priority <= 2), "
        'texts in quotes (ticket.service == "Payroll").',
    )


def _plain(report: str) -> str:
    """Return the library's words without its status codes."""
    text = re.sub(r"\s*\[[A-Z_]+\]\s*$", "", report.strip())
    return re.sub(r"^[A-Z_]+: ", "", text).removeprefix("ERROR: ").split("\n")[0].rstrip(".")


@dataclass(frozen=True, slots=True)
class Variable:
    """One thing a condition may name, for the reference and the editor."""

    name: str
    kind: str  # text, number, true/false
    meaning: str


MEANINGS = {
    "number": "the ticket's number, without its T-",
    "subject": "the subject line",
    "status": "new, open, waiting_customer, waiting_vendor, waiting_change, resolved, closed or reopened",
    "priority": "1 (gravest) to 4",
    "impact": "1 (high) to 3 (low)",
    "urgency": "1 (high) to 3 (low)",
    "category": "the category, empty when none is set",
    "channel": "how it came in: web, email, ...",
    "configuration_item": "the affected item",
    "service": "the name of the service",
    "team": "the slug of the team that has it",
    "line": "that team's line: L1, L2, L3 or management",
    "owner": "the owner's e-mail address, empty when nobody owns it",
    "has_owner": "whether somebody owns it",
    "organisation": "the name of the customer",
    "requester": "the requester's e-mail address",
    "handovers": "how often it changed hands",
    "ping_pongs": "how often it came back to somebody who had passed it on",
    "reopens": "how often it was reopened",
    "messages": "messages of all kinds, internal notes included",
    "customer_messages": "messages from the customer",
    "links": "tickets linked with it",
    "age_minutes": "minutes since it was opened",
    "idle_minutes": "minutes since the last public reply, or since it was opened when there is none",
    "open_escalations": "escalations now open on it",
    "is_open": "whether it is neither resolved nor closed",
}
_KINDS = {"str": "text", "int": "number", "float": "number", "bool": "true/false"}


def variables() -> tuple[Variable, ...]:
    """Return everything a condition may name, in the order of TicketView."""
    return tuple(
        Variable(f"ticket.{name}", _KINDS[kind.__name__], MEANINGS.get(name, "")) for name, kind in FIELDS.items()
    )
