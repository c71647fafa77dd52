"""Which files are taken in: by name, size and first bytes."""

import pytest

from tocsin.domain.tickets.logic.attached import Judged, Limits, Upload, judge, safe_name, sniff

LIMITS = Limits(largest=1_000, most=3, total=2_000)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x89PNG\r\n\x1a\nxx", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8", "image/webp"),
        (b"%PDF-1.7", "application/pdf"),
        (b"PK\x03\x04", "application/zip"),
        (b"MZ\x90", "application/x-executable"),
        (b"\x7fELF\x02", "application/x-executable"),
        (b"  <svg xmlns='x'>", "image/svg+xml"),
        (b"<?xml version='1.0'?><!-- x --><svg>", "image/svg+xml"),
        (b"<!DOCTYPE html><p>", "text/html"),
        (b"<script>", "text/html"),
        (b"hello", "text/plain"),
        ("Grüße".encode() * 300, "text/plain"),
        (b"a\x00b", "application/octet-stream"),
        (b"", "application/octet-stream"),
        (b"<" * 5_000, "text/plain"),
        (b"<!--" * 5_000, "text/plain"),
    ],
)  # fmt: skip
def test_a_file_s_kind_is_told_by_its_first_bytes(content: bytes, kind: str) -> None:
    assert sniff(content) == kind


def refusal(name: str, content: bytes = b"x") -> str:
    return judge([Upload(name=name, content=content)], LIMITS)[0].refused


def test_what_runs_when_opened_is_refused_by_its_last_ending_or_its_bytes() -> None:
    for name in ("a.exe", "a.pdf.EXE", "a.exe.", "a.js", "a.LNK", "a.hta", "a.iso", "a. exe", "x.settingcontent-ms"):
        assert refusal(name).endswith("are not taken in"), name
    assert refusal("picture.png", b"MZ..") == "programs are not taken in"
    for name in ("a.exe.txt", "exe", "a.pdf", "a.zip", "a.docx", "a.html", "noending"):
        assert refusal(name) == "", name


def test_size_number_and_sum_are_bounded_and_a_refused_file_takes_no_place() -> None:
    files = [Upload(name=f"{n}.bin", content=b"\0" * size) for n, size in enumerate((1_001, 900, 900, 300, 10, 10))]
    assert [judged.refused for judged in judge(files, LIMITS)] == [
        "larger than 1 KB", "", "", "more than 2 KB in one message", "", "more than 3 files in one message",
    ]  # fmt: skip
    assert judge([], LIMITS) == []
    assert judge([Upload(name="a.txt", content=b"a")], LIMITS) == [Judged("text/plain")]


def test_a_stored_name_is_bare_never_empty_and_keeps_its_ending() -> None:
    assert safe_name("../../x/passwd", 0) == "passwd"
    assert safe_name("C:\\a\\b.txt", 0) == "b.txt"
    assert safe_name("a\r\nb\x00.txt", 0) == "ab.txt"
    assert safe_name(" ... ", 4) == "file-5"
    assert safe_name("x" * 300 + ".pdf", 0) == "x" * 146 + ".pdf"
    assert len(safe_name("x" * 300, 0)) == 150
