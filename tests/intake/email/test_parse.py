"""Reading awkward mails, and mails built to do harm: nothing raises but Unreadable, nothing is slow."""

import base64
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.intake.email.conftest import written
from tocsin.intake.email import headers
from tocsin.intake.email.bodies import clean_html, html_to_text
from tocsin.intake.email.charsets import decode, known
from tocsin.intake.email.letters import markdown_html
from tocsin.intake.email.parse import ParsedMail, Unreadable, bare_name, parse
from tocsin.intake.email.quotes import strip


def mail(head: str, body: str = "", **more: str) -> ParsedMail:
    return parse(f"From: ana@acme.example\r\n{head}\r\n\r\n{body}".encode("latin-1"))


def test_every_awkward_mail_is_read_or_refused_in_words(
    shared_data: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    files = sorted(shared_data("emails/mime").iterdir())
    refused = {}
    for file in files:
        try:
            found = parse(file.read_bytes())
            assert "\r" not in found.subject + "".join(v for values in found.heads.values() for v in values)
            strip(found.text)
        except Unreadable as unreadable:
            refused[file.name] = str(unreadable)
    with capsys.disabled():
        print(f"\nmails read: {len(files) - len(refused)} of {len(files)}, refused: {refused}")
    assert len(files) > 40
    assert not refused


def test_words_of_many_charsets_are_read_and_bogus_ones_do_no_harm() -> None:
    assert decode("Grüße".encode("latin-1"), "iso-8859-1") == "Grüße"
    assert decode("Grüße".encode(), "iso-8859-1") != ""
    assert decode("Grüße".encode(), "bogus-42") == "Grüße"
    assert decode("かき".encode("iso-2022-jp"), "ISO-2022-JP") == "かき"
    assert decode(b"\x80 euro", "us-ascii") == "€ euro"
    for evil in (
        "rot13",
        "zlib",
        "bz2",
        "hex",
        "punycode",
        "idna",
        "unicode_escape",
        "raw_unicode_escape",
        "undefined",
        "mbcs",
        "../x",
        "utf-7",
        "a" * 9999,
    ):
        assert known(evil) == "", evil
        assert decode(b"plain words", evil) == "plain words"


@pytest.mark.parametrize(
    ("head", "subject"),
    [
        ("Subject: =?utf-8?b?R3LDvMOfZQ==?=", "Grüße"),
        ("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= =?iso-8859-1?q?_an_J=FCrgen?=", "Grüße an Jürgen"),
        ("Subject: =?bogus?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("Subject: =?utf-8?b?not base64 at all!!!?=", "=?utf-8?b?not base64 at all!!!?="),
        ("Subject: =?punycode?q?" + "a" * 900 + "?=", "a" * 300),
        ("Subject: folded\r\n over\r\n\tthree lines", "folded over three lines"),
        ("Subject: =?utf-8?q?with=0D=0ABcc:_evil@x.example?=", "with Bcc: evil@x.example"),
        ("Subject: nul \x00 and bell \x07", "nul and bell"),
        ("X-Nothing: 1", ""),
    ],
)  # fmt: skip
def test_a_subject_is_one_line_of_text_whatever_it_holds(head: str, subject: str) -> None:
    assert mail(head, "x").subject == subject


def test_no_header_carries_a_line_break_into_anything_we_write() -> None:
    found = mail(
        "Subject: =?utf-8?b?"
        + base64.b64encode(b"a\r\nBcc: all@x.example\r\n\r\nbody").decode()
        + "?=\r\nX-Name: =?utf-8?q?b=0Ac?="
    )
    assert all("\n" not in value and "\r" not in value for values in found.heads.values() for value in values)
    [sender] = parse(b"From: =?utf-8?q?Ana=0D=0ABcc=3A_x=40y=2Ez?= <ana@acme.example>\r\n\r\nx").senders
    assert (sender.name, sender.address) == ("Ana Bcc: x@y.z", "ana@acme.example")


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("Ana <ANA@Acme.example>", ["ana@acme.example"]),
        ('"a@b.example" <ana@acme.example>', ["ana@acme.example"]),
        ("ana@acme.example, Bob <bob@acme.example>", ["ana@acme.example", "bob@acme.example"]),
        ("<>", []),
        ("undisclosed-recipients:;", []),
        (
            "ana@acme.example\n\tBcc: evil@x.example",
            ["ana@acme.examplebcc", "evil@x.example"],
        ),  # several senders: set aside
        ("ana@@acme.example", []),
        ("ana@acme..example", []),
        ('"' * 3000 + "<a@b.example>", ["a@b.example"]),
        ('"' * 9000 + "<a@b.example>", []),
        ("(" * 2000 + ")" * 2000, []),
    ],
)
def test_addresses_are_read_strictly(raw: str, found: list[str]) -> None:
    import email  # noqa: PLC0415 - beside the one use

    message = email.message_from_string(f"From: {raw}\n\nx")
    assert [m.address for m in headers.mailboxes(message, "From")] == found


