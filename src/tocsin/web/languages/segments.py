"""What a template says: its sentences, found in the source, and the same source with other sentences.

Templates carry no marks: all text between tags, and all text in attributes that people read, is said to people and is
therefore a message (ADR 0007). A message is a run of text up to the next block: inline elements and values within it
become placeholders that show what they are, so that a translator may move them:

    Next update by <strong>{promise.at}</strong>

A value's placeholder may take a filter of its own in a translation: ``{n|pluralize:"e,en"}``.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

type Lookup = Callable[[str], str]

# Elements that stand within a sentence. All others end it.
_INLINE = frozenset({"strong", "b", "em", "i", "span", "a", "small", "abbr", "time", "br", "mark", "u", "s"})
# Elements whose content is not language.
_KEPT = frozenset({"code", "kbd", "samp"})
_SILENT = frozenset({"script", "style", "svg", "pre"})
_READ = ("aria-label", "title", "placeholder", "alt", "data-confirm", "data-words", "aria-description", "label")
# Tags that print something within a sentence; all other tags end it.
_PRINTING = frozenset({"when", "countdown", "icon", "sev", "avatar"})

_DJANGO = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
_MARK = re.compile("\ue000(\\d+)\ue001")
_TAG = re.compile(r"<!--.*?-->|<!?/?[A-Za-z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.DOTALL)
_ELEMENT = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)")
_ATTRIBUTE = re.compile(r"""(?<=\s)({})=("([^"]*)"|'([^']*)')""".format("|".join(_READ)))
_LITERAL = re.compile(r"""(\|(?:default|default_if_none|yesno):|\b(?:label|before|words)=)"([^"]*)\"""")
# Values that hold the code's own words by their name: they are said in the language too. Names of things that people
# have named, and what people wrote, never stand under these names.
_WORDS = re.compile(
    r"(?:^|[.])(?:summary|words|label|long|short|empty|empty_more|move|next_what|last_what|what|why|why_not|detail|waiting|says|hint"
    r"|consequence|problem|remedy|sort_words|rating_words|total_text|help_text|choice_label|body_title|sheet_title|submit"
    r"|lead|get_\w+_display)$|^(?:notice|clock|face|standing)[.](?:title|text)$|^(?:title|message|view[.]name|column[.]name)$"
)
_AS_DATA = ("urlencode", "length", "pluralize", "json_script", "date", "floatformat", "join", "said", "escapejs")
_PLACE = re.compile(r"{([^{}|]+)(\|[^{}]+)?}|<(/?[a-z]+\d*)>")
_LETTERS = re.compile(r"[^\W\d_]{2}")
_ENTITY = re.compile(r"&[a-zA-Z]+;|&#\d+;")


@dataclass(slots=True)
class Run:
    """One message under way: its text with placeholders, and what stands for each."""

    text: str = ""
    places: dict[str, str] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)

    def add(self, shown: str, source: str) -> None:
        """Put a placeholder. The second of a name is numbered; an end has its beginning's number."""
        known = self._closing(shown) if shown.startswith("</") else self._numbered(shown, source)
        self.places[known] = source
        self.text += known

    def _numbered(self, shown: str, source: str) -> str:
        known, number = shown, 1
        while known in self.places and not (shown[0] == "{" and self.places[known] == source):
            number += 1
            known = f"{shown[:-1]}{number}{shown[-1]}"
        if shown[0] == "<" and shown != "<br>":
            self.open.append(known)
        return known

    def _closing(self, shown: str) -> str:
        if self.open and self.open[-1].rstrip("0123456789>") == "<" + shown[2:-1]:
            return "</" + self.open.pop()[1:]
        return shown


def messages(source: str) -> list[str]:
    """Return the messages of a template, in order, each once."""
    found: dict[str, None] = {}

    def note(message: str) -> str:
        found.setdefault(message)
        return message

    translated(source, note)
    return list(found)


def translated(source: str, lookup: Lookup) -> str:
    """Return the template's source with each message replaced by what `lookup` returns for it."""
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match[0])
        return f"\ue000{len(kept) - 1}\ue001"

    marked = _DJANGO.sub(keep, source)
    kept = [_arguments(token, lookup) for token in kept]
    return "".join(_pieces(marked, kept, lookup))


