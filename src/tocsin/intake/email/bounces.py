"""Delivery reports (RFC 3464): which address failed, why, and for which of our mails. Pure."""

import re
from dataclasses import dataclass
from email.message import Message

from tocsin.intake.email import headers
from tocsin.intake.email.charsets import one_line

MOST = 50  # recipients of one report
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True, slots=True)
class Failure:
    """What became of one recipient."""

    address: str  # lower case
    action: str  # failed, delayed, delivered, relayed, expanded
    status: str  # "5.1.1", or ""
    why: str  # the other server's words

    @property
    def is_final(self) -> bool:
        """Whether the address will not get the mail."""
        return self.action == "failed" or (not self.action and self.status.startswith("5"))


@dataclass(frozen=True, slots=True)
class Report:
    """A delivery report."""

    failures: tuple[Failure, ...]
    original_id: str  # Message-ID of the mail it is about, "" if it does not say


def report_of(mail: "Message[str, str]") -> Report | None:
    """Return the delivery report in a mail, or None if it holds none."""
    found: list[Failure] = []
    original = ""
    is_report = False
    for count, part in enumerate(mail.walk()):
        if count > 200:
            break
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            is_report = True
            found += _failures(part)
        elif kind in {"text/rfc822-headers", "message/rfc822"} and count and not original:
            original = _original(part)
    for address in headers.values(mail, "X-Failed-Recipients"):
        is_report = True
        known = {failure.address for failure in found}
        found += [
            Failure(a, "failed", "", "")
            for one in address.split(",")
            if (a := headers.address_of(one)) and a not in known
        ]
    return Report(tuple(found[:MOST]), original) if is_report else None


def _failures(part: "Message[str, str]") -> list[Failure]:
    blocks = part.get_payload()
    found = []
    for block in (blocks if isinstance(blocks, list) else [])[: 2 * MOST]:
        if not isinstance(block, Message):
            continue
        recipient = headers.value(block, "Final-Recipient") or headers.value(block, "Original-Recipient")
        address = headers.address_of(recipient.partition(";")[2] or recipient)
        if not address:
            continue
        status = _STATUS.search(headers.value(block, "Status")[:40])
        why = headers.value(block, "Diagnostic-Code")
        found.append(
            Failure(
                address, headers.value(block, "Action").lower()[:20], status.group() if status else "",
                one_line(why.partition(";")[2] or why, 300),
            )
        )  # fmt: skip
    return found


def _original(part: "Message[str, str]") -> str:
    payload = part.get_payload()
    if isinstance(payload, list):
        inner = payload[0] if payload else None
        return next(iter(headers.message_ids(inner, "Message-ID")), "") if isinstance(inner, Message) else ""
    found = re.search(r"^message-id:\s*<([^<>\s]{1,240})>", str(payload)[:50_000], re.IGNORECASE | re.MULTILINE)
    return found.group(1) if found else ""
