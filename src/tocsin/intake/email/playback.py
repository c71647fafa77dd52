"""The letter that plays back to a customer what was heard, and asks whether that is it."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from tocsin.domain.listening import queries as listening
from tocsin.domain.listening.events import PlayedBack
from tocsin.domain.listening.links import heard_url
from tocsin.domain.people import queries as people
from tocsin.domain.tickets import queries as tickets
from tocsin.intake.email.configured import letters_leave
from tocsin.intake.email.letters import Letter, subject_of
from tocsin.intake.email.outgoing import post_to_requester, tag_of


@dataclass(frozen=True, slots=True)
class _Words:
    greeting: str
    lead: str
    concerns: str
    impact: str
    wanted: str
    ask: str
    link: str
    reply: str


_WORDS = {
    "en": _Words(
        greeting="Hello {name},",
        lead="we want to be sure that we have understood you. This is what we wrote down about {reference}:",
        concerns="What matters to you", impact="What it does to you", wanted="What you want",
        ask="Is that it, or not quite?", link="Please tell us here: {url}",
        reply="Or simply answer this mail.",
    ),
    "de": _Words(
        greeting="Guten Tag {name},",
        lead="wir möchten sicher sein, dass wir Sie richtig verstanden haben. Das haben wir zu {reference} festgehalten:",
        concerns="Was Ihnen wichtig ist", impact="Was es für Sie bedeutet", wanted="Was Sie erreichen möchten",
        ask="Trifft es das, oder noch nicht ganz?", link="Bitte sagen Sie es uns hier: {url}",
        reply="Oder antworten Sie einfach auf diese Mail.",
    ),
}  # fmt: skip


def on_played_back(event: PlayedBack) -> None:
    """Write to the requester. The link speaks for them alone, and for this wording."""
    record = listening.record_by_id(event.record_id)
    ticket = tickets.ticket_of(event.ticket_id)
    to = ticket.requester
    if to is None or not letters_leave():
        return  # the portal asks them all the same
    url = heard_url(record.pk, event.version, to.pk, now=event.at)
    by = people.names_of_actors({event.actor}).get(event.actor, "")
    letter = playback_letter(
        language=to.language, name=to.name, reference=ticket.reference, subject=ticket.subject, tag=tag_of(ticket, to),
        concerns=[one.words for one in listening.playable(ticket)], impact=record.impact, wanted=record.wanted, url=url,
    )  # fmt: skip
    post_to_requester(ticket=ticket, letter=letter, author=by, now=event.at)


def playback_letter(
    *, language: str, name: str, reference: str, subject: str, tag: str, concerns: Sequence[str], impact: str, wanted: str,
    url: str,
) -> Letter:  # fmt: skip
    """Return the letter, as text and as HTML."""
    words = _WORDS.get(language[:2], _WORDS["en"])
    head = [words.greeting.format(name=name), words.lead.format(reference=reference)]
    parts = [(words.concerns, list(concerns)), (words.impact, [impact]), (words.wanted, [wanted])]
    shown = [(title, [line for line in lines if line.strip()]) for title, lines in parts]
    shown = [(title, lines) for title, lines in shown if lines]
    foot = [words.ask, *([words.link.format(url=url)] if url else []), words.reply]
    text = "\n\n".join([*head, *(f"{t}:\n" + "\n".join(f"- {one}" for one in lines) for t, lines in shown), *foot])
    html = "".join(f"<p>{escape(line)}</p>" for line in head)
    html += "".join(
        f"<p><strong>{escape(t)}</strong></p><ul>" + "".join(f"<li>{escape(one)}</li>" for one in lines) + "</ul>"
        for t, lines in shown
    )
    said = escape(words.link.partition("{url}")[0].strip(" :"))
    html += f"<p>{escape(words.ask)}</p>"
    html += f'<p><a href="{escape(url)}">{said}</a></p>' if url else ""
    html += f"<p>{escape(words.reply)}</p>"
    return Letter(subject_of(subject, tag, answers=True), text, html)
