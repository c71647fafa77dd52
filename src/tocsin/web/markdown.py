"""What people write, as safe HTML: Markdown in, an allow-list of elements out (SECURITY "Mail and content")."""

from collections.abc import Iterable, Mapping
from urllib.parse import unquote

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark", {"html": False, "breaks": True, "linkify": False}).enable(["strikethrough", "table"])
# No images (remote ones tell the sender who reads), no classes, ids or data-*/hx-*/x-* attributes of any kind.
_TAGS = {
    "p", "br", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr",
    "h1", "h2", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_LIMIT = 200_000


def render(text: str) -> SafeString:
    """Return `text` as HTML that cannot run, load or style anything. Headings are lowered below the page's own."""
    html = _lowered(_PARSER.render(text[:_LIMIT]))
    clean = nh3.clean(
        html, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )  # fmt: skip
    return mark_safe(clean)  # noqa: S308 - nh3 has just cleaned it


def _lowered(html: str) -> str:
    for level in (4, 3, 2, 1):
        html = html.replace(f"<h{level}>", f"<h{min(level + 2, 4)}>").replace(
            f"</h{level}>", f"</h{min(level + 2, 4)}>"
        )
    return html


def render_article(text: str, pictures: Mapping[str, str], files: Mapping[str, str]) -> SafeString:
    """Return an article's text as HTML that shows its own pictures, and no others: {name in the text: its address}.

    `files` are linked by their names too. Nothing is loaded from elsewhere.
    """
    tokens = _PARSER.parse(text[:_LIMIT])
    for token in _inline(tokens):
        if token.type == "image":
            token.attrSet("src", pictures.get(unquote(str(token.attrGet("src"))), ""))
        elif token.type == "link_open":
            named = unquote(str(token.attrGet("href")))
            token.attrSet("href", files.get(named) or pictures.get(named) or str(token.attrGet("href")))
    html = _lowered(_PARSER.renderer.render(tokens, _PARSER.options, {}))
    shown = set(pictures.values())
    clean = nh3.clean(
        html, tags=_TAGS | {"img"}, attributes={"a": {"href"}, "img": {"src", "alt"}}, link_rel="noopener noreferrer nofollow",
        url_schemes={"http", "https", "mailto", "tel"},
        attribute_filter=lambda _tag, name, value: value if name != "src" or value in shown else None,
    )  # fmt: skip
    return mark_safe(clean)  # noqa: S308 - nh3 has just cleaned it


def _inline(tokens: Iterable[Token]) -> Iterable[Token]:
    for token in tokens:
        yield from token.children or ()
