"""Files of tickets: who may have them, and that nothing in them runs (SECURITY "Mail and content")."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.logic.attached import Upload
from tocsin.domain.tickets.models import Attachment

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.ATTACHMENTS = tmp_path / "files"
    settings.UNDO_SECONDS = 0
    return Path(settings.ATTACHMENTS)


def attach(desk: Any, *files: Upload, kind: str = "reply") -> list[Attachment]:
    by = desk.requester if kind == "customer" else desk.agent
    message = tickets.add_message(
        ticket_id=desk.ticket.pk, kind=kind, body="See file.", by=by, now=desk.now, files=files
    )
    return list(Attachment.objects.filter(message=message).order_by("position"))


def get(client: Any, file: Attachment, name: str = "attachment") -> Any:
    return client.get(reverse(name, args=[file.pk]))


def test_a_file_is_only_ever_downloaded(desk: Any, signed_in: Any) -> None:
    html, svg = attach(
        desk,
        Upload(name="x.html", content=b"<html><script>1</script>"),
        Upload(name="y.svg", content=SVG, declared="image/svg+xml"),
    )
    for file in (html, svg):
        response = get(signed_in("agent"), file)
        assert response["Content-Type"] == "application/octet-stream"
        assert response["Content-Disposition"].startswith("attachment;")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert get(signed_in("agent"), file, "attachment_picture").status_code == 404


def test_a_raster_picture_is_shown_by_its_own_bytes_and_not_by_its_name(desk: Any, signed_in: Any) -> None:
    picture, fake = attach(
        desk, Upload(name="a.txt", content=PNG), Upload(name="b.png", content=SVG, declared="image/png")
    )
    shown = get(signed_in("agent"), picture, "attachment_picture")
    assert (shown["Content-Type"], b"".join(shown.streaming_content)) == ("image/png", PNG)
    assert get(signed_in("agent"), fake, "attachment_picture").status_code == 404


def test_who_may_see_the_message_may_have_its_files_and_nobody_else(desk: Any, signed_in: Any) -> None:
    [public], [private] = (
        attach(desk, Upload(name="a.txt", content=b"a")),
        attach(desk, Upload(name="b.txt", content=b"b"), kind="note"),
    )
    stranger = desk.client(tickets_stranger(desk.now))
    got = {
        who: (get(signed_in(who), public).status_code, get(signed_in(who), private).status_code)
        for who in ("agent", "requester", "stakeholder")
    }
    assert got == {"agent": (200, 200), "requester": (200, 404), "stakeholder": (200, 200)}
    assert (get(stranger, public).status_code, get(stranger, private).status_code) == (404, 404)


def tickets_stranger(now: datetime) -> Any:
    from tocsin.domain.people.actions import create_person  # noqa: PLC0415 - only this test makes people of its own

    return create_person(email="sam@other.example", name="Sam", by=None, now=now)


def test_files_go_with_a_reply_and_a_bad_one_sends_nothing(desk: Any, signed_in: Any) -> None:
    where = reverse("ticket_message", args=[desk.ticket.number])
    words = {"kind": "reply", "body": "Here it is.", "anyway": "1"}
    sent = signed_in("agent").post(
        where, words | {"files": [SimpleUploadedFile("a.txt", b"hello"), SimpleUploadedFile("p.png", PNG)]}
    )
    assert sent.status_code == 302
    assert [(a.name, a.size, a.kind) for a in Attachment.objects.order_by("position")] == [
        ("a.txt", 5, "text/plain"),
        ("p.png", len(PNG), "image/png"),
    ]
    page = signed_in("agent").get(reverse("ticket", args=[desk.ticket.number])).content.decode()
    assert 'class="file-picture"' in page
    refused = signed_in("agent").post(where, words | {"files": [SimpleUploadedFile("run.exe", b"MZ..")]})
    assert refused.status_code == 400
    assert "run.exe: files of type .exe are not taken in." in refused.content.decode()
    assert Attachment.objects.count() == 2


def test_an_upload_flood_is_dropped_while_it_arrives(desk: Any, signed_in: Any, settings: Any) -> None:
    settings.ATTACHMENT_TOTAL = 1_000
    big = SimpleUploadedFile("big.bin", b"0" * 3_000_000)
    answer = signed_in("agent").post(
        reverse("ticket_message", args=[desk.ticket.number]), {"kind": "note", "body": "x", "files": [big]}
    )
    assert answer.status_code == 400
    assert "larger than 1 KB together" in answer.content.decode()
