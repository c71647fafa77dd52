"""ETags. A thing that can be changed has "<version>-<digest of the body>", everything else the digest alone.

If-None-Match compares the whole, so that a reader never keeps a stale page. If-Match compares the version alone:
the thing was not changed since, whatever else (a team's name, say) reads differently by now.
"""

import hashlib
from datetime import UTC, datetime, timedelta

from django.http import HttpRequest, HttpResponse

from tocsin.api.problems import Refused

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST = 2_000


def version_of(at: datetime) -> str:
    """Return the version word of a thing changed at `at`: exact to the microsecond."""
    return f"{(at - _EPOCH) // timedelta(microseconds=1):x}"


def etag_of(body: bytes, version: str = "") -> str:
    digest = hashlib.sha256(body).hexdigest()[:20]
    return f'"{version}-{digest}"' if version else f'"{digest}"'


def expected_at(request: HttpRequest) -> datetime | None:
    """Return when the thing was last changed as the caller knows it, by If-Match; None where they do not ask.

    Raises Refused (412) for what is no ETag of such a thing: it cannot match.
    """
    given = request.headers.get("If-Match", "").strip()
    if not given or given == "*":
        return None
    word = given.split(",")[0].strip().removeprefix("W/").strip('"').partition("-")[0]
    try:
        return _EPOCH + timedelta(microseconds=int(word, 16))
    except (ValueError, OverflowError):
        raise stale("If-Match holds no ETag of this. Read it and send its ETag.") from None


def stale(message: str) -> Refused:
    return Refused(412, "stale", message, {"If-Match": message})


def not_modified(request: HttpRequest, response: HttpResponse) -> bool:
    """Say whether the caller has exactly this already."""
    given = request.headers.get("If-None-Match", "")[:LONGEST]
    own = response.headers.get("ETag", "")
    return bool(own) and any(one.strip().removeprefix("W/") in (own, "*") for one in given.split(",") if one.strip())
