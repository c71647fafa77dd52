"""Plans and templates as they are set up."""

from uuid import UUID

from tocsin.domain.escalation.enums import EscalationType
from tocsin.domain.people.models import User
from tocsin.domain.stakeholders.enums import Audience
from tocsin.domain.stakeholders.models import Communication, Plan, PlanAudience, Template, TemplateVersion
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.queries import visible_to
from tocsin.kernel.errors import NotFound


def plans() -> list[Plan]:
    """Return the plans, one for each type of escalation that has one, with their audiences in order."""
    found = {plan.type: plan for plan in Plan.objects.prefetch_related("audiences__template", "audiences__people")}
    return [found[kind] for kind in EscalationType.values if kind in found]


def plan_of(type_: str) -> Plan | None:
    """Return the plan of an escalation type, or None."""
    return Plan.objects.filter(type=type_).first()


def audiences_of(plan: Plan) -> dict[str, PlanAudience]:
    """Return {audience: its row} of a plan."""
    rows = PlanAudience.objects.filter(plan=plan).select_related("template").prefetch_related("people")
    return {row.audience: row for row in rows}


def in_order(rows: list[PlanAudience]) -> list[PlanAudience]:
    """Return audiences in the order in which an update leaves."""
    order = list(Audience.values)
    return sorted(rows, key=lambda row: order.index(row.audience))


def templates(audience: str = "") -> list[Template]:
    """Return the templates, by audience and name."""
    found = Template.objects.select_related("current").order_by("audience", "name")
    return list(found.filter(audience=audience) if audience else found)


def access_template(template_id: UUID) -> Template:
    """Return a template. Raises NotFound."""
    found = Template.objects.select_related("current").filter(pk=template_id).first()
    if found is None:
        raise NotFound("template_not_found", "There is no such template.")
    return found


def versions_of(template: Template) -> list[TemplateVersion]:
    """Return every wording a template ever had, the latest first."""
    return list(template.versions.order_by("-number"))


def real_ticket(user: User, number: int | None = None) -> Ticket | None:
    """Return a ticket for a preview: the one asked for, else the latest with a plan, else the latest open one."""
    seen = visible_to(user).select_related("organisation", "requester", "service", "team", "owner")
    if number is not None:
        return seen.filter(number=number).first()
    planned = Communication.objects.order_by("-started_at").values_list("ticket", flat=True)[:20]
    return seen.filter(pk__in=list(planned)).order_by("-opened_at").first() or seen.order_by("-opened_at").first()
