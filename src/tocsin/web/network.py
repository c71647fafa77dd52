"""Where a request came from. What proxies say counts only as far as they are ours (SECURITY "Tokens")."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104 - a word for "not known", nothing listens on it


def address_of(request: HttpRequest) -> str:
    """Return the network address of whoever sent the request.

    Without TOCSIN_TRUSTED_PROXIES it is the connection's own; with n of them it is what the outermost of
    the n last entries of X-Forwarded-For says, and everything a client wrote before that is ignored.
    """
    found = str(request.META.get("REMOTE_ADDR", ""))
    proxies = settings.TRUSTED_PROXIES
    if proxies:
        passed = [part.strip() for part in request.headers.get("x-forwarded-for", "").split(",") if part.strip()]
        found = passed[-proxies] if len(passed) >= proxies else found
    try:
        return str(ip_address(found))
    except ValueError:
        return UNKNOWN


def browser_of(request: HttpRequest) -> str:
    """Return what the browser calls itself, as far as it is kept."""
    return str(request.headers.get("user-agent", ""))[:200]


# What a browser's long name holds, and how people call it; the first that fits wins (Edge calls itself Chrome too).
_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


def short_browser(name: str) -> str:
    """Return "Firefox on Windows" for what a browser calls itself; its own words where it is none of the usual."""
    browser = next((word for mark, word in _BROWSERS if mark in name), "")
    system = next((word for mark, word in _SYSTEMS if mark in name), "")
    return f"{browser} on {system}" if browser and system else browser or name[:60] or "A browser"
