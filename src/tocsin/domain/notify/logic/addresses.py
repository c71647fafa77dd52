"""What an address on each channel looks like, and what of a secret one may be shown. Pure.

Whoever knows the address of an incoming webhook, a topic or a token can write to its owner (some even read along), so
those are kept encrypted and shown by a mark only (`SECRET`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

LONGEST = 2000  # characters of a secret address, which is kept encrypted; others must fit their column
LONGEST_PLAIN = 300
SECRET = frozenset({"teams", "mattermost", "rocket_chat", "ntfy", "gotify", "apprise", "web_push"})
SHORTEST_HIDDEN = 6  # shorter parts of an address occur by chance in any answer

# Apprise addresses of services on this machine, or that talk something else than HTTP, which the guarded sending of
# channels/apprise neither needs nor checks. `mailto` has a channel of its own, with receipts and answers.
REFUSED_SCHEMES = frozenset({
    "amqp", "amqps", "aprs", "blink1", "dbus", "deltachat", "deltachats", "file", "gio", "glib", "gnome", "growl", "irc",
    "ircs", "kde", "macosx", "mailto", "mailtos", "mqtt", "mqtts", "nostr", "qt", "rsyslog", "smpp", "smpps", "syslog",
    "windows", "xmpp", "xmpps",
})  # fmt: skip


class BadAddress(Exception):
    """The channel cannot use it. `message` says what one looks like."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Guide:
    """What a form says about an address."""

    example: str
    help: str  # where its owner finds it


GUIDES: dict[str, Guide] = {
    "email": Guide("ana@example.org", "An e-mail address that you read on your phone too."),
    "sms": Guide("+49 151 23456789", "A mobile number with its country. Answer with the code in the message."),
    "voice": Guide("+49 151 23456789", "A number with its country. Answer with the keys of the phone."),
    "slack": Guide("U012AB3CD", "Your member ID: Slack, your profile, the three dots, Copy member ID."),
    "telegram": Guide("123456789", "Write /start to the bot of your company; it answers with this number."),
    "web_push": Guide("", "Made by the browser itself."),
    "teams": Guide(
        "https://prod-12.westeurope.logic.azure.com/workflows/...",
        "In Teams: the chat or channel, Workflows, \"Post to a chat when a webhook request is received\". "
        "Copy the address at the end.",
    ),
    "mattermost": Guide(
        "https://chat.example.org/hooks/abc...",
        "Integrations, Incoming Webhooks. Choose the direct channel to yourself, then copy the address.",
    ),
    "rocket_chat": Guide(
        "https://chat.example.org/hooks/id/token",
        "Workspace, Integrations, New, Incoming. Post to @yourname, then copy the webhook's address.",
    ),
    "ntfy": Guide(
        "my-pages-7fq2kd9x", "The topic in your ntfy app, or its full address. Whoever knows a topic can read it: "
        "choose one that nobody guesses.",
    ),
    "gotify": Guide(
        "https://push.example.org/?token=AbC...",
        "Gotify, Apps, Create application: its token; before it your server, if your administrator has set none.",
    ),
    "pushover": Guide("uQiRzpo4DXghDmr9QzzfQu27cmVRsG", "Your user key: pushover.net shows it when you have signed in."),
    "apprise": Guide("discord://webhook_id/webhook_token", "Any address that Apprise knows and that goes over HTTP."),
    "webhook": Guide("https://example.org/hook", "A program of yours that takes signed JSON."),
}  # fmt: skip

_KEY = re.compile(r"[A-Za-z0-9]{20,60}\Z")
_ROCKET_KEY = re.compile(r"[A-Za-z0-9_-]{10,60}/[A-Za-z0-9_-]{20,100}\Z")
_TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}\Z")
_TOKEN = re.compile(r"[A-Za-z0-9._-]{10,100}\Z")
_PUSHOVER = re.compile(r"[A-Za-z0-9]{30}(:[A-Za-z0-9_-]{1,25})?\Z")
_SCHEME = re.compile(r"([a-z0-9]{2,14})://\S{3,}\Z", re.IGNORECASE)


def checked(channel: str, text: str) -> str:
    """Return the address as it is used. Raises BadAddress. E-mail and phones have checks of their own.

    A channel without a rule here takes anything printable: what makes its addresses has checked them.
    """
    text = text.strip()
    most = LONGEST if channel in SECRET else LONGEST_PLAIN
    if not text or len(text) > most or not text.isprintable():
        raise BadAddress(f"Write an address of up to {most} characters, without line breaks.")
    check = _CHECKS.get(channel)
    return check(text) if check else text


