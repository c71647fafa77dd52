"""Changing plans and templates: who is told how often, and in which words. A sent update's words never change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.people.models import User
from tocsin.domain.stakeholders import rules
from tocsin.domain.stakeholders.enums import Audience, Speaker, Way
from tocsin.domain.stakeholders.logic.cadence import LONGEST, SHORTEST
from tocsin.domain.stakeholders.logic.wording import inward, one_line, unknown
from tocsin.domain.stakeholders.models import Plan, PlanAudience, Template, TemplateVersion
from tocsin.domain.tickets.enums import Priority
from tocsin.kernel.errors import InvalidInput, NotAllowed, NotFound
from tocsin.kernel.ids import new_id

PLANNERS = "Plans are changed by escalation managers and administrators. Ask one of them."


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceWish:
    """One audience as the planner wants it. `cadence`: {priority: minutes}, only those that are owed updates."""

    ways: Sequence[str]
    cadence: Mapping[int, int]
    speaker: str
    template: UUID
    people: Sequence[User] = ()


@transaction.atomic
def save_plan(*, type_: str, enabled: bool, audiences: Mapping[str, AudienceWish], by: User, now: datetime) -> Plan:
    """Change the plan of one escalation type. Running escalations go on by the cadence they have."""
    _demand(by)
    plan, _ = Plan.objects.select_for_update().get_or_create(type=type_, defaults={"changed_at": now})
    for name, wish in audiences.items():
        _check(name, wish)
        template = Template.objects.filter(pk=wish.template, audience=name).first()
        if template is None:
            problem = "Choose a template that was written for this audience."
            raise InvalidInput("template", problem, {f"{name}_template": problem})
        row, _ = PlanAudience.objects.update_or_create(
            plan=plan, audience=name,
            defaults={
                "ways": [way for way in Way.values if way in set(wish.ways)],
                "cadence": {str(priority): minutes for priority, minutes in sorted(wish.cadence.items())},
                "speaker": wish.speaker, "template": template,
            },
        )  # fmt: skip
        row.people.set(wish.people)
    plan.enabled, plan.changed_at = enabled, now
    plan.save(update_fields=["enabled", "changed_at"])
    data = {
        "plan": plan.type,
        "enabled": enabled,
        "cadence": {n: {str(p): m for p, m in w.cadence.items()} for n, w in audiences.items()},
    }
    record(stream="system", kind="plan.changed", actor=f"person:{by.pk}", at=now, data=data)
    return plan


def _check(name: str, wish: AudienceWish) -> None:
    if name not in Audience.values or wish.speaker not in Speaker.values or set(wish.ways) - set(Way.values):
        raise InvalidInput("bad_choice", "Choose from what is offered.", {f"{name}_ways": "Choose from the list."})
    for priority, minutes in wish.cadence.items():
        if priority not in Priority.values or not SHORTEST <= minutes <= LONGEST:
            problem = f"Between {SHORTEST} minutes and 14 days."
            raise InvalidInput("cadence", problem, {f"{name}_{priority}": problem})


@transaction.atomic
def save_template(
    *, name: str, audience: str, subject: str, body: str, by: User, now: datetime, template_id: UUID | None = None
) -> Template:
    """Write a template, or its next version. Raises InvalidInput for variables that do not exist, or that a customer may not read."""
    _demand(by)
    words = {"name": name.strip(), "subject": one_line(subject), "body": body.replace("\r\n", "\n").strip()}
    problems = _sizes(words) | _variables(words, audience)
    if audience not in Audience.values:
        problems["audience"] = "Choose one of the list."
    same = Template.objects.filter(name=words["name"])
    if (same.exclude(pk=template_id) if template_id else same).exists():
        problems["name"] = "Another template has this name. Choose another."
    if problems:
        raise InvalidInput("template", " ".join(problems.values()), problems)
    return _keep(words, audience, by, now, template_id)


def _sizes(words: Mapping[str, str]) -> dict[str, str]:
    problems: dict[str, str] = {}
    for field, limit in (("name", 120), ("subject", 200), ("body", 10_000)):
        if not words[field]:
            problems[field] = "This must not be empty."
        elif len(words[field]) > limit:
            problems[field] = f"At most {limit} characters; this has {len(words[field])}."
        elif "\x00" in words[field]:
            problems[field] = "It holds a NUL character, which cannot be stored. Remove it."
    return problems


def _variables(words: Mapping[str, str], audience: str) -> dict[str, str]:
    problems: dict[str, str] = {}
    for field in ("subject", "body"):
        if strange := unknown(words[field]):
            problems[field] = f"There is no {{{{ {strange[0]} }}}}. Choose one of those listed."
        elif audience == Audience.CUSTOMER and (hidden := inward(words[field])):
            problems[field] = f"{{{{ {hidden[0]} }}}} is for us only; the customer would read it. Take it out."
    return problems


def _keep(words: Mapping[str, str], audience: str, by: User, now: datetime, template_id: UUID | None) -> Template:
    actor = f"person:{by.pk}"
    if template_id is None:
        template = Template.objects.create(id=new_id(), name=words["name"], audience=audience)
    else:
        found = (
            Template.objects.select_for_update(of=("self",)).select_related("current").filter(pk=template_id).first()
        )
        if found is None:
            raise NotFound("template_not_found", "There is no such template.")
        template = found
        template.name = words["name"]
    current = template.current
    if current is None or (current.subject, current.body) != (words["subject"], words["body"]):
        template.current = TemplateVersion.objects.create(
            id=new_id(), template=template, number=(current.number if current else 0) + 1, subject=words["subject"],
            body=words["body"], made_at=now, made_by=actor,
        )  # fmt: skip
    template.save()
    number = template.current.number if template.current else 0
    record(
        stream="system", kind="template.saved", actor=actor, at=now, data={"template": template.name, "version": number}
    )  # fmt: skip
    return template


def _demand(by: User) -> None:
    if not rules.may_plan_communication.test(by):
        raise NotAllowed("not_allowed", PLANNERS)
