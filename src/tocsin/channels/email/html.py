"""The HTML side of a mail: plain, readable in any mail program, every word of ours or the ticket's escaped."""

from html import escape

from tocsin.domain.notify.enums import TELLING
from tocsin.domain.notify.transport import Message

_PAGE = """<!doctype html>
<html lang="en"><body style="margin:0;padding:16px;font:15px/1.5 sans-serif;color:#1b1f24;background:#ffffff">
<h1 style="font-size:18px;margin:0 0 12px">{subject}</h1>
{body}
{action}
<p style="color:#5b6472;font-size:13px">Opening the link changes nothing; the buttons on the page do.</p>
</body></html>
"""
_BUTTON = (
    '<p><a href="{link}" style="display:inline-block;padding:10px 18px;background:#2456c8;color:#ffffff;'
    'text-decoration:none;border-radius:6px">{label}</a></p>'
)

# What the button of a one-time link says.
ONE_TIME = {"invitation": "Accept the invitation", "sign_in": "Sign in", "password": "Set a new password"}


def as_html(message: Message) -> str:
    """Return the message as one HTML page without images, scripts or anything to load."""
    link = escape(message.link, quote=True)
    action = _BUTTON.format(link=link, label=link_label(message)) if message.link else ""
    return _PAGE.format(subject=escape(message.subject), body=_body(message), action=action)


def link_label(message: Message) -> str:
    """Return what the link is for: what only tells asks for no answer."""
    if message.items:
        return "See and acknowledge all"
    if "one_time" in message.data:
        return ONE_TIME.get(str(message.data.get("one_time_purpose")), "Go on")
    return "See the escalation" if message.purpose in TELLING else "Answer"


def _body(message: Message) -> str:
    if not message.items:
        return "".join(f"<p>{escape(line)}</p>\n" for line in message.body.splitlines() if line.strip())
    opening = escape(message.body.splitlines()[0])
    lines = []
    for item in message.items:
        words = escape(item.subject)
        linked = f'<a href="{escape(item.link, quote=True)}">{words}</a>' if item.link else words
        lines.append(f"<li>{linked}</li>")
    more = int(message.data.get("count", len(lines))) - len(lines)
    if more > 0:
        lines.append(f"<li>and {more} more</li>")
    return f"<p>{opening}</p>\n<ul>\n" + "\n".join(lines) + "\n</ul>"
