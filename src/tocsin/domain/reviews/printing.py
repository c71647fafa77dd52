"""A review as a PDF. The template is ours and fixed; what people wrote travels as data and is never read as markup."""

import json
from importlib.resources import as_file, files
from typing import Any

import typst

from tocsin.domain.reviews.logic.document import printable
from tocsin.domain.reviews.models import Review


def pdf_of(document: dict[str, Any], *, zone: str, language: str = "en") -> bytes:
    """Return the laid-out PDF of a document (whole or redacted), its times in `zone` (IANA)."""
    told = json.dumps(printable(document, zone), ensure_ascii=False)
    with as_file(files("tocsin.domain.reviews") / "print") as folder:
        made = typst.compile(
            folder / "review.typ", root=folder, format="pdf", ignore_system_fonts=True,
            sys_inputs={"document": told, "zone": zone, "language": language},
        )  # fmt: skip
    if not isinstance(made, bytes):  # pragma: no cover - one file, so one answer
        raise TypeError("the compiler answered with pages instead of one file")
    return made


def name_of(review: Review) -> str:
    """Return the name under which a review's PDF is saved."""
    return f"{review.reference}.pdf"
