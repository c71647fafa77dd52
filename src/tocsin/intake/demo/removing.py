"""Taking the demonstration out again. The journal stays: it is append-only, whatever it tells of."""

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.deletion import ProtectedError

from tocsin.domain.calendars.models import Calendar
from tocsin.domain.escalation.models import Escalation, Policy, RoundRobin, Setting
from tocsin.domain.notify.models import CaughtMail, Delivery, Page
from tocsin.domain.oncall.models import Absence, Schedule, WarnedFinding
from tocsin.domain.people.models import Organisation, Service, Skill, Team, User
from tocsin.domain.sla.models import Agreement
from tocsin.domain.tickets.models import Handover, Ticket
from tocsin.intake.demo import asked, heard, known, learning, monitoring, outward, repeats, rights
from tocsin.kernel.errors import Conflict, NotFound


def is_present() -> bool:
    """Say whether any demonstration data is here."""
    return User.objects.filter(is_demo=True).exists() or Ticket.objects.filter(is_demo=True).exists()


def is_whole(policy: str) -> bool:
    """Say whether a load came to its end: `policy` is published last."""
    return Policy.objects.filter(slug=policy, is_demo=True).exists()


def is_mixed() -> bool:
    """Say whether there are tickets that are not the demonstration's; living its stories would touch them."""
    return Ticket.objects.filter(is_demo=False, is_drill=False).exclude(requester__is_demo=True).exists()


@transaction.atomic
def remove() -> dict[str, int]:
    """Remove everything of the demonstration and return how many of what. All or nothing.

    Tickets that a visitor opened for the demonstration's people go too. Raises NotFound if there is
    nothing to remove, Conflict if something that is not demonstration data depends on it.
    """
    if not is_present():
        raise NotFound("demo_absent", "There is no demonstration data here. Nothing was changed.")
    people = User.objects.filter(is_demo=True)
    tickets = Ticket.objects.filter(Q(is_demo=True) | Q(requester__in=people))
    ticket_ids = list(tickets.values_list("pk", flat=True))
    policies = Policy.objects.filter(is_demo=True)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL tocsin.demo_removal = 'on'")  # the guard on policy versions lets this act pass
    removed = {"tickets": len(ticket_ids), "people": people.count(), "policies": policies.count()}
    try:
        Setting.objects.filter(catch_all__in=people).update(catch_all=None)
        CaughtMail.objects.all().delete()
        told = Page.objects.filter(Q(user__in=people) | Q(ticket__in=ticket_ids))
        Delivery.objects.filter(Q(page__in=told) | Q(user__in=people)).delete()
        told.delete()
        Escalation.objects.filter(Q(ticket__in=ticket_ids) | Q(policy__in=policies)).delete()
        learning.remove(people)
        Handover.objects.filter(ticket__in=ticket_ids).delete()
        rights.remove(people)
        repeats.remove(people, ticket_ids)
        tickets.delete()
        known.remove(people)
        asked.remove()
        outward.remove(people)
        heard.remove(people)
        policies.update(current=None)
        policies.delete()
        Schedule.objects.filter(is_demo=True).delete()
        Absence.objects.filter(person__in=people).delete()
        WarnedFinding.objects.all().delete()
        RoundRobin.objects.filter(last__in=people.values("pk")).delete()
        Agreement.objects.filter(is_demo=True).delete()
        Calendar.objects.filter(is_demo=True).delete()
        Skill.objects.filter(people__in=people).distinct().delete()
        monitoring.remove()
        Service.objects.filter(is_demo=True).delete()
        Team.objects.filter(is_demo=True).update(escalates_to=None)
        Team.objects.filter(is_demo=True).delete()
        people.delete()
        Organisation.objects.filter(is_demo=True).delete()
    except ProtectedError as error:
        kinds = sorted({str(row._meta.verbose_name) for row in error.protected_objects})
        raise Conflict(
            "demo_in_use",
            f"Something that is not demonstration data depends on it ({', '.join(kinds)}). Nothing was removed: "
            "give those tickets to somebody else, or close and delete them, and try again.",
        ) from error
    return removed
