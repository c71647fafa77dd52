"""Questions to customers as letters: how was it, with a link for each score. A link shows; the page's button votes.

A question that cannot leave (no mail server, no base URL, over the address's cap) is told back, so that nobody counts
as asked who was not.
"""

from dataclasses import dataclass
from html import escape

from django.conf import settings

from tocsin.domain.feedback import actions as feedback
from tocsin.domain.feedback import links, queries
from tocsin.domain.feedback.enums import Kind
from tocsin.domain.feedback.events import FeedbackAsked
from tocsin.domain.feedback.models import Ask
from tocsin.intake.email.configured import letters_leave
from tocsin.intake.email.letters import Letter, harmless, paragraph_html, subject_of
from tocsin.intake.email.outgoing import post_question, tag_of
from tocsin.intake.email.words import words_for


@dataclass(frozen=True, slots=True)
class _Said:
    """The sentences of a question; `{...}` is filled in."""

    subject_csat: str
    subject_around: str
    reminder: str
    ask_csat: str
    ask_around: str
    choose: str
    open_form: str
    until: str
    stop: str
    scores: tuple[str, str, str, str, str]


_SAID = {
    "en": _Said(
        subject_csat="How was it? {subject}",
        subject_around="How did the escalation go? {subject}",
        reminder="Once more, and then no more: ",
        ask_csat="{reference} is solved: {subject}. How satisfied are you with how we solved it?",
        ask_around="{reference} was escalated: {subject}. A few short questions help us to do better.",
        choose="Choose a number. The page that opens lets you look again, and send it.",
        open_form="Answer the questions",
        until="The link works until {until}. If it is not solved, answer this mail instead.",
        stop="Do not ask me again",
        scores=("Very dissatisfied", "Dissatisfied", "Neither", "Satisfied", "Very satisfied"),
    ),
    "de": _Said(
        subject_csat="Wie war es? {subject}",
        subject_around="Wie lief die Eskalation? {subject}",
        reminder="Noch einmal, dann nicht mehr: ",
        ask_csat="{reference} ist gelöst: {subject}. Wie zufrieden sind Sie damit, wie wir es gelöst haben?",
        ask_around="{reference} wurde eskaliert: {subject}. Ein paar kurze Fragen helfen uns, besser zu werden.",
        choose="Wählen Sie eine Zahl. Auf der Seite, die sich öffnet, sehen Sie sie noch einmal und senden sie ab.",
        open_form="Fragen beantworten",
        until="Der Link gilt bis {until}. Ist es nicht gelöst, antworten Sie stattdessen auf diese Mail.",
        stop="Nicht mehr fragen",
        scores=("Sehr unzufrieden", "Unzufrieden", "Weder noch", "Zufrieden", "Sehr zufrieden"),
    ),
}


def on_feedback_asked(event: FeedbackAsked) -> None:
    """Write the question or its reminder to the customer, in their language."""
    ask = queries.ask_of(event.ask_id)
    if not letters_leave() or not settings.BASE_URL:
        feedback.not_sent(ask_id=ask.pk, why="no mail leaves here", now=event.at)
        return
    posted = post_question(
        ticket=ask.ticket, to=ask.person, letter=question(ask, reminder=event.reminder), now=event.at,
        unsubscribe=links.stop_url(ask.person_id),
    )  # fmt: skip
    if posted is None and not event.reminder:
        feedback.not_sent(ask_id=ask.pk, why="too many mails to this address, or none of a customer's", now=event.at)


def question(ask: Ask, *, reminder: bool) -> Letter:
    """Return the letter of a question. Nothing in it leads anywhere but to our own pages."""
    language = ask.person.language
    said, words = said_in(language), words_for(language)
    ticket, is_csat = ask.ticket, ask.kind == Kind.CSAT
    subject = harmless(ticket.subject)
    url, until = links.ask_url(ask), f"{ask.expires_at:%d.%m.%Y}" if ask.expires_at else ""
    ends = said.until.format(until=until)
    asking = (said.ask_csat if is_csat else said.ask_around).format(reference=ticket.reference, subject=subject[:200])
    lines = [words.greeting.format(name=harmless(ask.person.name)[:60]), asking]
    html = "".join(paragraph_html(line) for line in lines)
    if is_csat:
        lines += [said.choose, *_score_lines(url, said)]
        html += paragraph_html(said.choose) + _score_buttons(url, said)
    else:
        lines.append(f"{said.open_form}: {url}")
        html += f'<p><a href="{escape(url, quote=True)}">{escape(said.open_form)}</a></p>\n'
    stop = links.stop_url(ask.person_id)
    lines += [ends, words.automatic, f"{said.stop}: {stop}"]
    html += paragraph_html(ends) + _foot(words.automatic, said.stop, stop)
    title = (said.subject_csat if is_csat else said.subject_around).format(subject=subject)
    title = f"{said.reminder if reminder else ''}{title}"
    return Letter(subject_of(title, tag_of(ticket, ask.person), answers=False), "\n\n".join(lines), html)


def said_in(language: str) -> _Said:
    """Return the sentences in a person's language, English for one that we do not write."""
    return _SAID["de" if language.lower().startswith("de") else "en"]


def _score_lines(url: str, said: _Said) -> list[str]:
    # From good to bad nobody is nudged: the order is that of the page.
    return ["\n".join(f"{score} {name}: {url}?score={score}" for score, name in enumerate(said.scores, start=1))]


def _score_buttons(url: str, said: _Said) -> str:
    cell = (
        '<td style="padding:0 6px 0 0"><a href="{href}" title="{name}" style="display:inline-block;padding:10px 16px;border:1px '
        'solid #5b6472;border-radius:6px;color:#1b1f24;text-decoration:none">{score}</a></td>'
    )
    cells = "".join(
        cell.format(href=escape(f"{url}?score={score}", quote=True), name=escape(name), score=score)
        for score, name in enumerate(said.scores, start=1)
    )
    ends = f"1 = {said.scores[0]}, 5 = {said.scores[4]}"
    return f'<table role="presentation"><tr>{cells}</tr></table>\n{paragraph_html(ends)}'


def _foot(automatic: str, stop: str, url: str) -> str:
    link = f'<a href="{escape(url, quote=True)}">{escape(stop)}</a>'
    return f'<p style="color:#5b6472;font-size:13px">{escape(automatic)}<br>{link}</p>\n'
