"""Template tags and filters, built in for every template (settings.TEMPLATES)."""

import json
from datetime import datetime
from typing import Any, cast

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tocsin.domain.escalation.views import Ladder
from tocsin.domain.tickets.enums import Priority
from tocsin.web import markdown as md
from tocsin.web import words
from tocsin.web.languages import catalogue
from tocsin.web.languages.composed import composed
from tocsin.web.languages.scripts import script_texts
from tocsin.web.network import short_browser

register = template.Library()


@register.simple_tag
def icon(name: str, extra: str = "", label: str = "") -> SafeString:
    """An outline from the sprite; without `label` it is decoration and hidden from screen readers."""
    if label:
        return format_html(
            '<svg class="icon {}" role="img" aria-label="{}"><use href="{}#{}"/></svg>', extra, label, _sprite(), name
        )
    return format_html('<svg class="icon {}" aria-hidden="true"><use href="{}#{}"/></svg>', extra, _sprite(), name)


@register.simple_tag
def sev(priority: int) -> SafeString:
    """The severity's own shape: octagon, diamond, dot, ring; readable without colour."""
    name = f"Sev{priority} {Priority(priority).label}"
    return format_html(
        '<svg class="sev sev-{0}" role="img" aria-label="{1}"><title>{1}</title><use href="{2}#sev{0}"/></svg>',
        priority, name, _sprite(),
    )  # fmt: skip


@register.simple_tag
def mark() -> SafeString:
    return format_html('<svg aria-hidden="true"><use href="{}#mark"/></svg>', _sprite())


@register.simple_tag(takes_context=True)
def when(context: template.Context, at: datetime | None, extra: str = "") -> SafeString | str:
    """Relative time; the absolute one with its zone is in the title (check 24)."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return format_html(
        '<time datetime="{}" title="{}" class="{}" data-when>{}</time>',
        at.isoformat(), _absolute(local), extra, _relative(at, _now(context)),
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def countdown(context: template.Context, at: datetime | None, before: str = "") -> SafeString | str:
    """The time that is left until `at`, counted down by clock.js; `before` is a word such as "in"."""
    if at is None:
        return ""
    left = (at - _now(context)).total_seconds()
    before = catalogue.exact(before)
    shown = catalogue.exact("now") if left <= 0 else f"{before} {words.clock_left(left)}".strip()
    return format_html(
        '<time datetime="{}" title="{}" class="countdown" data-countdown="{}">{}</time>',
        at.isoformat(), _absolute(timezone.localtime(at)), before, shown,
    )  # fmt: skip


@register.simple_tag
def language() -> str:
    """The code of the language being spoken."""
    return catalogue.language_now()


@register.simple_tag
def script_words() -> SafeString | str:
    """What scripts say in the language being spoken, for say.js; nothing in English, which they speak themselves."""
    known = (
        {text: catalogue.exact(text) for text in script_texts()} if catalogue.language_now() != catalogue.SOURCE else {}
    )
    return format_html(' data-words="{}"', json.dumps(known, ensure_ascii=False)) if known else ""


@register.filter
def said(text: object) -> str:
    """A message of the code in the language being spoken."""
    return catalogue.say(text)


@register.filter
def grouped(number: int) -> str:
    """A whole number with its thousands set apart, in the language being spoken."""
    return catalogue.figures(f"{number:,}")


@register.filter
def brief(text: str) -> str:
    """A composed brief, its heads and facts in the language being spoken."""
    return composed(text)


@register.filter
def absolute(at: datetime | None) -> str:
    return _absolute(timezone.localtime(at)) if at else ""


@register.filter
def exact(at: datetime | None) -> str:
    return words.exact(timezone.localtime(at)) if at else ""


@register.filter
def duration(seconds: float | None) -> str:
    return "" if seconds is None else words.duration(seconds)


@register.filter
def minutes(many: int | None) -> str:
    """A length in whole minutes, in the two units that fit it."""
    return "" if many is None else words.duration(60 * many)


@register.filter
def left(seconds: float | None) -> str:
    return "" if seconds is None else words.clock_left(seconds)


@register.filter
def span(length: Any) -> str:
    return words.span(length)


@register.filter
def markdown(text: str) -> SafeString:
    return md.render(text)


@register.filter
def humanly(value: str) -> str:
    """A stored word as people read it: "missing_expertise" -> "Missing expertise"."""
    plain = str(value).replace("_", " ")
    return catalogue.exact(plain[:1].upper() + plain[1:])


@register.filter
def browser(name: str) -> str:
    """What a browser calls itself, in two words."""
    return short_browser(name)


@register.filter
def calls(ladder: Ladder, name: str) -> bool:
    """Whether the open level of a ladder calls this person."""
    return any(step.state == "now" and name in step.people for step in ladder.steps)


@register.filter
def names_next(ladder: Ladder) -> bool:
    """Whether the next step stands on the rail already."""
    return any(step.state == "next" for step in ladder.steps)


@register.simple_tag
def avatar(name: str, extra: str = "") -> SafeString:
    return format_html('<span class="avatar {}" aria-hidden="true">{}</span>', extra, words.initials(name))


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """The page's query string with `changes` (an empty value removes a key; the page number is forgotten)."""
    params = context["request"].GET.copy()
    params.pop("page", None)
    for key, value in changes.items():
        if value in ("", None):
            params.pop(key, None)
        else:
            params[key] = str(value)
    return f"?{params.urlencode()}"


def _relative(at: datetime, now: datetime) -> str:
    """Return words.relative in the language being spoken."""
    text = words.relative(at, now)
    if text.endswith(" ago"):
        return catalogue.exact("{1} ago").replace("{1}", text.removesuffix(" ago"))
    if text.startswith("in "):
        return catalogue.exact("in {1}").replace("{1}", text.removeprefix("in "))
    return catalogue.exact(text)


def _absolute(local: datetime) -> str:
    """Return an aware local time as words.absolute does, with the names of day and month in the language being spoken."""
    return (
        words.absolute(local) if catalogue.language_now() == catalogue.SOURCE else date_format(local, "D j. M Y, H:i T")
    )


def _sprite() -> str:
    return str(static("icons.svg"))


@register.filter
def hexhead(value: bytes | memoryview) -> str:
    """The first digits of a hash: enough to compare by eye."""
    return bytes(value).hex()[:12]


def _now(context: template.Context) -> datetime:
    """Return the request's instant; the frame offers it as a function, so that pages without times ask no database."""
    at = context["now"]
    return cast(datetime, at() if callable(at) else at)
