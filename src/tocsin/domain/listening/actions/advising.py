"""What a house makes of the writing advice: rules switched off, rules of its own. Every change is a version."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.listening import rules
from tocsin.domain.listening.logic.advice import KINDS, LANGUAGES, WARNINGS
from tocsin.domain.listening.logic.phrases import BadPattern, parse_pattern
from tocsin.domain.listening.models import RuleBook
from tocsin.domain.listening.wordlists import shipped_rules
from tocsin.domain.people.models import User
from tocsin.domain.tickets.actions.recording import text
from tocsin.kernel.errors import InvalidInput, NotAllowed, NotFound
from tocsin.kernel.ids import new_id

MOST_OWN = 300
KEEPERS = "The writing advice is kept by leads, managers and administrators. Ask one of them."


@transaction.atomic
def switch_rule(*, key: str, on: bool, by: User, now: datetime) -> RuleBook:
    """Switch a shipped rule on or off. Raises NotFound."""
    rule = next((one for one in shipped_rules() if one.key == key), None)
    if rule is None:
        raise NotFound("rule_not_found", "There is no such rule.")

    def change(book: dict[str, Any]) -> None:
        book["off"] = sorted({*book["off"], key} - ({key} if on else set()))

    return _next(change, f"{'On' if on else 'Off'}: {rule.pattern}", by, now)


@transaction.atomic
def save_rule(
    *, language: str, kind: str, pattern: str, why: str, better: str, by: User, now: datetime, key: str = ""
) -> RuleBook:
    """Add a rule of the house, or change the one with this key. Raises InvalidInput with what is wrong where."""
    if language not in LANGUAGES or kind not in KINDS:
        raise InvalidInput("bad_rule", "Choose a language and a kind.", {"kind": "Choose one of those shown."})
    cleaned = text("pattern", " ".join(pattern.split()), limit=160, required=True)
    try:
        parse_pattern(cleaned)
    except BadPattern as bad:
        raise InvalidInput("bad_pattern", str(bad), {"pattern": str(bad)}) from None
    given = {"why": text("why", why, limit=300), "better": text("better", better, limit=300)}
    if kind in WARNINGS:
        for name, value in given.items():
            if not value:
                problem = "Say why, and how to say it better: advice without a reason is a nuisance."
                raise InvalidInput("required", problem, {name: problem})
    rule = {"key": key or f"own-{new_id().hex}", "language": language, "kind": kind, "pattern": cleaned, **given}

    def change(book: dict[str, Any]) -> None:
        others = [one for one in book["own"] if one["key"] != rule["key"]]
        if key and len(others) == len(book["own"]):
            raise NotFound("rule_not_found", "There is no such rule of yours; it may have been removed meanwhile.")
        if len(others) >= MOST_OWN:
            raise InvalidInput("too_many", f"At most {MOST_OWN} rules of your own. Remove some first.")
        book["own"] = [*others, rule]

    return _next(change, f"{'Changed' if key else 'Added'}: {cleaned}", by, now)


@transaction.atomic
def drop_rule(*, key: str, by: User, now: datetime) -> RuleBook:
    """Remove a rule of the house; earlier versions keep it. Raises NotFound."""
    dropped: list[str] = []

    def change(book: dict[str, Any]) -> None:
        dropped.extend(one["pattern"] for one in book["own"] if one["key"] == key)
        if not dropped:
            raise NotFound("rule_not_found", "There is no such rule of yours; it may have been removed meanwhile.")
        book["own"] = [one for one in book["own"] if one["key"] != key]

    return _next(change, lambda: f"Removed: {dropped[0]}", by, now)


@transaction.atomic
def restore_rules(*, number: int, by: User, now: datetime) -> RuleBook:
    """Go back to an earlier version (0: as shipped); it becomes the newest. Raises NotFound."""
    found = RuleBook.objects.filter(pk=number).first()
    if found is None and number:
        raise NotFound("version_not_found", f"There is no version {number}.")

    def change(book: dict[str, Any]) -> None:
        book["off"], book["own"] = (found.off, found.own) if found else ([], [])

    return _next(change, f"Restored version {number}" if number else "As shipped", by, now)


def _next(change: Callable[[dict[str, Any]], None], word: str | Callable[[], str], by: User, now: datetime) -> RuleBook:
    if not rules.may_keep_words.test(by):
        raise NotAllowed("not_allowed", KEEPERS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('listening.rulebook'))")  # one version at a time
    last = RuleBook.objects.order_by("-number").first()
    book = {"off": list(last.off), "own": list(last.own)} if last else {"off": [], "own": []}
    change(book)
    said = (word if isinstance(word, str) else word())[:200]
    made = RuleBook.objects.create(number=(last.number if last else 0) + 1, word=said, by=by, at=now, **book)
    data = {"version": made.number, "what": said}
    record(stream="listening:advice", kind="advice.changed", actor=f"person:{by.pk}", at=now, data=data)
    return made
