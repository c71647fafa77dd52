"""What becomes of a mail: facts in, a verdict out. Pure.

The order matters: what could be a loop or a trick is looked at first, who may do what last. In doubt a person decides
(quarantine); nothing is thrown away without a reason that can be read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from tocsin.intake.email.loops import Judged, Nature
from tocsin.intake.email.trust import Authentic

OPEN, KNOWN_DOMAINS = (
    "open",
    "known_domains",
)  # rules for senders whom nobody knows; anything else sets their mail aside


class Deed(StrEnum):
    """What is done with a mail."""

    IGNORE = "ignore"
    REFUSE = "refuse"
    QUARANTINE = "quarantine"
    BOUNCE = "bounce"  # note at the letter what came back
    CUSTOMER = "customer"  # a message of the requester
    REPLY = "reply"  # a public reply of staff
    NOTE = "note"  # a note of staff
    REMARK = "remark"  # a note that is nobody's act: an automatic answer
    OPEN = "open"  # a new ticket


@dataclass(frozen=True, slots=True)
class Sender:
    """The person whose address stands in From. That it is really they who wrote is proven by no mail."""

    id: UUID
    is_active: bool
    is_staff: bool


@dataclass(frozen=True, slots=True)
class Thread:
    """A ticket that the mail names with a token or a Message-ID of ours."""

    ticket: UUID
    number: int
    proven: bool  # the token, or the letter, is this sender's own
    requested: bool  # the sender is its requester
    may_see: bool  # the sender may (still) see it


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that the decision needs to know."""

    judged: Judged
    senders: int  # mailboxes in From
    from_us: bool  # From is an address of the desk
    is_copy: bool  # the same mail was taken in already
    flood: bool  # this address has sent too many within the hour
    authentic: Authentic
    spam: str  # why it counts as spam, or ""
    sender: Sender | None
    domain_known: bool  # people of a customer write from this domain
    threads: Sequence[Thread]
    to_notes: bool
    marked_note: bool  # "#note" in the first line
    has_content: bool  # words or files
    has_subject: bool
    senders_rule: str
    automatic_rule: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do, why, and with which ticket."""

    deed: Deed
    reason: str = ""
    ticket: UUID | None = None


def decide(facts: Facts) -> Verdict:  # noqa: PLR0911 - one way out per rule, in the order in which they count
    """Return what becomes of a mail (SEMANTICS 6 "customer never repeats the story"; SECURITY "Identity in mail")."""
    nature = facts.judged.nature
    if nature is Nature.OWN:
        return Verdict(Deed.IGNORE, "Our own mail came back; answering it would be a loop.")
    if nature is Nature.BOUNCE:
        return Verdict(Deed.BOUNCE, f"Delivery report ({facts.judged.sign}).")
    if facts.senders == 0:
        return Verdict(Deed.REFUSE, "It names no sender whom an answer could reach.")
    if facts.from_us:
        return Verdict(Deed.REFUSE, "It claims to come from the desk's own address.")
    if facts.is_copy:
        return Verdict(Deed.IGNORE, "The same mail was taken in before.")
    suspicious = _suspicious(facts)
    if suspicious:
        return Verdict(Deed.QUARANTINE, suspicious, facts.threads[0].ticket if facts.threads else None)
    if facts.sender is not None and not facts.sender.is_active:
        return Verdict(Deed.REFUSE, "The sender's access was removed.")
    if facts.threads:
        return _on_thread(facts, facts.threads)
    return _new(facts)


def may_answer_pages(facts: Facts) -> bool:
    """Say whether a mail may be read as the answer to a page: one sender, not ours, seen once, with nothing against it."""
    strange = facts.judged.nature in {Nature.OWN, Nature.BOUNCE} or facts.senders != 1 or facts.from_us or facts.is_copy
    return not strange and not _suspicious(facts)


def _suspicious(facts: Facts) -> str:
    if facts.senders > 1:
        return "It names several senders."
    if facts.authentic is Authentic.FAIL:
        return "The sender's domain disowns it (authentication failed)."
    if facts.spam:
        return f"It looks like spam ({facts.spam})."
    if facts.flood:
        return "Too many mails came from this address within the hour."
    return ""


def _on_thread(  # noqa: PLR0911 - one way out per rule, in the order in which they count
    facts: Facts, threads: Sequence[Thread]
) -> Verdict:
    found = next((t for t in threads if t.proven), None)
    if found is None:
        who = "somebody else" if facts.sender is not None else "an unknown sender"
        return Verdict(
            Deed.QUARANTINE, f"It answers a letter of T-{threads[0].number}, but comes from {who}.", threads[0].ticket
        )
    if not found.may_see or facts.sender is None:
        return Verdict(Deed.REFUSE, f"The sender may no longer see T-{found.number}.", found.ticket)
    if facts.judged.is_automatic:
        if facts.sender.is_staff and not found.requested:
            return Verdict(Deed.IGNORE, f"Automatic mail ({facts.judged.sign}).", found.ticket)
        return Verdict(Deed.REMARK, f"Automatic mail ({facts.judged.sign}): noted, nothing reopened.", found.ticket)
    if not facts.has_content:
        return Verdict(Deed.IGNORE, "It holds no words and no files.", found.ticket)
    if facts.sender.is_staff and not found.requested:
        if facts.authentic is Authentic.NONE:
            return Verdict(
                Deed.QUARANTINE, "A mail of staff that our mail server could not authenticate.", found.ticket
            )
        return Verdict(Deed.NOTE if facts.to_notes or facts.marked_note else Deed.REPLY, ticket=found.ticket)
    if found.requested:
        return Verdict(Deed.CUSTOMER, ticket=found.ticket)
    return Verdict(Deed.QUARANTINE, f"The sender may see T-{found.number}, but is not its requester.", found.ticket)


def _new(facts: Facts) -> Verdict:
    if facts.to_notes:
        return Verdict(Deed.QUARANTINE, "It came to the address for notes and belongs to no ticket.")
    if facts.judged.is_automatic and (facts.automatic_rule != OPEN or facts.judged.nature is Nature.REPLY):
        if facts.judged.nature is Nature.REPLY and facts.judged.sure:
            return Verdict(Deed.IGNORE, f"Automatic answer to nothing of ours ({facts.judged.sign}).")
        return Verdict(Deed.QUARANTINE, f"Automatic mail ({facts.judged.sign}).")
    if not facts.has_content and not facts.has_subject:
        return Verdict(Deed.REFUSE, "It holds no words and no files.")
    let_in = facts.senders_rule == OPEN or (facts.senders_rule == KNOWN_DOMAINS and facts.domain_known)
    if facts.sender is None and not let_in:
        return Verdict(Deed.QUARANTINE, "Nobody is known by this address.")
    return Verdict(Deed.OPEN)
