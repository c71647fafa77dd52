"""A report of figures as a PDF. The template is ours and fixed; names travel as data and are never read as markup."""

import json
from collections.abc import Mapping
from importlib.resources import as_file, files
from typing import Any

import typst


def pdf_of(told: Mapping[str, Any], *, language: str = "en") -> bytes:
    """Return the laid-out PDF of a report; its words come in the language that is wanted."""
    with as_file(files("tocsin.domain.insights") / "print") as folder:
        made = typst.compile(
            folder / "figures.typ", root=folder, format="pdf", ignore_system_fonts=True,
            sys_inputs={"report": json.dumps(told, ensure_ascii=False), "language": language},
        )  # fmt: skip
    if not isinstance(made, bytes):  # pragma: no cover - one file, so one answer
        raise TypeError("the compiler answered with pages instead of one file")
    return made
