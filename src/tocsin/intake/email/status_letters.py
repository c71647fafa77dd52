"""Mail of status pages: the question whether an address wants it, and what its readers are told.

Listeners (config/wiring.py) run in the transaction of what they tell about. Every letter says how to leave, in its text
and in the header that mail programs show as a button (RFC 8058); it answers nobody (RFC 3834).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from uuid import UUID
from zoneinfo import ZoneInfo

from tocsin.domain.notify.actions import Mailing, Recipient, post_mailing, withdraw_mailing
from tocsin.domain.notify.enums import MAILING_LANE
from tocsin.domain.status import actions, links, queries
from tocsin.domain.status.enums import IncidentKind
from tocsin.domain.status.events import SubscriberLeft, SubscriptionAsked, UpdateTold
from tocsin.domain.status.models import StatusPage, Update
from tocsin.intake.email.configured import letters_leave, terms
from tocsin.kernel.ids import new_id, new_ids


@dataclass(frozen=True, slots=True)
class _Words:
    ask_subject: str
    ask: str
    ask_ignore: str
    told: str
    affected: str
    planned: str
    read: str
    leave: str
    states: dict[str, str]


_WORDS = {
    "en": _Words(
        ask_subject="Confirm: updates of {page}",
        ask="Somebody, probably you, asked that this address be told when {page} has something to say. "
        "Open this page and press the button to confirm. It is good for three days.",
        ask_ignore="If it was not you, do nothing: you will get no further mail.",
        told="{state}: {title}",
        affected="Affected: {names}",
        planned="From {start} to {end}",
        read="On the status page: {url}",
        leave="To get no more of these mails: {url}",
        states={
            "investigating": "Investigating", "identified": "Identified", "monitoring": "Monitoring", "resolved": "Resolved",
            "scheduled": "Scheduled maintenance", "under_way": "Maintenance under way", "completed": "Maintenance completed",
            "cancelled": "Maintenance called off",
        },
    ),
    "de": _Words(
        ask_subject="Bitte bestätigen: Meldungen von {page}",
        ask="Jemand, wahrscheinlich Sie, hat gebeten, dass diese Adresse Meldungen von {page} bekommt. "
        "Öffnen Sie diese Seite und drücken Sie dort den Knopf, um es zu bestätigen. Der Link gilt drei Tage.",
        ask_ignore="Waren Sie es nicht, tun Sie nichts: Sie bekommen keine weitere Mail.",
        told="{state}: {title}",
        affected="Betroffen: {names}",
        planned="Von {start} bis {end}",
        read="Auf der Statusseite: {url}",
        leave="Um diese Mails nicht mehr zu bekommen: {url}",
        states={
            "investigating": "Wird untersucht", "identified": "Ursache gefunden", "monitoring": "Wird beobachtet",
            "resolved": "Behoben", "scheduled": "Geplante Wartung", "under_way": "Wartung läuft",
            "completed": "Wartung beendet", "cancelled": "Wartung abgesagt",
        },
    ),
}  # fmt: skip


def on_subscription_asked(event: SubscriptionAsked) -> None:
    """Ask an address whether it wants to be told: one mail, which holds nothing that a stranger has typed."""
    found = queries.subscriber(event.subscriber_id)
    if found is None or not letters_leave():
        return
    words, page = _words(found.language), found.page
    text = "\n\n".join([words.ask.format(page=page.name), links.confirm_url(found.pk), words.ask_ignore])
    html = _html([words.ask.format(page=page.name)]) + _link(links.confirm_url(found.pk)) + _html([words.ask_ignore])
    mailing = _mailing(page, words.ask_subject.format(page=page.name), text, html, found.language)
    to = Recipient(address=found.address, foot="", html_foot="", data={"message_id": _message_id(terms().domain)})
    post_mailing(mailing=mailing, to=[to], now=event.at)


def on_update_told(event: UpdateTold) -> None:
    """Write an update to everybody who has confirmed: a few statements for each language, whatever their number."""
    if not letters_leave():
        return
    update = queries.update_told(event.update_id)
    by_language: dict[str, list[tuple[UUID, str]]] = defaultdict(list)
    for pk, address, language in queries.confirmed(update.incident.page):
        by_language["de" if language.startswith("de") else "en"].append((pk, address))
    count = 0
    for language, people in by_language.items():
        subject, lines = _said(update, _words(language))
        mailing = _mailing(
            update.incident.page, subject, "\n\n".join([subject, *lines]), _html([subject, *lines]), language
        )
        count += post_mailing(mailing=mailing, to=_recipients(people, _words(language)), now=event.at)
    actions.note_mailed(update_id=update.pk, count=count)


def on_subscriber_left(event: SubscriberLeft) -> None:
    """Take back what waits for an address that has left."""
    found = queries.subscriber(event.subscriber_id)
    if found is not None:
        withdraw_mailing(address=found.address, lane=_lane(found.page))


def _said(update: Update, words: _Words) -> tuple[str, list[str]]:
    incident = update.incident
    subject = words.told.format(state=words.states[update.state], title=incident.title)
    lines = [update.body]
    names = queries.affected_names(incident)
    if names:
        lines.append(words.affected.format(names=", ".join(names)))
    if incident.kind == IncidentKind.MAINTENANCE and incident.ends_at is not None:
        zone = ZoneInfo(incident.page.zone)
        start, end = incident.starts_at.astimezone(zone), incident.ends_at.astimezone(zone)
        lines.append(words.planned.format(start=f"{start:%Y-%m-%d %H:%M %Z}", end=f"{end:%Y-%m-%d %H:%M %Z}"))
    if url := links.page_url(incident.page):
        lines.append(words.read.format(url=f"{url}/incidents/{incident.pk}"))
    return subject, lines


def _recipients(people: Sequence[tuple[UUID, str]], words: _Words) -> list[Recipient]:
    """Return what each of them gets below the text: their own way to leave."""
    found, domain = [], terms().domain
    for name, (subscriber, address) in zip(new_ids(len(people)), people, strict=True):
        url = links.leave_url(subscriber)
        foot = words.leave.format(url=url)
        data = {"message_id": f"s{name}@{domain}", "unsubscribe": url}
        html = f'<p style="color:#5b6472;font-size:13px">{escape(foot)}</p>'
        found.append(Recipient(address=address, foot=f"\n\n-- \n{foot}", html_foot=html, data=data))
    return found


def _mailing(page: StatusPage, subject: str, body: str, html: str, language: str) -> Mailing:
    told = terms()
    data = {
        "from": told.desk, "from_name": page.name, "reply_to": told.desk, "auto_submitted": "auto-generated",
        "installation": told.installation, "language": language, "files": [],
    }  # fmt: skip
    return Mailing(sender_id=page.owner_id, subject=subject, body=body, html=html, data=data, lane=_lane(page))


def _lane(page: StatusPage) -> str:
    return f"{MAILING_LANE}{page.pk}"


def _message_id(domain: str) -> str:
    return f"s{new_id()}@{domain}"


def _words(language: str) -> _Words:
    return _WORDS["de" if language.startswith("de") else "en"]


def _html(lines: Iterable[str]) -> str:
    return "".join(f"<p>{escape(line).replace(chr(10), '<br>')}</p>\n" for line in lines)


def _link(url: str) -> str:
    return f'<p><a href="{escape(url)}">{escape(url)}</a></p>\n'
