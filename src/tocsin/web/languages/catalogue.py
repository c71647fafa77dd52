"""What is said in which language: English is written in the code, other languages lie beside this file as JSON.

A catalogue maps each English message to its translation. Messages of templates are found in their source (segments.py);
messages of code arrive here whole, with values already in them: those are recognised by their pattern, ``{1}`` standing
for a value (ADR 0007).
"""

import json
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import get_language

PLACE = Path(__file__).parent
LANGUAGES = {"en": "English", "de": "Deutsch"}
SOURCE = "en"
_VALUE = re.compile(r"\\{(\d+)\\}")
LEAST = 6  # letters of a pattern, beside its values
_THOUSANDS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?"
_FIGURES = re.compile(rf"{_THOUSANDS}|\d+\.\d+")
_FIGURE = re.compile(rf"{_THOUSANDS}(?: %)?|\d+\.\d+ %")  # what nothing else could be, such as a version
_HEAD = 6  # characters of a pattern's beginning by which it is looked up


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return the translations of a language, {} for English and for languages that there are none of."""
    if language == SOURCE or language not in LANGUAGES:
        return {}
    found: dict[str, str] = json.loads((PLACE / f"{language}.json").read_text("utf-8"))
    return {english: said for english, said in found.items() if said}


def language_now() -> str:
    """Return the language that is being spoken: one of LANGUAGES."""
    code = (get_language() or SOURCE)[:2]
    return code if code in LANGUAGES else SOURCE


def exact(text: str) -> str:
    """Return a message in the language being spoken, or as it is where it has no translation."""
    return catalogue(language_now()).get(text, text)


def say(text: object) -> str:
    """Return a message of the code, values and all, in the language being spoken; as it is where it is unknown."""
    language, words = language_now(), str(text)
    # What Django and its libraries say lazily is in the right language already.
    if language == SOURCE or isinstance(text, Promise) or not words:
        return words
    return _said(words, language)


def figures(text: str) -> str:
    """Return figures as the language being spoken writes them: 1,200 and 9.4 % are 1.200 and 9,4 % in German."""
    return text if language_now() == SOURCE else _FIGURES.sub(_swapped, text)


def _swapped(figure: re.Match[str]) -> str:
    return figure[0].translate({ord(","): ".", ord("."): ","})


@lru_cache(maxsize=4096)
def _said(text: str, language: str) -> str:
    known = catalogue(language)
    if text in known:
        return known[text]
    patterns = _patterns(language)
    near = [*patterns.get(text[:_HEAD], ()), *patterns.get("", ())]
    for _, pattern, said in sorted(near, key=lambda one: -one[0]):
        if match := pattern.fullmatch(text):
            values = [known.get(value) or _value(value) for value in match.groups()]
            return _filled(said, values)
    return text


def _value(text: str) -> str:
    return _FIGURES.sub(_swapped, text) if _FIGURE.fullmatch(text) else text


def _filled(said: str, values: list[str]) -> str:
    return re.sub(r"{(\d+)}", lambda place: values[int(place[1]) - 1], said)


@cache
def _patterns(language: str) -> Mapping[str, list[tuple[int, re.Pattern[str], str]]]:
    """Return the messages with values by how they begin ("" where that is a value), each with how much it says itself."""
    found: dict[str, list[tuple[int, re.Pattern[str], str]]] = {}
    for english, said in sorted(catalogue(language).items(), key=lambda one: -len(one[0])):
        # A pattern that says hardly anything would recognise what it is not about.
        if not re.search(r"{\d+}", english) or len(re.findall(r"[^\W\d_]", english)) < LEAST or english == said:
            continue
        start = re.split(r"{\d+}", english, maxsplit=1)[0]
        head = start[:_HEAD] if len(start) >= _HEAD else ""
        seen: set[str] = set()

        def group(match: re.Match[str], seen: set[str] = seen) -> str:
            again = match[1] in seen
            seen.add(match[1])
            return f"(?P=v{match[1]})" if again else f"(?P<v{match[1]}>.+?)"

        own = len(re.sub(r"{\d+}", "", english))
        found.setdefault(head, []).append((own, re.compile(_VALUE.sub(group, re.escape(english)), re.DOTALL), said))
    return found
