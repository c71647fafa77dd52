"""Which messages there are: of all templates, and of the code where it speaks to people.

For `scripts/messages` and the test that nothing lacks a translation; nothing of this runs in production.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tocsin.web.languages.scripts import script_texts
from tocsin.web.languages.segments import messages

# Calls whose text arguments are read by people, by the name of what is called, and which arguments: positions and names.
ERRORS = {"InvalidInput", "Conflict", "NotAllowed", "NotFound", "TocsinError", "Unavailable"}
SPEAKING: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    **dict.fromkeys(ERRORS, ((1, 2), ("message", "fields"))),
    "done": ((2,), ("said",)),
    "success": ((1,), ()), "warning": ((1,), ()), "info": ((1,), ()), "error": ((1,), ()),
    "choice": ((0,), ("empty", "label", "help_text")), "area": ((0,), ("label", "help_text")),
    "say": ((0,), ()), "progress": ((0,), ()), "exact": ((0,), ()), "BadAddress": ((0,), ()), "ValidationError": ((0,), ()),
    "Guide": ((1,), ("example",)),
    "Metric": ((), ("name", "definition", "group")), "_attainment": ((1, 2), ()),
}  # fmt: skip
UNSAID = {"models.py"}  # help of columns, for whoever reads the schema
NAMED = ("label", "help_text", "empty_label", "remedy")
# Modules whose texts are all said to people; of the others, only what is given to a speaking call.
WORDY = re.compile(
    r"^web/(?!hooks/|live/|languages/|access|network|markdown|permission_table|health|demo_mail|tags)"
    r"|^domain/(notify/logic/reachability|oncall/logic/(words|quality)|escalation/(proofs|drill_reports)"
    r"|escalation/actions/(answering|by_channel)|decisions/logic/rights"
    r"|risk/(logic/(words|judging)|history)|insights/logic/metrics_words"
    r"|status/logic/(health|briefing|wording)|status/queries/(reading|briefing)|\w+/enums)\.py$"
)
SENTENCE = re.compile(r"^[A-Z][a-z]{2,}\b|[a-z]{2,} [a-z{(]|[a-z{}]+ \S*[a-z]{3}")
NO_SENTENCE = re.compile(r"[<>]|::|\\|^[a-z_:.\-/ ]*$(?<! )|%[YmdH]|text/|\bSELECT\b|^is-|max-age|noopener")
WORD_NAMES = ("problem", "message", "said", "title", "label", "words", "note", "text")


def of_templates(root: Path) -> dict[str, str]:
    """Return the messages of all templates under `root`, each with the file that says it first."""
    found: dict[str, str] = {}
    for file in sorted(root.rglob("*.html")):
        for message in messages(file.read_text("utf-8")):
            found.setdefault(message, file.relative_to(root).as_posix())
    return found


def of_scripts() -> dict[str, str]:
    """Return the messages of the scripts."""
    return dict.fromkeys(script_texts(), "static/js")


def of_code(root: Path) -> dict[str, str]:
    """Return the messages of all modules under `root`, each with the module that says it first; values as {1}, {2}."""
    found: dict[str, str] = {}
    for file in sorted(root.rglob("*.py")):
        if (
            {"migrations", "models"} & set(file.parts)
            or file.name in UNSAID
            or "cli" in file.parts
            or "config" in file.parts
        ):
            continue
        name, tree = file.relative_to(root).as_posix(), ast.parse(file.read_text("utf-8"))
        for message in [*_of_module(tree), *(_all_texts(tree) if WORDY.search(name) else ())]:
            if any(letter.isalpha() for letter in message):
                found.setdefault(_numbered(message), name)
    return found


def _of_module(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _of_call(node)
        elif isinstance(node, ast.ClassDef) and any(_name(base).endswith("Choices") for base in node.bases):
            yield from _labels(node)
        elif isinstance(node, ast.FunctionDef):
            yield from _problems(node)


def _of_call(node: ast.Call) -> Iterator[str]:
    name = _name(node.func)
    places, names = SPEAKING.get(name, ((), ()))
    for place in places:
        if place < len(node.args):
            yield from _texts(node.args[place])
    for keyword in node.keywords:
        if keyword.arg in names or keyword.arg in NAMED:
            yield from _texts(keyword.value)


def _labels(node: ast.ClassDef) -> Iterator[str]:
    for line in node.body:
        if isinstance(line, ast.Assign) and isinstance(line.value, ast.Tuple) and len(line.value.elts) == 2:
            yield from _texts(line.value.elts[1])


def _problems(node: ast.FunctionDef) -> Iterator[str]:
    """Yield texts that are first named and then given to a speaking call of the same function."""
    given: set[str] = set()
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and _name(call.func) in SPEAKING:
            given |= {part.id for part in ast.walk(call) if isinstance(part, ast.Name)}
    for line in ast.walk(node):
        if isinstance(line, ast.Assign) and any(
            isinstance(to, ast.Name) and to.id in given & set(WORD_NAMES) for to in line.targets
        ):
            yield from _texts(line.value)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _texts(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr():
            yield _pattern(node)
        case ast.IfExp():
            yield from _texts(node.body)
            yield from _texts(node.orelse)
        case ast.Dict():
            for value in node.values:
                yield from _texts(value)
        case ast.Tuple() | ast.List():
            for one in node.elts:
                yield from _texts(one)
        case ast.BoolOp():
            for one in node.values:
                yield from _texts(one)


def _pattern(node: ast.JoinedStr) -> str:
    text, number = "", 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += str(part.value)
        else:
            number += 1
            text += f"{{{number}}}"
    return text


def _all_texts(tree: ast.Module) -> Iterator[str]:
    """Yield every text of a module that reads like language, but for docstrings and keys."""
    skipped = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            skipped.add(id(body[0].value))
        if isinstance(node, ast.Dict):
            skipped |= {id(key) for key in node.keys if key is not None}
        if isinstance(node, ast.Subscript):
            skipped.add(id(node.slice))
    for node in ast.walk(tree):
        if id(node) in skipped or not isinstance(node, ast.Constant | ast.JoinedStr):
            continue
        for text in _texts(node):
            if SENTENCE.search(text) and not NO_SENTENCE.search(text):
                yield text


def _numbered(text: str) -> str:
    """Return a text with its places numbered, as `format` leaves them unnumbered or by name."""
    numbers = iter(range(1, 100))
    return text if re.search(r"{\d+}", text) else re.sub(r"{\w*}", lambda _place: f"{{{next(numbers)}}}", text)
