"""What people write cannot run, load, style or pretend (SECURITY "Mail and content")."""

import pytest

from tocsin.web.markdown import render


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="/" hx-get="/x" hx-trigger="load">x</a>',
        '<div x-data="{}" x-init="alert(1)">x</div>',
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "<style>body{display:none}</style>",
        "<form action=//evil.example><button>x</button></form>",
        "<iframe src=//evil.example></iframe>",
        "<svg onload=alert(1)>",
        "![x](https://evil.example/pixel.png)",
        "<https://x.example/\" onmouseover=\"alert(1)>",
    ],
)  # fmt: skip
def test_nothing_dangerous_survives(text: str) -> None:
    html = str(render(text)).lower()
    for word in ("<script", "<img", "<style", "<form", "<iframe", "<svg", "<div", 'href="javascript', 'href="data'):
        assert word not in html
    assert "hx-get=" not in html.replace("&quot;", '"').split("&lt;")[0]


def test_markdown_is_rendered() -> None:
    html = str(render("**b** `c`\n\n- one\n- two\n\n# Title"))
    assert "<strong>b</strong>" in html
    assert "<code>c</code>" in html
    assert html.count("<li>") == 2
    assert "<h1" not in html
    assert "<h3>Title</h3>" in html


def test_links_leave_without_a_trace() -> None:
    assert 'rel="noopener noreferrer nofollow"' in str(render("[x](https://example.org)"))


def test_deep_nesting_and_long_texts_end() -> None:
    render(">" * 5_000 + " x")
    render("[" * 5_000)
    render("*" * 50_000)
