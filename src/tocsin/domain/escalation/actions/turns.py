"""Writing down whose turn it was, in the transaction in which their level opens."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models import F

from tocsin.domain.escalation.models import RoundRobin, Turn
from tocsin.domain.escalation.turns import Given


def write_turns(given: Sequence[Given], now: datetime) -> None:
    """Write the turns that were given, in their order. Their runs must be written already."""
    new: dict[str, list[Given]] = defaultdict(list)
    for one in given:
        if one.is_new:
            new[one.key].append(one)
    for key, turns in new.items():
        last = turns[-1]
        standing = {"last": last.person, "position": last.position}
        if not RoundRobin.objects.filter(pk=key).update(**standing, count=F("count") + len(turns)):
            RoundRobin.objects.create(pk=key, **standing, count=len(turns))
    # The same level may have been given twice: the person of the first time could not be told any more.
    latest = {(one.key, one.place): one for turns in new.values() for one in turns}
    Turn.objects.bulk_create(
        [
            Turn(
                robin_id=one.key, run_id=one.place[0], cycle=one.place[1], level=one.place[2], person=one.person,
                given_at=now,
            )
            for one in latest.values()
        ],
        update_conflicts=True, unique_fields=["robin", "run", "cycle", "level"], update_fields=["person", "given_at"],
    )  # fmt: skip
