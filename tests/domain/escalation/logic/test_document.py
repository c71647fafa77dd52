"""The YAML reader: lines are remembered, hostile files end early."""

import pytest

from tocsin.domain.escalation.logic import document
from tocsin.domain.escalation.logic.document import DocumentError, Mapping, Scalar, Sequence


def test_values_remember_line_and_quoting() -> None:
    root = document.parse("# first\na: 1\nb:\n  - 'x'\n  - |\n    two\n    lines\n")
    assert root == Mapping(
        (
            (Scalar("a", 2), Scalar("1", 2)),
            (
                Scalar("b", 3),
                Sequence((Scalar("x", 4, plain=False), Scalar("two\nlines\n", 5, plain=False, literal=True)), 4),
            ),
        ),
        2,
    )


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "empty"),
        ("# only a comment\n", 1, "empty"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a: &x [1]\nb: *x\n", 1, "Anchors"),
        ("a: 1\nb: *x\n", 2, "Anchors"),
        ("a: 1\nwhen: !ticket.is_open\n", 2, "begins with !"),
        ("a: !!python/object/apply:os.system [x]\n", 1, "begins with !"),
        ("a: !!map {}\n", 1, "begins with !"),
        ("a: 1\nb: [1, 2\n", 3, "not valid YAML"),
        ("a: b: c\n", 1, "not valid YAML"),
        ("a:\n\t- b\n", 2, "not valid YAML"),
        ("? [a]\n: b\n", 1, "must be a word"),
        ("a: 1\nb: \x07\n", 2, "character"),
        ("[" * 100_000, 1, "nested too deeply"),
        ("- " * 500 + "x", 1, "nested too deeply"),
        ("a: [" + "1, " * 20_000 + "]", 1, "too many values"),
        ("a: '" + "x" * 300_000 + "'", 1, "bytes"),
    ],
)
def test_unusable_documents_are_refused_with_line(text: str, line: int, message: str) -> None:
    with pytest.raises(DocumentError) as refused:
        document.parse(text)
    assert message in refused.value.message
    assert refused.value.line == line
    assert refused.value.remedy


def test_size_is_counted_in_bytes() -> None:
    with pytest.raises(DocumentError, match="bytes"):
        document.parse("a: '" + "ä" * (document.MAX_BYTES // 2) + "'")
