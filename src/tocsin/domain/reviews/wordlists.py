"""The shipped hints on wording, read once."""

from functools import cache
from importlib.resources import files

import yaml

from tocsin.domain.reviews.logic.wording import WordingRule, compiled


@cache
def blameless(language: str) -> tuple[WordingRule, ...]:
    """Return the hints of one language, "en" or "de"; of both for any other."""
    told = yaml.safe_load((files("tocsin.domain.reviews") / "phrases" / "blameless.yaml").read_text("utf-8"))
    wanted = [language] if language in told else list(told)
    return tuple(rule for one in wanted for rule in compiled(told[one]))
