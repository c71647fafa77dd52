"""What came again in the demonstration: the detector finds it, measures are judged, and all of it leaves again."""

import pytest
from django.db import connection

from tocsin.domain.notify.models import Delivery
from tocsin.domain.problems.models import Measure, Problem, Progress, Proposal, Tally
from tocsin.domain.tickets.models import Ticket
from tocsin.intake.demo import company as companies
from tocsin.intake.demo import removing, repeats
from tocsin.kernel.clock import database_now


@pytest.mark.django_db
def test_what_repeats_is_found_and_what_was_done_is_judged() -> None:
    now = database_now(connection)
    company = companies.create(now)
    past = repeats.live_past(company, now)
    repeats.decide(company, past, now)
    (found,) = Proposal.objects.filter(state="proposed")
    assert "20 in the last 4 weeks" in found.sentence
    assert dict(Measure.objects.values_list("kind", "verdict")) == {"fix": "worked", "article": "no_effect"}
    assert dict(Problem.objects.values_list("category", "state")) == {
        "scanner": "fixed", "dictation": "open", "": "workaround",
    }  # fmt: skip
    assert not Ticket.objects.filter(opened_at__gt=now).exists()
    assert set(Delivery.objects.filter(state="pending").values_list("page__purpose", flat=True)) <= {"notice"}
    removing.remove()
    for model in (Problem, Proposal, Tally, Progress, Ticket):
        assert model.objects.count() == 0, model.__name__
