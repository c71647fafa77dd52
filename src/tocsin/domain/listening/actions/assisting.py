"""The operator's own language model: summaries and drafts for people to check. Off until somebody sets it up.

It is called outside any transaction, by the guarded client; what comes back is kept as a draft and sent nowhere.
"""

from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.listening import rules
from tocsin.domain.listening.enums import Wanted
from tocsin.domain.listening.logic import prompting
from tocsin.domain.listening.logic.prompting import Turn, Unusable
from tocsin.domain.listening.models import Assistant, AssistantDraft
from tocsin.domain.notify import guarded, sealing
from tocsin.domain.people.models import User
from tocsin.domain.tickets.actions.recording import text
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.models import Message, Ticket
from tocsin.domain.tickets.rules import may_see_ticket
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound, Unavailable
from tocsin.kernel.ids import new_id

SHORTEST, LONGEST = 2, 120  # seconds to wait
MOST_BYTES = 256 * 1024


@transaction.atomic
def save_assistant(
    *, enabled: bool, url: str, model: str, key: str, timeout: int, by: User, now: datetime, drop_key: bool = False
) -> Assistant:
    """Set the endpoint up. An empty `key` keeps the one there is, but only for the same address; `drop_key` forgets it.

    Raises NotAllowed, InvalidInput.
    """
    if not rules.may_set_assistant.test(by):
        raise NotAllowed("not_allowed", "The assistant is set up by administrators. Ask one of them.")
    address = text("url", url, limit=500, required=True).rstrip("/")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        problem = (
            "Give an address that begins with https:// and ends with /v1, without a user name or anything after it."
        )
        raise InvalidInput("bad_url", problem, {"url": problem})
    if not SHORTEST <= timeout <= LONGEST:
        problem = f"Between {SHORTEST} and {LONGEST} seconds."
        raise InvalidInput("bad_timeout", problem, {"timeout": problem})
    before = Assistant.objects.select_for_update().filter(pk=1).first()
    given = text("key", key, limit=1000)
    # A key belongs to its address: it must not be sent elsewhere because somebody changed the address.
    kept = before.sealed_key if before and before.url == address and not drop_key else ""
    sealed = sealing.seal({"key": given}) if given else kept
    made, _ = Assistant.objects.update_or_create(
        pk=1,
        defaults={
            "enabled": enabled, "url": address, "model": text("model", model, limit=120, required=True),
            "sealed_key": sealed, "timeout": timeout, "changed_at": now, "changed_by": by,
        },
    )  # fmt: skip
    data = {"enabled": enabled, "url": address, "model": made.model, "key": bool(sealed)}
    record(stream="system", kind="assistant.set", actor=f"person:{by.pk}", at=now, data=data)
    return made


def try_assistant(*, by: User) -> str:
    """Ask the endpoint for one short text, with nothing of any ticket. Return it. Raises NotAllowed, Unavailable."""
    if not rules.may_set_assistant.test(by):
        raise NotAllowed("not_allowed", "The assistant is set up by administrators. Ask one of them.")
    found = Assistant.objects.filter(pk=1).first()
    if found is None:
        raise NotFound("assistant_not_set", "Set the endpoint up first.")
    turn = Turn("", "customer", "The printer on the second floor prints blank pages.")
    return _ask(found, prompting.request_body(model=found.model, wanted="summary", subject="Test", turns=[turn]))[:500]


def ask_assistant(*, ticket: Ticket, wanted: str, by: User, now: datetime) -> AssistantDraft:
    """Have a summary or a reply drafted from what was said with the customer. Notes never leave the house.

    Raises Conflict while it is off, InvalidInput, NotAllowed, Unavailable with what was wrong at the endpoint.
    """
    if not rules.may_listen.test(by) or not may_see_ticket.test(by, ticket):
        raise NotAllowed("not_allowed", "Drafts are made by those who work on tickets.")
    if wanted not in Wanted.values:
        raise InvalidInput("bad_kind", "Ask for a summary or for a reply.", {"wanted": "summary or reply"})
    found = Assistant.objects.filter(pk=1, enabled=True).first()
    if found is None:
        raise Conflict("assistant_off", "The assistant is off. An administrator sets it up under Settings.")
    turns, names = _material(ticket)
    told = prompting.chosen(turns)
    body = prompting.request_body(model=found.model, wanted=wanted, subject=ticket.subject, turns=told, names=names)
    answer = _ask(found, body)
    with transaction.atomic():
        made = AssistantDraft.objects.create(
            id=new_id(), ticket=ticket, wanted=wanted, text=answer, sources=[turn.id for turn in told],
            model=found.model, by=by, at=now,
        )  # fmt: skip
        data = {"draft": str(made.pk), "wanted": wanted, "model": found.model, "messages": len(told)}
        record(stream=f"ticket:{ticket.pk}", kind="assistant.drafted", actor=f"person:{by.pk}", at=now, data=data)
    return made


def _material(ticket: Ticket) -> tuple[list[Turn], list[str]]:
    """What the customer and the desk said to each other, and the names that are masked in it."""
    said = Message.objects.filter(ticket=ticket).exclude(kind=MessageKind.NOTE).select_related("author")
    rows = list(said.order_by("at", "id"))
    turns = [Turn("", "customer", ticket.description or ticket.subject)]
    turns += [Turn(str(one.pk), "customer" if one.kind == MessageKind.CUSTOMER else "desk", one.body) for one in rows]
    people = {one.author for one in rows if one.author} | {one for one in (ticket.requester, ticket.owner) if one}
    names = [person.name for person in people]
    return turns, names + ([ticket.organisation.name] if ticket.organisation else [])


def _ask(found: Assistant, body: bytes) -> str:
    try:
        key = sealing.unseal(found.sealed_key).get("key", "")
    except sealing.Unsealable:
        problem = "The endpoint's key cannot be opened any more. Ask an administrator to set it anew."
        raise Unavailable("assistant_key", problem) from None
    headers = {"content-type": "application/json", "accept": "application/json"}
    if key:
        headers["authorization"] = f"Bearer {key}"
    try:
        answer = guarded.fetch(
            "POST", f"{found.url}/chat/completions", body=body, headers=headers, timeout=found.timeout,
            allow=settings.WEBHOOK_ALLOW, most=MOST_BYTES,
        )  # fmt: skip
        return prompting.read_answer(answer.status, answer.body)
    except guarded.Refused as refused:
        raise Unavailable("assistant_refused", f"The endpoint must not be reached: {refused}") from None
    except guarded.Unreachable as error:
        said = sealing.scrubbed(str(error), [key] if key else [])
        raise Unavailable(
            "assistant_away", f"The endpoint gave no answer: {said}. Try again, or write it yourself."
        ) from None
    except Unusable as problem:
        raise Unavailable("assistant_answer", str(problem)) from None
