"""What the organisation asks: the settings, and the forms in versions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from tocsin.domain.escalation.enums import EscalationType
from tocsin.domain.feedback import queries, rules
from tocsin.domain.feedback.enums import Party
from tocsin.domain.feedback.logic import questions as forms
from tocsin.domain.feedback.logic.questions import BadQuestions, Question
from tocsin.domain.feedback.models import QuestionSet, Setting
from tocsin.domain.journal.actions import record
from tocsin.domain.people.models import User
from tocsin.kernel.errors import InvalidInput, NotAllowed

# {field: (least, most)}
BOUNDS = {
    "delay_minutes": (0, 7 * 24 * 60), "share": (0, 100), "quiet_days": (0, 365), "remind_hours": (0, 30 * 24),
    "expire_days": (1, 90), "low_score": (1, 4), "callback_minutes": (15, 10_080), "least_severity": (1, 4),
}  # fmt: skip
_REFUSED = "What people are asked is set by escalation managers and administrators. Ask one of them."


@transaction.atomic
def save_setting(*, values: Mapping[str, Any], by: User | None, now: datetime) -> Setting:
    """Change the settings named in `values` (fields of Setting). Raises InvalidInput naming the field, NotAllowed."""
    if by is not None and not rules.may_set_questions.test(by):
        raise NotAllowed("not_allowed", _REFUSED)
    wrong = {name: f"Between {low} and {high}." for name, (low, high) in BOUNDS.items()
             if name in values and not low <= int(values[name]) <= high}  # fmt: skip
    shares = dict(values.get("party_shares", {}))
    wrong |= {
        f"share_{kind}": "Between 0 and 100, for a known type."
        for kind, share in shares.items()
        if kind not in EscalationType.values or not 0 <= int(share) <= 100
    }
    if wrong:
        raise InvalidInput("bad_setting", "Check the fields marked below.", wrong)
    Setting.objects.get_or_create(pk=1)
    found = Setting.objects.select_for_update().get(pk=1)
    known = {field.name for field in Setting._meta.fields} - {"id"}
    changed = {}
    for name, value in values.items():
        if name in known and getattr(found, name) != value:
            changed[name] = value
            setattr(found, name, value)
    if changed:
        found.save()
        actor = f"person:{by.pk}" if by is not None else "system"
        record(stream="system", kind="feedback.settings_changed", actor=actor, at=now, data=changed)
    return found


@transaction.atomic
def save_questions(*, party: str, questions: Sequence[Question], by: User | None, now: datetime) -> QuestionSet:
    """Give a party a new version of its form; who has been asked keeps theirs. The same form again changes nothing.

    Raises InvalidInput whose fields are key_N, kind_N, en_N of the Nth question.
    """
    if by is not None and not rules.may_set_questions.test(by):
        raise NotAllowed("not_allowed", _REFUSED)
    if party not in Party.values:
        raise InvalidInput("bad_party", "Choose one of the four parties.", {"party": "unknown"})
    try:
        wanted = forms.checked(questions)
    except BadQuestions as error:
        raise InvalidInput("bad_questions", "Check the questions marked below.", {error.field: str(error)}) from None
    last = set_in_use(party, now)
    if forms.read(last.questions) == wanted:
        return last
    actor = f"person:{by.pk}" if by is not None else "system"
    made = QuestionSet.objects.create(
        party=party, number=last.number + 1, questions=[one.as_json() for one in wanted], made_at=now, made_by=actor
    )
    data = {"party": party, "version": made.number}
    record(stream="system", kind="feedback.questions_changed", actor=actor, at=now, data=data)
    return made


def set_in_use(party: str, now: datetime) -> QuestionSet:
    """Return the newest form of a party; the built-in one becomes version 1 when it is first used."""
    found = queries.newest_set(party)
    if found is not None:
        return found
    stored = [one.as_json() for one in forms.DEFAULTS[party]]
    made, _ = QuestionSet.objects.get_or_create(
        party=party, number=1, defaults={"questions": stored, "made_at": now, "made_by": "system"}
    )
    return made
