"""A review as a PDF. The template is ours and fixed; what people wrote travels as data and is never read as markup."""

import json
from collections.abc import Mapping
from importlib.resources import as_file, files
from typing import Any

import typst

from tocsin.domain.reviews.logic.document import printable
from tocsin.domain.reviews.models import Review


def pdf_of(document: dict[str, Any], *, zone: str, language: str = "en") -> bytes:
    """Return the laid-out PDF of a document (whole or redacted), its times in `zone` (IANA)."""
    told = json.dumps(printable(document, zone), ensure_ascii=False)
    return typeset("tocsin.domain.reviews", "review.typ", {"document": told, "zone": zone, "language": language})


def typeset(package: str, template: str, inputs: Mapping[str, str]) -> bytes:
    """Return the PDF that a template in the folder `print` of a package makes of its inputs, in its own fonts alone."""
    with as_file(files(package) / "print") as folder:
        made = typst.compile(
            folder / template, root=folder, format="pdf", ignore_system_fonts=True, sys_inputs=dict(inputs)
        )
    if not isinstance(made, bytes):  # pragma: no cover - one file, so one answer
        raise TypeError("the compiler answered with pages instead of one file")
    return made


def name_of(review: Review) -> str:
    """Return the name under which a review's PDF is saved."""
    return f"{review.reference}.pdf"
