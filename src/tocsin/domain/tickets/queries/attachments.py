"""Files of tickets, as far as a person may have them."""

from collections import defaultdict
from collections.abc import Iterable
from typing import BinaryIO
from uuid import UUID

from tocsin.domain.people.models import User
from tocsin.domain.tickets import files, rules
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.models import Attachment
from tocsin.kernel.errors import NotFound

GONE = "There is no such file, or you may not see it."


def access_attachment(user: User, attachment_id: UUID) -> Attachment:
    """Return a kept file. Raises NotFound if absent, refused, on a note or a ticket that this person may not see."""
    found = Attachment.objects.select_related("ticket__team", "message").filter(pk=attachment_id).first()
    if found is None or found.refused or not rules.may_see_ticket.test(user, found.ticket):
        raise NotFound("attachment_not_found", GONE)
    if found.message is not None and found.message.kind == MessageKind.NOTE and not rules.may_see_internals.test(user):
        raise NotFound("attachment_not_found", GONE)
    return found


def attachments_of(ticket_id: UUID) -> dict[UUID | None, list[Attachment]]:
    """Return the files of a ticket by message (None: of the ticket itself), in order; one query.

    Only for callers who show messages that the reader may see.
    """
    found: dict[UUID | None, list[Attachment]] = defaultdict(list)
    for row in Attachment.objects.filter(ticket=ticket_id).order_by("at", "position", "id"):
        found[row.message_id].append(row)
    return dict(found)


def content_of(attachment: Attachment) -> BinaryIO:
    """Open a kept file for reading. Raises NotFound if its bytes are gone from the folder."""
    return files.opened(attachment.sha256)


def kept_files(ids: Iterable[UUID]) -> list[Attachment]:
    """Return kept files by id, in the order asked for: for machines that send them on."""
    wanted = list(ids)
    found = Attachment.objects.filter(refused="").in_bulk(wanted)
    return [found[pk] for pk in wanted if pk in found]
