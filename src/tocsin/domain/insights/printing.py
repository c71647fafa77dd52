"""A report of figures as a PDF. The template is ours and fixed; names travel as data and are never read as markup."""

import json
from collections.abc import Mapping
from typing import Any

from tocsin.domain.reviews.printing import typeset


def pdf_of(told: Mapping[str, Any], *, language: str = "en") -> bytes:
    """Return the laid-out PDF of a report; its words come in the language that is wanted."""
    inputs = {"report": json.dumps(told, ensure_ascii=False), "language": language}
    return typeset("tocsin.domain.insights", "figures.typ", inputs)