def bomb_deep() -> bytes:
    head = b"From: ana@acme.example\r\n"
    for n in range(400):
        head += b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n)
    return head + b"\r\nend"


def bomb_parts() -> bytes:
    return (
        b'From: ana@acme.example\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        + b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 100_000
        + b"--b--"
    )


def bomb_bare_parts() -> bytes:
    return (
        b'From: ana@acme.example\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        + b"--b\r\n\r\nx\r\n" * 100_000
        + b"--b--"
    )


BOMBS = {
    "nested": bomb_deep,
    "many parts": bomb_parts,
    "many bare parts": bomb_bare_parts,
    "long content type": lambda: b"From: a@b.example\r\nContent-Type: text/plain;" + b'";' * 100_000 + b"\r\n\r\nx",
    "folded content type": lambda: b"From: a@b.example\r\nContent-Type: text/plain" + b';\r\n a="' * 50_000 + b"\r\n\r\nx",
    "huge head": lambda: b"X: y\r\n" * 200_000 + b"\r\nx",
    "one endless header": lambda: b"Subject: " + b"=?utf-8?q?a?= " * 50_000 + b"\r\nFrom: a@b.example\r\n\r\nx",
    "no blank line": lambda: b"From: " + b"a" * 5_000_000,
    "references": lambda: b"From: a@b.example\r\nReferences: " + b"<" * 120_000 + b"\r\n\r\nx",
    "encoded words": lambda: b"From: a@b.example\r\nSubject: " + b"=?" * 60_000 + b"\r\n\r\nx",
    "addresses": lambda: b"From: " + b"(" * 120_000 + b"\r\n\r\nx",
    "wide body": lambda: b"From: a@b.example\r\n\r\n" + b"a" * 20_000_000,
    "deep mails": lambda: b"From: a@b.example\r\nContent-Type: message/rfc822\r\n\r\n" * 2_000 + b"x",
    "nothing": lambda: b"   \r\n ",
    "binary": lambda: bytes(range(256)) * 4_000,
    "base64": lambda: b"From: a@b.example\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"=" * 3_000_000,
    "uuencode": lambda: b"From: a@b.example\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nbegin 666 x\r\n" + b"M" * 1_000_000,
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_mail_built_as_a_bomb_is_read_or_refused_at_once(name: str) -> None:
    raw = BOMBS[name]()
    began = time.perf_counter()
    try:
        found = parse(raw)
        assert len(found.text) <= 200_000
        assert len(found.subject) <= 300
        strip(found.text)
    except Unreadable as unreadable:
        assert str(unreadable).endswith(".")
    assert time.perf_counter() - began < 5.0


HOSTILE = [
    "<script>alert(1)</script>",
    "<svg><script>alert(1)</script></svg>",
    '<svg onload="alert(1)"><animate onbegin=alert(1) attributeName=x dur=1s></svg>',
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    '<img src="https://tracker.example/p.gif">',
    '<img src=x onerror="alert(1)">',
    '<a href="javascript:alert(1)">click</a>',
    '<a href="  java\tscript:alert(1)">click</a>',
    '<a href="data:text/html,<script>alert(1)</script>">click</a>',
    '<a href="vbscript:x" hx-get="/settings" hx-trigger="load">x</a>',
    '<div hx-post="/tickets/1/take" hx-trigger="load" data-hx-get="/x" hx-on:click="alert(1)">x</div>',
    '<div x-data="{a:1}" x-init="alert(1)" @click="alert(1)" :class="x" x-on:click.window="alert(1)">x</div>',
    '<div data-sheet data-key="t" data-live data-compose="reply" id="sheet" class="btn primary">x</div>',
    '<p style="background:url(https://tracker.example/)">x</p>',
    "<style>@import url(https://tracker.example/x.css)</style>",
    '<link rel=stylesheet href="https://tracker.example/x.css"><meta http-equiv=refresh content="0;url=https://x.example">',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe><object data="x.swf"></object><embed src="x">',
    '<form action="https://x.example"><input name=password><button formaction="https://x.example">x</button></form>',
    '<base href="https://x.example/"><body background="https://tracker.example/b.png">',
    '<video poster="https://tracker.example/p.png"><source src="https://tracker.example/v"></video>',
    "<template><script>alert(1)</script></template><noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<!--[if IE]><script>alert(1)</script><![endif]--><!-- --!><img src=x onerror=alert(1)>",
    "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
]  # fmt: skip
FORBIDDEN = (
    "<script", "<svg", "<img", "<style", "<iframe", "<form", "<link", "<meta", "<object", "onerror=", "onload=", "onclick=",
    " hx-", " data-", " x-", " @", " :class", "style=", "src=", "javascript:", "vbscript:", "data:text", " id=", " class=",
)  # fmt: skip


@pytest.mark.parametrize("source", HOSTILE)
def test_nothing_that_runs_loads_or_controls_survives_the_cleaning(source: str) -> None:
    cleaned = clean_html(source).lower()
    assert [word for word in FORBIDDEN if word in cleaned] == []
    # What is shown is the text, drawn as Markdown in pages and letters: the same must hold there.
    shown = markdown_html(html_to_text(source)).lower()
    assert [word for word in FORBIDDEN if word in shown.replace("&lt;", "")] == []


def test_html_is_read_as_a_reader_would_see_it() -> None:
    html = (
        "<p>Hello <b>Kai</b>,</p><ul><li>one</li><li>two</li></ul><table><tr><td>a</td><td>b</td></tr></table>"
        '<p><a href="https://acme.example/x">look</a></p><blockquote>Is it on?<blockquote>deep</blockquote></blockquote><p>Yes.</p>'
    )
    text = html_to_text(html)
    assert "Hello Kai," in text
    assert "look <https://acme.example/x>" in text
    assert "> Is it on?" in text
    assert ">> deep" in text
    assert text.rstrip().endswith("Yes.")


@pytest.mark.parametrize(
    "source",
    [
        "<div>" * 100_000, "<blockquote>" * 50_000 + "x", "<table><tr><td>" * 20_000 + "x",
        "<b>" * 50_000 + "x" + "</b>" * 50_000,
        "<a href='x'>" * 50_000, "&" * 500_000, "<" * 500_000, "<p x" * 100_000, "<ul><li>" * 30_000,
        "x" * 3_000_000, "", "\x00", "<!-- " * 100_000,
    ],
    ids=range(13),
)  # fmt: skip
def test_no_html_is_too_deep_or_too_slow_to_be_read(source: str) -> None:
    began = time.perf_counter()
    assert len(html_to_text(source)) <= 200_000
    assert time.perf_counter() - began < 8.0


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("../../etc/passwd", "passwd"), ("C:\\Users\\x\\run.txt", "run.txt"), ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\r\nb.txt", "a b.txt"),
        ("x" * 400 + ".pdf", "x" * 146 + ".pdf"), ("...", ""), ("", ""), ('q"uote<>.txt', "q_uote__.txt"),
    ],
)  # fmt: skip
def test_a_file_s_name_is_never_a_path(given: str, name: str) -> None:
    assert bare_name(given) == name


def test_files_pictures_and_both_bodies_are_told_apart() -> None:
    made = written(text="plain words", html='<p>rich</p><img src="cid:pic@x">')
    made.get_body(("html",)).add_related(b"\x89PNG\r\n\x1a\n", "image", "png", cid="<pic@x>")  # type: ignore[union-attr]
    made.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="Rechnung März.pdf")
    found = parse(made.as_bytes())
    assert found.text.strip() == "plain words"
    assert [(f.name, f.content_id, f.inline) for f in found.files] == [
        ("part-1.png", "pic@x", True),
        ("Rechnung März.pdf", "", False),
    ]
