"""What people write, as safe HTML: Markdown in, an allow-list of elements out (SECURITY "Mail and content")."""

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_PARSER = MarkdownIt("commonmark", {"html": False, "breaks": True, "linkify": False}).enable(["strikethrough", "table"])
# No images (remote ones tell the sender who reads), no classes, ids or data-*/hx-*/x-* attributes of any kind.
_TAGS = {
    "p", "br", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr",
    "h1", "h2", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_LIMIT = 200_000


def render(text: str) -> SafeString:
    """Return `text` as HTML that cannot run, load or style anything. Headings are lowered below the page's own."""
    html = _PARSER.render(text[:_LIMIT])
    for level in (4, 3, 2, 1):
        html = html.replace(f"<h{level}>", f"<h{min(level + 2, 4)}>").replace(
            f"</h{level}>", f"</h{min(level + 2, 4)}>"
        )
    clean = nh3.clean(
        html, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )  # fmt: skip
    return mark_safe(clean)  # noqa: S308 - nh3 has just cleaned it
