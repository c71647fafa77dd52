"""Secret addresses of calendar feeds."""

import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.oncall.models import FeedToken, Schedule
from tocsin.domain.oncall.queries import digest_of
from tocsin.domain.oncall.rules import may_answer_for, may_see_schedules
from tocsin.domain.people.actions.checking import actor_of, demand, stream_of, tell
from tocsin.domain.people.models import User
from tocsin.kernel.errors import NotFound
from tocsin.kernel.ids import new_id


@transaction.atomic
def make_feed(
    *, owner: User, by: User | None, now: datetime, schedule: Schedule | None = None, actor: str | None = None
) -> tuple[str, FeedToken]:
    """Return a new token for the feed of `schedule`, or of the owner's own shifts. It is shown once and kept nowhere."""
    demand(by, may_answer_for, "People make their own calendar addresses.", owner)
    demand(owner, may_see_schedules, "Only staff and stakeholders can follow schedules.")
    token = secrets.token_urlsafe(32)
    row = FeedToken.objects.create(id=new_id(), owner=owner, schedule=schedule, digest=digest_of(token), made_at=now)
    told = {"feed": row.pk, "schedule": schedule and schedule.pk}
    tell(stream_of(owner.pk), "feed.made", actor_of(by, actor), now, told)
    return token, row


@transaction.atomic
def revoke_feed(*, feed_id: UUID, by: User | None, now: datetime, actor: str | None = None) -> None:
    """Let an address answer no more, from now on. Revoking it again changes nothing. Raises NotFound."""
    row = FeedToken.objects.select_for_update(of=("self",)).select_related("owner").filter(pk=feed_id).first()
    if row is None or (by is not None and not may_answer_for.test(by, row.owner)):
        raise NotFound("feed_not_found", "There is no such calendar address.")
    if row.revoked_at is None:
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
        tell(stream_of(row.owner_id), "feed.revoked", actor_of(by, actor), now, {"feed": row.pk})
