"""The listening record on a ticket: its panel, its sheets, and what they say of a draft."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import Truncator
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.listening import actions, queries
from tocsin.domain.listening.actions import Said
from tocsin.domain.listening.enums import Feeling, State
from tocsin.domain.listening.queries import Quotable
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets import rules as ticket_rules
from tocsin.domain.tickets.logic.lifecycle import ENDED
from tocsin.domain.tickets.models import Message, Ticket
from tocsin.kernel.errors import NotFound, TocsinError
from tocsin.web.access import now, staff, viewer, worker
from tocsin.web.fields import Form
from tocsin.web.listening.charts import degree_bars, mood_bars
from tocsin.web.listening.forms import FEELINGS, AnsweredForm, ConfirmForm, RecordForm
from tocsin.web.sheets import done, sheet
from tocsin.web.words import absolute

GET_OR_POST = ["GET", "HEAD", "POST"]
DEGREES = ("calm", "mildly displeased", "strongly displeased", "severely displeased")


@staff
@require_safe
def panel(request: HttpRequest, number: int) -> HttpResponse:
    """What the customer said matters, and how they sound: loaded after the page."""
    return _panel(request, tickets.access_ticket(viewer(request), number))


def _panel(request: HttpRequest, found: Ticket) -> HttpResponse:
    user = viewer(request)
    if not ticket_rules.may_see_internals.test(user):
        return HttpResponse("")
    heard = queries.heard_on(found.pk)
    signals = queries.signals_on(found.pk)
    trend, moods = queries.trend_of(signals), queries.moods_on(found.pk)
    since = queries.words_since_playback(heard.record) if heard else None
    degrees = [degree for _, degree, _ in trend.points]
    context = {
        "ticket": found, "heard": heard, "since": since, "trend": trend, "moods": moods,
        "asked_for": heard is None and queries.is_customer_escalation(found.pk),
        "bars": degree_bars(degrees, f"Last {len(degrees)} messages, the worst {DEGREES[trend.worst]}"),
        "sounds": DEGREES[trend.last],
        "last_signal": signals[-1] if signals else None,
        "mood_bars": mood_bars([one.feeling for one in moods], f"{len(moods)} moods noted"),
        "feelings": FEELINGS, "ended": found.status in ENDED,
        "may_work": ticket_rules.may_work_on_ticket.test(user, found),
        "assistant": queries.is_assistant_on(),
    }  # fmt: skip
    return render(request, "listening/panel.html", context)


@worker
@require_http_methods(GET_OR_POST)
def edit(request: HttpRequest, number: int) -> HttpResponse:
    """Write the record down, or its next version."""
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    heard, offered = queries.heard_on(found.pk), queries.quotable(found.pk)
    first: dict[str, str | int] = {"version": 0}
    if heard:
        first = {
            "concerns": "\n".join(one.words for one in heard.concerns), "impact": heard.record.impact,
            "wanted": heard.record.wanted, "version": heard.record.version,
        }  # fmt: skip
    form = RecordForm(request.POST or None, initial=first)
    ticked = set(request.POST.getlist("quote"))
    if request.method == "POST" and form.is_valid():
        try:
            actions.write_record(
                ticket_id=found.pk, concerns=_said(form.value("concerns"), ticked, offered, heard), by=user,
                impact=form.value("impact"), wanted=form.value("wanted"), now=now(request),
                expected_version=form.cleaned_data["version"],
            )  # fmt: skip
            return done(request, _where(found), "Written down. Play it back, so that they can say whether that is it.")
        except TocsinError as error:
            form.refuse(error)
    title = "What they say matters" if heard is None else f"Listening record, version {heard.record.version + 1}"
    used = {one.words for one in heard.concerns} if heard else set()
    shown = [(one, one.value in ticked) for one in offered if one.words not in used]
    return sheet(
        request, form, title=title, submit="Save", cancel=_where(found), template="listening/record.html", quotes=shown
    )


def _said(text: str, ticked: set[str], offered: list[Quotable], heard: queries.Heard | None) -> list[Said]:
    """Lines as written, each with its message where it is quoted from one; then what was ticked."""
    known = {one.words: one.message.pk for one in offered}
    if heard:
        known |= {one.words: one.message_id for one in heard.concerns if one.message_id}
    lines = [" ".join(line.split()).strip("-*• ") for line in text.splitlines()]
    said = [Said(line, known.get(line)) for line in lines if line]
    return said + [Said(one.words, one.message.pk) for one in offered if one.value in ticked]


@worker
@require_http_methods(GET_OR_POST)
def play_back(request: HttpRequest, number: int) -> HttpResponse:
    """See what the customer will be shown, then send it."""
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    heard = _heard(found)
    form = Form(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        try:
            actions.play_back(ticket_id=found.pk, by=user, now=now(request))
            return done(request, _where(found), "On its way. You see here what they say.")
        except TocsinError as error:
            form.is_valid()
            form.refuse(error)
    return sheet(
        request, form, title="Play it back", submit=f"Send to {found.requester.name if found.requester else 'nobody'}",
        cancel=_where(found), template="listening/play_back.html", heard=heard, ticket=found,
    )  # fmt: skip


@worker
@require_http_methods(GET_OR_POST)
def confirm(request: HttpRequest, number: int) -> HttpResponse:
    """Note what they said of it on the phone, or in a message."""
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    heard = _heard(found)
    since = queries.words_since_playback(heard.record)
    first = {"answer": since[1] or None, "message": since[0].pk} if since else {}
    said = [_labelled(one) for one in _customer_messages(found)]
    form = ConfirmForm(request.POST or None, messages=said, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            actions.answer_for_customer(
                ticket_id=found.pk, right=form.value("answer") == "yes", words=form.value("words"),
                message_id=form.uuid("message"), by=user, now=now(request),
            )  # fmt: skip
            return done(request, _where(found), "Noted.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title="What they said of it", submit="Note it", cancel=_where(found))


@worker
@require_http_methods(GET_OR_POST)
def answered(request: HttpRequest, number: int, concern_id: UUID) -> HttpResponse:
    """Say which reply answered a concern."""
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    concern = queries.concern_of(found.pk, concern_id)
    replies = queries.replies_on(found.pk)
    usual = concern.answered_by_message_id or (replies[0].pk if replies else "")
    form = AnsweredForm(request.POST or None, messages=[_labelled(one) for one in replies], initial={"message": usual})
    if request.method == "POST" and form.is_valid():
        try:
            actions.mark_answered(
                ticket_id=found.pk, concern_id=concern.pk, message_id=form.uuid("message"), by=user, now=now(request)
            )
            return done(request, _where(found), "Noted.")
        except TocsinError as error:
            form.refuse(error)
    title = f"“{Truncator(concern.words).chars(60)}”"
    lead = "" if replies else "There is no reply on this ticket yet. Write one first."
    return sheet(request, form, title=title, submit="Note it", cancel=_where(found), lead=lead)


@worker
@require_POST
def mood(request: HttpRequest, number: int) -> HttpResponse:
    """Note how they sound now."""
    found = tickets.access_ticket(viewer(request), number)
    given = request.POST.get("feeling", "")
    feeling = int(given) if given.isascii() and given.isdigit() and len(given) < 3 else 0
    actions.note_mood(ticket_id=found.pk, feeling=feeling, by=viewer(request), now=now(request))
    if getattr(request, "htmx", False):
        return _panel(request, found)
    return done(request, _where(found), f"Noted: {Feeling(feeling).label}.")


@staff
@require_safe
def versions(request: HttpRequest, number: int) -> HttpResponse:
    """Every wording of the record."""
    found = tickets.access_ticket(viewer(request), number)
    if not ticket_rules.may_see_internals.test(viewer(request)):
        raise NotFound("record_not_found", "There is no such record, or you may not see it.")
    heard = _heard(found)
    context = {"ticket": found, "heard": heard, "versions": queries.versions_of(heard.record), "section": "queue"}
    return render(request, "listening/versions.html", context)


@worker
@require_POST
def advice(request: HttpRequest, number: int) -> HttpResponse:
    """What a draft could say better. It changes nothing; the words come by POST because they may be long."""
    found = tickets.access_ticket(viewer(request), number)
    if request.POST.get("kind") == "note":
        return HttpResponse("")
    said = queries.advice_for(request.POST.get("body", ""), ticket_id=found.pk)
    context = {"advice": said, "ticket": found, "heard": queries.record_on(found.pk)}
    return render(request, "listening/advice.html", context)


def _heard(found: Ticket) -> queries.Heard:
    heard = queries.heard_on(found.pk)
    if heard is None:
        raise NotFound("record_not_found", "Nothing is written down yet. Begin the listening record first.")
    return heard


def _customer_messages(found: Ticket) -> list[Message]:
    latest: dict[UUID, Message] = {one.message.pk: one.message for one in queries.quotable(found.pk)}
    record = queries.record_on(found.pk)
    since = queries.words_since_playback(record) if record and record.state == State.WAITING else None
    if since:
        latest.setdefault(since[0].pk, since[0])
    return list(latest.values())


def _labelled(message: Message) -> tuple[str, str]:
    words = Truncator(" ".join(message.body.split())).chars(60)
    return str(message.pk), f"{absolute(message.at)}: {words}"


def _where(found: Ticket) -> str:
    return reverse("ticket", args=[found.number])
