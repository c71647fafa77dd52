"""What migrations write into a new database is there for every test, also after one has emptied the database."""

import pytest

from tocsin.domain.reviews.models import CauseCategory, StartRule
from tocsin.domain.stakeholders.models import Plan


def counts() -> tuple[int, int, int]:
    return CauseCategory.objects.count(), StartRule.objects.count(), Plan.objects.count()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "after it was emptied"])
def test_defaults_are_there_again_after_the_database_was_emptied(turn: str) -> None:
    assert min(counts()) > 0