def _arguments(token: str, lookup: Lookup) -> str:
    """Translate the words that are given to a filter or a tag of ours."""
    if token.startswith("{#"):
        return token

    def say(match: re.Match[str]) -> str:
        words = match[2]
        if not _LETTERS.search(words) or (words.islower() and "_" in words):
            return match[0]
        if match[1].startswith("|yesno"):
            said = ",".join(lookup(word) if _LETTERS.search(word) else word for word in words.split(","))
        else:
            said = lookup(words)
        return match[0] if '"' in said else f'{match[1]}"{said}"'

    spoken = _LITERAL.sub(say, token)
    return _said_value(spoken) if spoken.startswith("{{") else spoken


def _said_value(token: str) -> str:
    """Let a value that holds the code's words be said; German nouns are not lowered."""
    value, *filters = token[2:-2].strip().split("|")
    names = [one.split(":", 1)[0] for one in filters]
    if any(name in _AS_DATA for name in names) or not (_WORDS.search(value) or "humanly" in names):
        return token
    return "{{ " + "|".join([value, *(one for one in filters if one != "lower"), "said"]) + " }}"


def _pieces(marked: str, kept: list[str], lookup: Lookup) -> Iterator[str]:
    run, raw, silent = Run(), "", ""
    for part, is_tag in _split(marked):
        if silent:
            yield _restored(part, kept)
            silent = "" if is_tag and part.lower().startswith(f"</{silent}") else silent
            continue
        if is_tag and part.startswith("<"):
            element = _ELEMENT.match(part)
            name = element[2].lower() if element else ""
            whole = _attributes(part, kept, lookup)
            if name in _INLINE:
                raw += whole
                run.add(f"<{element[1] if element else ''}{name}>", whole)
                continue
            yield _said(run, raw, lookup)
            run, raw = Run(), ""
            yield whole
            silent = name if name in _SILENT and not part.startswith("</") and not part.endswith("/>") else ""
        elif is_tag:  # a token of Django
            token = kept[int(part[1:-1])]
            shown = _shown(token)
            if shown:
                raw += token
                run.add(shown, token)
                continue
            yield _said(run, raw, lookup)
            run, raw = Run(), ""
            yield token
        elif part.startswith("\ue002"):  # an element that is kept whole
            whole = _restored(part[1:], kept)
            raw += whole
            run.add("{" + _plain(part[1:]) + "}", whole)
        else:
            raw += part
            run.text += part
    yield _said(run, raw, lookup)


def _plain(element: str) -> str:
    """Return the text of an element that is kept whole, as a placeholder shows it."""
    text = re.sub(r"<[^>]*>|[{}|%]", "", element).strip()
    return "code" if _MARK.search(text) or not text else text[:30]


def _split(marked: str) -> Iterator[tuple[str, bool]]:
    """Yield text (False) and tags (True) in order. Text that begins with U+E002 is an element kept whole."""
    whole = re.compile(rf"<({'|'.join(_KEPT)})\b[^>]*>.*?</\1>", re.DOTALL)
    both = re.compile(f"{whole.pattern}|{_TAG.pattern}|{_MARK.pattern}", re.DOTALL)
    at = 0
    for match in both.finditer(marked):
        if match.start() > at:
            yield marked[at : match.start()], False
        yield (f"\ue002{match[0]}", False) if match[1] else (match[0], True)
        at = match.end()
    if at < len(marked):
        yield marked[at:], False


def _shown(token: str) -> str:
    """Return the placeholder of a token that prints within a sentence, "" for one that ends it."""
    inner = token[2:-2].strip()
    if token.startswith("{{"):
        return "{" + re.split(r"[|:]", inner, maxsplit=1)[0].strip().replace('"', "") + "}"
    words = inner.split()
    if token.startswith("{%") and words and words[0] in _PRINTING:
        return "{" + (" ".join(words[:2]).replace('"', "") if words[0] in ("icon", "sev", "avatar") else words[1]) + "}"
    return ""


def _restored(text: str, kept: list[str]) -> str:
    return _MARK.sub(lambda match: kept[int(match[1])], text)


