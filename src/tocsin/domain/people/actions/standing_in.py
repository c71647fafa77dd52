"""Deputies: who answers for whom, from when to when (SEMANTICS 4)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from tocsin.domain.people.actions.checking import actor_of, demand, stream_of, tell, words
from tocsin.domain.people.models import Deputy, User
from tocsin.domain.people.rules import is_staff, may_set_deputy
from tocsin.kernel.errors import Conflict, InvalidInput, NotFound

NOT_YOURS = "People name their own deputies; leads, escalation managers and administrators may do it for them."


@transaction.atomic
def set_deputy(
    *,
    user: User,
    deputy: User,
    by: User | None,
    now: datetime,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    reason: str = "",
    actor: str | None = None,
) -> Deputy:
    """Let `deputy` answer for `user` from `starts_at` (now if not given) until `ends_at` (open if None); aware times.

    Deputies may have deputies themselves: they are followed when somebody is called. Raises
    InvalidInput for oneself, for somebody who does not work here and for an end that is not after
    the start or has passed, Conflict if the same person stands in then already.
    """
    demand(by, may_set_deputy, NOT_YOURS, user)
    begin = starts_at or now
    _check(user, deputy, begin, ends_at, now)
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    overlapping = Deputy.objects.filter(Q(ends_at=None) | Q(ends_at__gt=begin), user=user, deputy=deputy)
    if ends_at is not None:
        overlapping = overlapping.filter(starts_at__lt=ends_at)
    if overlapping.exists():
        message = f"{deputy.name} stands in for {user.name} in that time already. End that first."
        raise Conflict("deputy_overlaps", message, {"starts_at": message})
    row = Deputy.objects.create(
        user=user,
        deputy=deputy,
        starts_at=begin,
        ends_at=ends_at,
        reason=words("reason", reason, limit=200, required=False),
    )
    told = {"id": row.pk, "deputy": deputy.pk, "starts_at": begin, "ends_at": ends_at}
    tell(stream_of(user.pk), "deputy.set", actor_of(by, actor), now, told)
    return row


@transaction.atomic
def end_deputy(*, deputy_id: int, by: User | None, now: datetime, actor: str | None = None) -> None:
    """End a standing-in now; one that has not begun is removed, one that has ended stays as it is. Raises NotFound."""
    row = Deputy.objects.select_for_update(of=("self",)).filter(pk=deputy_id).first()
    if row is None:
        raise NotFound("deputy_not_found", "There is no such deputy.")
    demand(by, may_set_deputy, NOT_YOURS, row.user)
    if row.ends_at is not None and row.ends_at <= now:
        return
    told = {"id": row.pk, "deputy": row.deputy_id, "began": row.starts_at < now}
    if row.starts_at < now:
        row.ends_at = now
        row.save(update_fields=["ends_at"])
    else:
        row.delete()
    tell(stream_of(row.user_id), "deputy.ended", actor_of(by, actor), now, told)


def _check(user: User, deputy: User, begin: datetime, end: datetime | None, now: datetime) -> None:
    if user.pk == deputy.pk:
        problem = "Nobody can be their own deputy. Choose somebody else."
        raise InvalidInput("own_deputy", problem, {"deputy": problem})
    if not is_staff.test(deputy):
        problem = f"{deputy.name} is not an active member of staff. Choose somebody who is."
        raise InvalidInput("not_staff", problem, {"deputy": problem})
    if end is not None and end <= max(begin, now):
        problem = "The end must be after the start and after now."
        raise InvalidInput("bad_end", problem, {"ends_at": problem})
