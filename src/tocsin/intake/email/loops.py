"""Telling automatic mail from what a person wrote (RFC 3834). Pure.

No automatic mail ever answers an automatic mail (SECURITY 12): what this module calls automatic is answered by nobody
but a person.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from tocsin.intake.email.parse import ParsedMail

OWN_MARK = "X-Tocsin-Installation"


class Nature(StrEnum):
    """What kind of mail it is."""

    PERSON = "person"
    BOUNCE = "bounce"  # a delivery report
    REPLY = "automatic reply"  # out of office, "we have received your request"
    LIST = "list"  # a mailing list, or bulk
    GENERATED = "generated"  # a program wrote it: monitoring, calendars
    OWN = "own"  # our own mail came back


@dataclass(frozen=True, slots=True)
class Judged:
    """A kind and the sign it was told by."""

    nature: Nature
    sign: str = ""
    answerable: bool = True  # whether an automatic answer may be sent
    sure: bool = True  # told by a header; a subject may be a person's

    @property
    def is_automatic(self) -> bool:
        return self.nature is not Nature.PERSON


_DAEMON = re.compile(
    r"^(?:mailer-daemon|postmaster|mail-daemon|mdaemon|mailerdaemon|mail\.?system|bounces?)(?:[+\-=].*)?@"
)
_NOBODY = re.compile(
    r"^(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|donotreply|nicht[-_.]?antworten|keine[-_.]?antwort|ne[-_.]?pas[-_.]?repondre)"
)
# Only for programs that set no header at all: whole beginnings of subjects, in the languages of common mail servers.
_AWAY = re.compile(
    r"^(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office|i am out of (?:the )?office|away from my mail|"
    r"automatische antwort|automatische reaktion|abwesenheits(?:notiz|nachricht|meldung)|abwesend|réponse automatique|"
    r"absence du bureau|respuesta automática|fuera de (?:la )?oficina|risposta automatica|fuori (?:sede|ufficio)|"
    r"resposta automática|automatisch antwoord|afwezig(?:heid)?|autosvar|automatiskt svar|automatisk svar|"
    r"automaattinen vastaus|odpowiedź automatyczna|automatická odpověď|автоматический ответ|自动回复|自動回覆|自動応答|자동 회신)"
    r"\s*(?:[:：(–]|-\s|$)",
    re.IGNORECASE,
)
_RESPONDERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply-from",
    "x-mail-autoreply",
    "x-vacation",
    "x-ms-exchange-inbox-rules-loop",
)


def judge(
    mail: ParsedMail, *, envelope_from: str | None, installations: Collection[str], own_lists: Collection[str] = ()
) -> Judged:
    """Say what kind of mail this is.

    `envelope_from` is the SMTP sender: "" is the null sender (a bounce or an automatic answer), None is unknown
    (fetched mail). `installations` are the marks of our own mails. `own_lists` are List-Ids that only pass mails on to us.
    """
    if set(installations) & set(mail.heads.get(OWN_MARK.lower(), ())):
        return Judged(Nature.OWN, OWN_MARK, answerable=False)
    sender = mail.senders[0].address if mail.senders else ""
    if mail.report is not None or mail.content_type == "multipart/report":
        return Judged(Nature.BOUNCE, "delivery report", answerable=False)
    if _DAEMON.match(sender):
        return Judged(Nature.BOUNCE, f"from {sender.partition('@')[0]}", answerable=False)
    for found in (_responder(mail), _bulk(mail, own_lists), _null_sender(mail, envelope_from), _generated(mail)):
        if found is not None:
            return found
    quiet = bool(mail.head("X-Auto-Response-Suppress")) or bool(_NOBODY.match(sender))
    return Judged(Nature.PERSON, answerable=not quiet)


def _responder(mail: ParsedMail) -> Judged | None:
    submitted = mail.head("Auto-Submitted").partition(";")[0].strip().lower()
    if submitted.startswith(("auto-replied", "auto-notified")):
        return Judged(Nature.REPLY, f"Auto-Submitted: {submitted}", answerable=False)
    if submitted and submitted != "no" and not submitted.startswith("auto-generated"):
        return Judged(Nature.GENERATED, f"Auto-Submitted: {submitted[:40]}", answerable=False)
    for name in _RESPONDERS:
        if mail.head(name) and mail.head(name).lower() not in {"no", "false"}:
            return Judged(Nature.REPLY, name, answerable=False)
    if mail.head("Precedence").lower() in {"auto_reply", "auto-reply"}:
        return Judged(Nature.REPLY, "Precedence: auto_reply", answerable=False)
    away = _AWAY.match(mail.subject)
    return Judged(Nature.REPLY, f"subject: {away.group()[:40]}", answerable=False, sure=False) if away else None


def _bulk(mail: ParsedMail, own_lists: Collection[str]) -> Judged | None:
    listed = mail.head("List-Id").rpartition("<")[2].strip("> ").lower()
    if listed and listed in {name.lower() for name in own_lists}:
        return None
    precedence = mail.head("Precedence").lower()
    if precedence in {"bulk", "junk", "list"}:
        return Judged(Nature.LIST, f"Precedence: {precedence}", answerable=False)
    for name in ("List-Id", "List-Unsubscribe", "List-Post", "Feedback-ID", "X-Campaign-Id", "X-Mailing-List"):
        if mail.head(name):
            return Judged(Nature.LIST, name, answerable=False)
    return None


def _null_sender(mail: ParsedMail, envelope_from: str | None) -> Judged | None:
    if envelope_from == "" or (envelope_from is None and mail.head("Return-Path").strip() == "<>"):
        return Judged(Nature.REPLY, "null sender", answerable=False)
    return None


def _generated(mail: ParsedMail) -> Judged | None:
    submitted = mail.head("Auto-Submitted").lower()
    if submitted.startswith("auto-generated"):
        return Judged(Nature.GENERATED, "Auto-Submitted: auto-generated", answerable=False)
    if mail.head("X-Loop"):
        return Judged(Nature.GENERATED, "X-Loop", answerable=False)
    return None