def _attributes(tag: str, kept: list[str], lookup: Lookup) -> str:
    def say(match: re.Match[str]) -> str:
        quote = match[2][0]
        value = match[3] if match[3] is not None else match[4]
        said = "".join(_pieces(value, kept, lookup)) if "<" not in value else _restored(value, kept)
        return f"{match[1]}={quote}{said}{quote}"

    return _restored(_ATTRIBUTE.sub(say, tag), kept)


def _said(run: Run, raw: str, lookup: Lookup) -> str:
    """Return a run's source with its messages replaced, or `raw` when it says nothing."""
    said = _spoken(run.text, lookup)
    return raw if said is None else _filled(said, run)


def _spoken(text: str, lookup: Lookup) -> str | None:
    """Return a run's text in the other language, placeholders and all; None where nothing is said otherwise."""
    if not _speaks(text):
        return None
    before, inner, after = _trimmed(text)
    parts = _side_by_side(inner)
    if parts:  # buttons in a row, a name and its explanation: each is a message of its own
        said = [_spoken(part, lookup) for part in parts]
        if all(one is None for one in said):
            return None
        whole = "".join(part if one is None else one for part, one in zip(parts, said, strict=True))
        return before + whole + after
    message = " ".join(inner.split())
    other = lookup(message)
    return None if other == message else before + other + after


def _speaks(text: str) -> bool:
    return bool(_LETTERS.search(_ENTITY.sub("", _PLACE.sub("", text))))


def _side_by_side(text: str) -> list[str]:
    """Cut a text into its elements and what is between them, if nothing is said between them; else return []."""
    parts: list[str] = []
    depth, start = 0, 0
    for match in _PLACE.finditer(text):
        name = match[3]
        if name is None or name.startswith("br"):
            continue
        if not name.startswith("/"):
            if depth == 0:
                parts.append(text[start : match.start()])
                start = match.start()
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                parts.append(text[start : match.end()])
                start = match.end()
    parts.append(text[start:])
    between = [part for part in parts if not part.startswith("<")]
    found = [part for part in parts if part]
    return found if depth == 0 and len(found) > 1 and not any(map(_speaks, between)) else []


def _trimmed(text: str) -> tuple[str, str, str]:
    """Take white space and the placeholders at both ends off a run, as long as elements stay balanced."""
    start, end = 0, len(text)
    tokens = [(match.start(), match.end(), match[0]) for match in _PLACE.finditer(text)]
    while True:
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        inside = [token for token in tokens if token[0] >= start and token[1] <= end]
        if not inside:
            break
        first, last = inside[0], inside[-1]
        if first[0] == start and (first[2][0] == "{" or _stray(first, inside)):
            start = first[1]
        elif last[1] == end and (last[2][0] == "{" or _stray(last, inside)):
            end = last[0]
        elif first[0] == start and last[1] == end and last[2] == first[2].replace("<", "</") and _around(inside):
            start, end = first[1], last[0]
        else:
            break
    return text[:start], text[start:end], text[end:]


def _stray(token: tuple[int, int, str], inside: list[tuple[int, int, str]]) -> bool:
    """Whether a tag has no counterpart among the tokens inside."""
    depth: list[tuple[int, int, str]] = []
    for one in inside:
        name = one[2]
        if name[0] != "<" or name.startswith("<br"):
            continue
        if not name.startswith("</"):
            depth.append(one)
        elif depth:
            depth.pop()
        elif one == token:
            return True
    return token in depth or token[2].startswith("<br")


def _around(inside: list[tuple[int, int, str]]) -> bool:
    """Whether the first tag is closed by the last one and no other."""
    depth = 0
    for place, one in enumerate(inside):
        if one[2][0] != "<" or one[2].startswith("<br"):
            continue
        depth += -1 if one[2].startswith("</") else 1
        if depth == 0:
            return place == len(inside) - 1
    return False


def _filled(text: str, run: Run) -> str:
    """Put back what the placeholders stand for. One that the run does not know stays as it is written."""

    def fill(match: re.Match[str]) -> str:
        if match[0] in run.places:
            return run.places[match[0]]
        if match[1] is not None and match[2]:
            value = run.places.get("{" + match[1] + "}", "")
            if value.startswith("{{"):
                return "{{ " + value[2:-2].split("|", 1)[0].strip() + match[2] + " }}"
        return match[0]

    return _PLACE.sub(fill, text)
