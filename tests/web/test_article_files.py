"""Pictures and files of articles: shown by their names, to those who may read the text that names them."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tocsin.domain.knowledge import actions
from tocsin.domain.knowledge.models import Article, ArticleFile
from tocsin.web.markdown import render_article

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32


@pytest.fixture
def article(desk: Any, settings: Any, tmp_path: Any) -> Article:
    settings.ATTACHMENTS = str(tmp_path)
    made = actions.save_article(
        title="Lights", body="Look: ![the lights](lights.png)", by=desk.agent, now=desk.now, audience="customers"
    )
    return actions.publish(article_id=made.pk, by=desk.lead, now=desk.now)


def add(browser: Any, article: Article, name: str, content: bytes = PNG) -> Any:
    where = reverse("article_files", args=[article.number])
    return browser.post(where, {"files": SimpleUploadedFile(name, content)})


def test_a_picture_is_shown_in_the_text_that_names_it(article: Article, signed_in: Any) -> None:
    add(signed_in("agent"), article, "lights.png")
    where = reverse("article_file", args=[ArticleFile.objects.get().pk])
    for who, page in (("agent", "article"), ("requester", "portal_article")):
        assert f'src="{where}"' in signed_in(who).get(reverse(page, args=[article.number])).content.decode()
        sent = signed_in(who).get(where)
        assert (sent.status_code, sent["Content-Type"], b"".join(sent.streaming_content)) == (200, "image/png", PNG)
        assert "sandbox" in sent["Content-Security-Policy"]


def test_readers_outside_get_only_what_the_published_text_names(article: Article, signed_in: Any) -> None:
    add(signed_in("agent"), article, "inside.png")
    where = reverse("article_file", args=[ArticleFile.objects.get().pk])
    assert signed_in("requester").get(where).status_code == 404
    assert signed_in("agent").get(where).status_code == 200


def test_a_second_file_of_a_name_gets_a_number_and_programs_are_refused(article: Article, signed_in: Any) -> None:
    add(signed_in("agent"), article, "lights.png")
    add(signed_in("agent"), article, "lights.png")
    assert sorted(ArticleFile.objects.values_list("name", flat=True)) == ["lights-2.png", "lights.png"]
    assert add(signed_in("agent"), article, "run.exe", b"MZ").status_code == 400
    assert add(signed_in("requester"), article, "x.png").status_code == 403


def test_only_the_owner_or_a_lead_takes_a_file_away(article: Article, signed_in: Any) -> None:
    add(signed_in("agent"), article, "lights.png")
    where = reverse("article_file_remove", args=[ArticleFile.objects.get().pk])
    assert signed_in("expert").post(where).status_code == 403
    assert signed_in("agent").get(where).status_code == 405
    signed_in("agent").post(where)
    assert not ArticleFile.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "![x](https://evil.example/x.png)",
        "![x](/attachments/1)",
        "![x](javascript:alert(1))",
        '<img src="/x" onerror=a>',
    ],
)
def test_no_other_picture_is_ever_loaded(text: str) -> None:
    html = str(render_article(text, {"a.png": "/knowledge/files/1"}, {"a.png": "/knowledge/files/1"}))
    assert "src=" not in html or "<img" not in html
    assert "evil.example" not in html


def test_a_file_is_linked_by_its_name() -> None:
    html = str(render_article("[the list](a%20b.csv)", {}, {"a b.csv": "/knowledge/files/1"}))
    assert 'href="/knowledge/files/1"' in html


def test_opening_counts_by_a_post_only(article: Article, signed_in: Any) -> None:
    page = signed_in("agent").get(reverse("article", args=[article.number])).content.decode()
    article.refresh_from_db()
    assert article.views == 0
    where = reverse("article_viewed", args=[article.number])
    assert where in page
    assert signed_in("agent").get(where).status_code == 405
    signed_in("requester").post(where)
    article.refresh_from_db()
    assert article.views == 1