def shown(channel: str, address: str) -> str:
    """Return what of a secret address may be shown: enough for its owner to tell it from others."""
    parts = urlsplit(address)
    if channel == "apprise":
        return f"{parts.scheme}://..."
    host = f"{parts.hostname}/" if parts.scheme and parts.hostname else ""
    return f"{host}...{address[-4:]}"[:200]


def hidden_parts(address: str) -> tuple[str, ...]:
    """Return what must not occur in a provider's answer: the address, and the parts of it that are no host.

    Apprise addresses mostly have a key where others have the host; what has no dot in it is taken for one.
    """
    parts = urlsplit(address)
    if not parts.scheme:
        return (address,)
    after = address.partition("://")[2]
    place = "" if "." in parts.netloc or parts.scheme in {"http", "https"} else parts.netloc
    rest = after.removeprefix(parts.netloc)
    pieces = {
        address,
        *re.split(r"[/&=?:@]", f"{place}/{rest}/{unquote(rest)}"),
        parts.username or "",
        parts.password or "",
    }
    return tuple(sorted((piece for piece in pieces if len(piece) >= SHORTEST_HIDDEN), key=len, reverse=True))


def url_in(text: str) -> SplitResult | None:
    """Return the parts of a web address that can be posted to, or None."""
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises where it is none
    except ValueError:
        return None
    usable = parts.scheme in {"http", "https"} and parts.hostname and not parts.username and not parts.fragment
    return parts if usable and not re.search(r"\s", text) else None


def _teams(text: str) -> str:
    if url_in(text) is None:
        raise BadAddress("Give the address that the workflow shows, beginning with https://.")
    return text


def _mattermost(text: str) -> str:
    parts = url_in(text)
    if not _KEY.match(text) and (parts is None or "/hooks/" not in parts.path):
        raise BadAddress("Give the webhook's address, like https://chat.example.org/hooks/abc..., or its key.")
    return text


def _rocket_chat(text: str) -> str:
    parts = url_in(text)
    if not _ROCKET_KEY.match(text) and (parts is None or "/hooks/" not in parts.path):
        raise BadAddress("Give the webhook's address, like https://chat.example.org/hooks/id/token, or id/token.")
    return text


def _ntfy(text: str) -> str:
    parts = url_in(text)
    topic = parts.path.strip("/") if parts is not None and not parts.query else text
    if not _TOPIC.match(topic):
        raise BadAddress("Give a topic of letters, digits, - and _, or its address like https://ntfy.sh/topic.")
    return text.rstrip("/")


def _gotify(text: str) -> str:
    parts = url_in(text)
    token = text
    if parts is not None:
        given = re.fullmatch(r"token=([^&]+)", parts.query)
        token = given[1] if given else ""
    if not _TOKEN.match(token):
        raise BadAddress("Give the application's token, or https://push.example.org/?token= and the token.")
    return text


def _pushover(text: str) -> str:
    if not _PUSHOVER.match(text):
        raise BadAddress("A user key has 30 letters and digits; a device's name may follow after a colon.")
    return text


def _apprise(text: str) -> str:
    scheme = _SCHEME.match(text)
    if scheme is None:
        raise BadAddress("Give an Apprise address, like discord://webhook_id/webhook_token.")
    if scheme[1].lower() in REFUSED_SCHEMES:
        raise BadAddress(f"{scheme[1].lower()}:// is not allowed here: only services that are reached over HTTP are.")
    return text


def _web_push(text: str) -> str:
    endpoint, _, keys = text.partition("#")
    parts = url_in(endpoint)
    if parts is None or not re.fullmatch(r"[A-Za-z0-9_-]{87}\.[A-Za-z0-9_-]{22}", keys):
        raise BadAddress("Turn the browser itself on, under This browser: its address cannot be written by hand.")
    return text


def _webhook(text: str) -> str:
    if url_in(text) is None:
        raise BadAddress("Write a full address like https://example.org/hook.")
    return text


_CHECKS: dict[str, Callable[[str], str]] = {
    "teams": _teams,
    "mattermost": _mattermost,
    "rocket_chat": _rocket_chat,
    "ntfy": _ntfy,
    "gotify": _gotify,
    "pushover": _pushover,
    "apprise": _apprise,
    "web_push": _web_push,
    "webhook": _webhook,
}
