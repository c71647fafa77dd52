"""Keeping the files that come with a message or with a new ticket."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from tocsin.domain.people.models import User
from tocsin.domain.tickets import files as store
from tocsin.domain.tickets.logic.attached import BLOCKED_ENDINGS, Judged, Limits, Upload, judge, safe_name
from tocsin.domain.tickets.models import Attachment, Message, Ticket
from tocsin.kernel.errors import InvalidInput
from tocsin.kernel.ids import new_id


def limits() -> Limits:
    """Return what is taken in with one message, as the operator has set it."""
    return Limits(
        largest=settings.ATTACHMENT_LARGEST, most=settings.ATTACHMENT_MOST, total=settings.ATTACHMENT_TOTAL,
        blocked=BLOCKED_ENDINGS | settings.ATTACHMENT_BLOCKED,
    )  # fmt: skip


def keep_files(
    *, ticket: Ticket, message: Message | None, files: Sequence[Upload], by: User | None, now: datetime, lenient: bool
) -> list[Attachment]:
    """Store files and their rows in the caller's transaction, in order.

    Raises InvalidInput naming the first file that may not be kept, or with `lenient` keeps a row that says so.
    """
    verdicts = judge(files, limits())
    if not lenient:
        _refuse_any(files, verdicts)
    rows = []
    for position, (file, verdict) in enumerate(zip(files, verdicts, strict=True)):
        digest = hashlib.sha256(file.content).hexdigest() if verdict.refused else store.keep(file.content)
        rows.append(
            Attachment(
                id=new_id(), ticket=ticket, message=message, position=min(position, 32_000),
                name=safe_name(file.name, position), size=len(file.content), declared=file.declared[:120],
                kind=verdict.kind, sha256=digest, content_id=file.content_id[:240], inline=file.inline,
                refused=verdict.refused[:200], at=now, by=by,
            )
        )  # fmt: skip
    return list(Attachment.objects.bulk_create(rows))


def told_of(kept: Sequence[Attachment]) -> dict[str, Any]:
    """Return what the journal says of files: their digests and refusals, never their names (people's words)."""
    if not kept:
        return {}
    return {"files": [{"id": str(a.pk), "sha256": a.sha256, "size": a.size, "refused": a.refused} for a in kept]}


def _refuse_any(files: Sequence[Upload], verdicts: Sequence[Judged]) -> None:
    for position, (file, verdict) in enumerate(zip(files, verdicts, strict=True)):
        if verdict.refused:
            problem = f"{safe_name(file.name, position)}: {verdict.refused}."
            raise InvalidInput("bad_file", f"{problem} Take it out and send again.", {"files": problem})
