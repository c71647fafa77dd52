"""A past in which what comes of tickets can be learned: by a plain law with chance in it, the same each time."""

import random
from datetime import UTC, datetime, timedelta

from tocsin.domain.risk.logic.moments import Moment, snapshots
from tocsin.domain.risk.logic.outcomes import before
from tocsin.domain.risk.logic.training import Sample

BEGUN = datetime(2026, 1, 5, 8, tzinfo=UTC)


def lived(number: int, chance: random.Random, *, law: bool = True) -> Sample:
    """One ticket: urgent ones of the service mail, without an owner, escalate mostly. Without the law: by chance."""
    opened = BEGUN + timedelta(hours=3 * number)
    service, urgency = chance.choice(("mail", "vpn", "print")), chance.choice((1, 2, 3))
    owned = chance.random() < 0.5
    odds = 0.05 + 0.4 * (service == "mail") + 0.25 * (urgency == 1) + 0.2 * (not owned)
    came = chance.random() < (odds if law else 0.3)
    moments = [
        Moment(at=opened, status="new", service=service, urgency=urgency, team="desk", requester=f"r{chance.randrange(50)}"),
        Moment(at=opened + timedelta(hours=1), service=service, urgency=urgency, team="desk",
               owner="kai" if owned else "", by="kai", requester="r1"),
    ]  # fmt: skip
    return Sample(f"T-{number}", opened, before(snapshots(moments), None), came)


def past(count: int = 900, *, law: bool = True, seed: int = 7) -> list[Sample]:
    """Return so many tickets, the oldest first."""
    chance = random.Random(seed)
    return [lived(number, chance, law=law) for number in range(count)]
