"""Verification runs out: owners are told once a week, by the auditor, once a day."""

from datetime import timedelta
from typing import Any

from tests.web.conftest import desk as desk  # noqa: PLC0414 - the small desk, as a fixture of this module
from tocsin.domain.knowledge import actions
from tocsin.domain.knowledge.models import Article
from tocsin.domain.notify.models import Page


def test_an_owner_is_told_of_what_has_run_out_and_not_again_within_a_week(desk: Any) -> None:
    made = actions.save_article(title="A", body="b", by=desk.agent, now=desk.now, verify_days=7)
    actions.publish(article_id=made.pk, by=desk.lead, now=desk.now)
    before = Page.objects.filter(user=desk.agent).count()
    assert actions.remind_owners(now=desk.now + timedelta(days=7)) == 0
    assert actions.remind_owners(now=desk.now + timedelta(days=9)) == 1
    assert actions.remind_owners(now=desk.now + timedelta(days=10)) == 0
    assert actions.remind_owners(now=desk.now + timedelta(days=17)) == 1
    assert Page.objects.filter(user=desk.agent).count() == before + 2
    actions.verify(article_id=made.pk, by=desk.agent, now=desk.now + timedelta(days=17))
    assert actions.remind_owners(now=desk.now + timedelta(days=18)) == 0
    assert Article.objects.get().reminded_on is None
