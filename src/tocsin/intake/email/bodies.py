"""From the parts of a mail to one text: the plain part, or the HTML part read as text. Pure; never raises."""

import re
from html import unescape

import nh3
from inscriptis import get_text
from inscriptis.css_profiles import STRICT_CSS_PROFILE
from inscriptis.model.config import ParserConfig
from lxml import etree, html

from tocsin.intake.email.charsets import clean

LONGEST_HTML = 1_000_000  # characters of HTML that are read
LONGEST_TEXT = 200_000  # characters of text that a message may have
MOST_ELEMENTS = 60_000
DEEPEST = 120  # elements within elements; the converter works by recursion
DEEPEST_MARKUP = 300  # tags left open; parsers of HTML become quadratic beyond
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_MARKUP = re.compile(r"<[^<>]*>")
# Tags that close themselves, or that the next of their kind closes.
_NOT_NESTED = frozenset(
    {
        "br", "hr", "img", "meta", "link", "input", "col", "area", "base", "embed", "source", "track", "wbr", "p", "li",
        "td", "tr", "th", "dt", "dd", "option", "tbody", "thead", "tfoot", "colgroup", "html", "head", "body",
    }
)  # fmt: skip

# What may stand in a mail's HTML at all. No attribute but an address survives, so no event handler, style, htmx
# (hx-*, data-hx-*) or Alpine (x-*, @click) word does; images are left out altogether, remote ones above all.
TAGS = {
    "p", "br", "div", "span", "em", "strong", "b", "i", "u", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tfoot", "tr", "th", "td", "dl", "dt", "dd", "sup", "sub",
    "center", "font", "section", "article", "header", "footer", "main", "small", "big", "address", "caption",
}  # fmt: skip
_DROPPED_WITH_CONTENT = {
    "script",
    "style",
    "title",
    "noscript",
    "template",
    "iframe",
    "object",
    "svg",
    "math",
    "textarea",
    "select",
}
_SCHEMES = {"http", "https", "mailto", "tel"}
_READING = ParserConfig(css=STRICT_CSS_PROFILE, display_links=False, display_images=False)
_QUOTE_BEGINS, _QUOTE_ENDS = "\ue000", "\ue001"


def clean_html(source: str) -> str:
    """Return `source` as HTML that cannot run, load, style or control anything (SECURITY "Mail and content")."""
    return nh3.clean(
        source[:LONGEST_HTML].replace("\x00", ""), tags=TAGS, clean_content_tags=_DROPPED_WITH_CONTENT,
        attributes={"a": {"href"}}, url_schemes=_SCHEMES, link_rel="noopener noreferrer nofollow", strip_comments=True,
    )  # fmt: skip


def html_to_text(source: str) -> str:
    """Return HTML as text as a reader would see it; quotes get "> " as in plain mails, links show where they lead."""
    marked = source[:LONGEST_HTML].replace(_QUOTE_BEGINS, "").replace(_QUOTE_ENDS, "")
    if _is_nested_too_deeply(marked):
        return clean(unescape(_MARKUP.sub(" ", marked)))[:LONGEST_TEXT]
    cleaned = clean_html(marked)
    try:
        tree = html.fromstring(f"<div>{cleaned}</div>")
    except (etree.ParserError, ValueError):
        return ""
    if _is_too_much(tree):
        return clean(str(tree.text_content()))[:LONGEST_TEXT]
    _mark(tree)
    try:
        text = get_text(etree.tostring(tree, encoding="unicode"), _READING)
    except (ValueError, IndexError, KeyError, RecursionError, AttributeError, AssertionError):
        text = str(tree.text_content())
    return _with_quote_marks(clean(text))[:LONGEST_TEXT]


def _is_nested_too_deeply(source: str) -> bool:
    """Say so from the markup alone, before any parser builds a tree of it (or reads a flood of entities)."""
    if source.count("&") > MOST_ELEMENTS:
        return True
    depth = 0
    for found in _TAG.finditer(source):
        if found.group(2).lower() not in _NOT_NESTED:
            depth += -1 if found.group(1) else 1
            if depth > DEEPEST_MARKUP:
                return True
            depth = max(depth, 0)
    return False


def _is_too_much(tree: html.HtmlElement) -> bool:
    """Say whether the document is too large or too deep to be laid out; its bare words are then taken."""
    depth = most = 0
    for count, (event, _) in enumerate(etree.iterwalk(tree, events=("start", "end"))):
        depth += 1 if event == "start" else -1
        most = max(most, depth)
        if most > DEEPEST or count > 2 * MOST_ELEMENTS:
            return True
    return False


def _mark(tree: html.HtmlElement) -> None:
    """Put marks around quotes, and behind a link's words the address they lead to if the words do not say it."""
    for quote in tree.iter("blockquote"):
        quote.insert(0, _line(_QUOTE_BEGINS))
        first = quote[0]
        first.tail, quote.text = quote.text, None
        quote.append(_line(_QUOTE_ENDS))
    for link in tree.iter("a"):
        address = str(link.get("href") or "").strip()
        shown = str(link.text_content() or "")
        bare = address.removeprefix("mailto:").removeprefix("tel:")
        if bare and bare.rstrip("/") not in shown and len(address) <= 500 and shown.strip():
            last = link[-1] if len(link) else None
            if last is None:
                link.text = f"{link.text or ''} <{bare}>"
            else:
                last.tail = f"{last.tail or ''} <{bare}>"


def _line(text: str) -> html.HtmlElement:
    made = html.Element("div")
    made.text = text
    return made


def _with_quote_marks(text: str) -> str:
    """Put "> " before the lines of quotes, as deep as they lie."""
    depth = 0
    lines: list[str] = []
    for line in text.split("\n"):
        bare = line.strip()
        if bare == _QUOTE_BEGINS:
            depth += 1
        elif bare == _QUOTE_ENDS:
            depth = max(0, depth - 1)
        else:
            words = line.replace(_QUOTE_BEGINS, "").replace(_QUOTE_ENDS, "").rstrip()
            lines.append((">" * min(depth, 20) + " " + words.strip()).rstrip() if depth else words)
    return _few_blanks(lines)


def _few_blanks(lines: list[str]) -> str:
    """Return the lines with at most one blank line in a row: HTML makes many."""
    kept: list[str] = []
    for line in lines:
        if line.strip() or (kept and kept[-1].strip()):
            kept.append(line)
    return "\n".join(kept).strip("\n")


def choose(plain: str, from_html: str) -> str:
    """Return the text of a mail that may come as plain text, as HTML, or as both."""
    if not plain.strip():
        return from_html
    # Some programs put "Your program cannot show this mail" into the plain part.
    if from_html and len(plain.strip()) < 80 and len(from_html) > 10 * len(plain.strip()):
        return from_html
    return plain
