"""Shifts from a calendar file: looked at first, then taken over."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from tocsin.domain.oncall import queries as oncall
from tocsin.domain.oncall.models import Schedule
from tocsin.domain.oncall.rules import may_edit_schedule
from tocsin.intake import ical
from tocsin.kernel.errors import InvalidInput, NotAllowed, TocsinError
from tocsin.web.access import now, schedule_editor, viewer
from tocsin.web.oncall.forms import UploadForm
from tocsin.web.oncall.picture import between
from tocsin.web.oncall.views import viewers_zone
from tocsin.web.sheets import done

SHOWN = 60


@schedule_editor
@require_http_methods(["GET", "HEAD", "POST"])
def shifts(request: HttpRequest, slug: str) -> HttpResponse:
    """Read a calendar file and show what it comes to; take it over when that is right."""
    row = oncall.access_schedule(viewer(request), slug)
    if not may_edit_schedule.test(viewer(request), row):
        raise NotAllowed("not_allowed", "Only those who run the schedule can import shifts into it.")
    form = UploadForm(request.POST or None, request.FILES or None)
    shown: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        try:
            text = _text(form)
            if request.POST.get("act") == "apply":
                made = ical.import_shifts(
                    schedule_id=row.pk, text=text, source=form.value("source"), by=viewer(request), now=now(request)
                )
                said = f"{made.shifts} shifts are in the schedule now."
                if made.unknown:
                    said += f" {len(made.unknown)} name nobody who works here, and were left out."
                return done(request, reverse("schedule", args=[slug]), said)
            shown = _preview(request, row, text)
            form = UploadForm(initial={"text": text, "source": form.value("source")})
        except TocsinError as error:
            form.refuse(error)
    context = {"schedule": row, "form": form, "section": "schedules", **shown}
    return render(request, "oncall/import.html", context, status=422 if form.errors else 200)


def _text(form: UploadForm) -> str:
    """Return the file's text, chosen now or carried along. Raises InvalidInput."""
    file = form.cleaned_data.get("file")
    if not isinstance(file, UploadedFile):
        if not form.value("text"):
            problem = "Choose a calendar file."
            raise InvalidInput("no_file", problem, {"file": problem})
        return form.value("text")
    if file.size is None or file.size > ical.MAX_BYTES:
        problem = f"The file is larger than {ical.MAX_BYTES // 1024} kB. Export a shorter time."
        raise InvalidInput("too_large", problem, {"file": problem})
    return bytes(file.read()).decode("utf-8", errors="replace").replace("\x00", "")


def _preview(request: HttpRequest, row: Schedule, text: str) -> dict[str, Any]:
    """Return what the file comes to, by the very reading that the import does."""
    at, zone = now(request), viewers_zone()
    found = ical.recognised(text, start=at, end=at + ical.LONGEST, zone=ZoneInfo(row.zone))
    return {
        "previewed": True,
        "shifts": [
            {"when": between(one.start, one.end, zone), "people": [p.name for p in persons], "summary": one.summary}
            for one, persons in found[:SHOWN]
        ],
        "count": sum(len(persons) for _, persons in found),
        "unknown": sum(not persons for _, persons in found),
        "more": max(0, len(found) - SHOWN),
        "until": at + timedelta(days=ical.LONGEST.days),
    }
