"""How a letter looks: subject, text and HTML. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import nh3
from markdown_it import MarkdownIt

from tocsin.intake.email.words import words_for

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True, "linkify": False}).enable(
    ["strikethrough", "table"]
)
# The same allow-list as in pages (web/markdown.py): nothing that runs, loads or styles, in nobody's mail program.
_TAGS = {
    "p", "br", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr",
    "h1", "h2", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_LEADS_SOMEWHERE = re.compile(
    r"(?:[a-z]{2,10}:)?//\S{1,2000}|www\.\S{1,2000}|\S{1,64}@\S{1,255}|[\w-]{1,60}(?:\.[\w-]{1,60}){1,8}/\S{0,2000}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Letter:
    """What the recipient reads."""

    subject: str
    text: str
    html: str


def harmless(text: str) -> str:
    """Return words of a sender without anything that leads somewhere.

    A confirmation goes to whoever stands in From, who may not have written: it must be no carrier of advertising.
    """
    return _LEADS_SOMEWHERE.sub("...", text)


def subject_of(subject: str, tag: str, *, answers: bool) -> str:
    """Return the subject of a letter: the ticket's, behind "Re:" where it continues a thread, before the tag."""
    return f"{'Re: ' if answers else ''}{subject[:220]} {tag}"


def confirmation(*, language: str, name: str, reference: str, subject: str, tag: str, answers: bool) -> Letter:
    """The automatic answer to a new request. It repeats nothing of the request but its subject: it may be forged."""
    words, subject = words_for(language), harmless(subject)
    lines = [
        words.greeting.format(name=harmless(name)[:60]), words.confirmed,
        words.keep_number.format(reference=reference, subject=subject[:200]),
        words.answer_here, words.automatic,
    ]  # fmt: skip
    return Letter(subject_of(subject, tag, answers=answers), "\n\n".join(lines), _plain_html(lines))


def reply(
    *,
    language: str,
    body: str,
    author: str,
    desk: str,
    reference: str,
    subject: str,
    tag: str,
    too_large: Sequence[str],
) -> Letter:
    """A public reply of a person."""
    words = words_for(language)
    signed = f"{author}, {desk}" if author else desk
    foot = [f"{reference}: {subject}", words.answer_here]
    extra = [words.too_large.format(names=", ".join(too_large))] if too_large else []
    text = "\n\n".join([body, *extra, f"-- \n{signed}\n" + "\n".join(foot)])
    html = markdown_html(body) + _plain_html(extra) + _foot([signed, *foot])
    return Letter(subject_of(subject, tag, answers=True), text, html)


def status(*, language: str, status: str, name: str, reference: str, subject: str, tag: str) -> Letter | None:
    """An automatic word on what became of a request; None for a status that nobody need hear of."""
    sentence = status_sentence(language, status, reference)
    if not sentence:
        return None
    words = words_for(language)
    lines = [words.greeting.format(name=harmless(name)[:60]), sentence, words.automatic]
    return Letter(subject_of(subject, tag, answers=True), "\n\n".join(lines), _plain_html(lines))


def status_sentence(language: str, status: str, reference: str) -> str:
    """Return what a status means for the requester, "" if it means nothing to them."""
    words = words_for(language)
    told = {
        "resolved": words.resolved,
        "closed": words.closed,
        "waiting_customer": words.waiting,
        "reopened": words.reopened,
    }
    return told.get(status, "").format(reference=reference)


def to_owner(
    *, language: str, body: str, author: str, reference: str, subject: str, tag: str, files: Sequence[str]
) -> Letter:
    """A customer's message, to the ticket's owner, who may answer it by mail."""
    words = words_for(language)
    head = words.wrote.format(name=author, reference=reference, subject=subject)
    foot = [words.answer_as_agent.format(name=author)]
    if files:
        foot.insert(0, words.files.format(names=", ".join(files)))
    text = "\n\n".join([head, body, "-- \n" + "\n".join(foot)])
    html = _plain_html([head]) + f"<blockquote>{markdown_html(body)}</blockquote>" + _foot(foot)
    return Letter(subject_of(subject, tag, answers=True), text, html)


def markdown_html(text: str) -> str:
    """Return Markdown as HTML that cannot run, load or style anything."""
    return nh3.clean(
        _MARKDOWN.render(text[:200_000]), tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )  # fmt: skip


def paragraph_html(text: str) -> str:
    return f"<p>{escape(text)}</p>\n"


def _plain_html(lines: Sequence[str]) -> str:
    return "".join(paragraph_html(line) for line in lines)


def _foot(lines: Sequence[str]) -> str:
    return '<p style="color:#5b6472;font-size:13px">' + "<br>".join(escape(line) for line in lines) + "</p>\n"
