"""Telling whoever watches over the house that texts and calls have reached their cap. Wired in config/wiring.py."""

from tocsin.domain.escalation import queries
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.actions import PageRequest
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.notify.events import TollCapReached
from tocsin.domain.people import queries as people
from tocsin.domain.people.enums import Role


def on_toll_cap_reached(event: TollCapReached) -> None:
    """Warn the catch-all and the administrators. Their own texts wait too; their other methods do not."""
    if event.user_id is None:
        subject = f"{event.cap} texts and calls within an hour: the cap is reached"
        cause = "Either there is a storm, or somebody runs up a bill."
    else:
        name = people.person(event.user_id).name
        subject = f"{event.cap} texts and calls to {name} within an hour: their cap is reached"
        cause = f"Look at what {name} is paged for."
    body = (
        f"{cause} What is above the cap goes out by the people's other methods at once, and by phone when the hour "
        "allows it. Nothing is dropped. The caps are TOCSIN_PHONE_HOURLY and TOCSIN_PHONE_HOURLY_PERSON."
    )
    catch_all = queries.catch_all()
    watchers = {one.pk for one in people.people().filter(role=Role.ADMINISTRATOR)}
    watchers |= {catch_all.pk} if catch_all else set()
    pages = [
        PageRequest(user_id=pk, purpose="warning", urgency=Urgency.HIGH, subject=subject[:300], body=body)
        for pk in sorted(watchers)
    ]
    notify.enqueue(pages=pages, now=event.at)
