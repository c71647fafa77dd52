"""The word lists and rules that are shipped, read once: data/*.yaml."""

from functools import cache
from importlib import resources
from typing import Any

from ruamel.yaml import YAML

from tocsin.domain.listening.logic.advice import Rule
from tocsin.domain.listening.logic.signals import Lexicon, lexicon


@cache
def lexicons() -> tuple[Lexicon, ...]:
    """Return the word lists of signals, one of each language."""
    return tuple(lexicon(language, raw) for language, raw in _read("signals.yaml").items())


@cache
def common_words() -> dict[str, frozenset[str]]:
    """Return the commonest words of each language."""
    return {one.language: one.common for one in lexicons()}


@cache
def shipped_rules() -> tuple[Rule, ...]:
    """Return the rules of the writing advice as they come with the product."""
    return tuple(
        Rule(
            key=one["key"], language=one["language"], kind=one["kind"], pattern=one["pattern"], why=one.get("why", ""),
            better=one.get("better", ""),
        )
        for one in _read("advice.yaml")
    )  # fmt: skip


def _read(name: str) -> Any:
    text = resources.files("tocsin.domain.listening").joinpath("data", name).read_text(encoding="utf-8")
    return YAML(typ="safe", pure=True).load(text)
