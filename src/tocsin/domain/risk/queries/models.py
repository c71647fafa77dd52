"""Models in use, unpacked and kept in memory; their cards, trainings and labels."""

import json
import zlib
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

import structlog
from django.db.models import Count

from tocsin.domain.risk.enums import Outcome, TrainingState
from tocsin.domain.risk.logic.model import Model, load
from tocsin.domain.risk.models import Answer, RiskModel, Switch, Training
from tocsin.kernel.errors import NotFound

log = structlog.get_logger(__name__)
RUNNING = (TrainingState.QUEUED, TrainingState.RUNNING)
_CARD = ("content",)


@dataclass(frozen=True, slots=True)
class Card:
    """One outcome: its model if there is one, whether it is on, and the last training."""

    outcome: Outcome
    model: RiskModel | None
    on: bool
    training: Training | None
    answers: dict[str, int]

    @property
    def scores(self) -> bool:
        """Whether tickets are scored for it."""
        return self.on and self.model is not None and self.model.works

    @property
    def running(self) -> bool:
        return self.training is not None and self.training.state in RUNNING


def working_models() -> dict[str, UUID]:
    """Return {outcome: model} of what scores tickets now. One query."""
    off = Switch.objects.filter(on=False).values("outcome")
    rows = RiskModel.objects.filter(current=True, shown=True).exclude(outcome__in=off)
    return dict(rows.values_list("outcome", "pk"))


@lru_cache(maxsize=8)
def unpacked(model_id: UUID) -> Model | None:
    """Return a model, ready to score; None if this release cannot read it (train it anew). A model never changes."""
    content = RiskModel.objects.values_list("content", flat=True).get(pk=model_id)
    try:
        return load(json.loads(zlib.decompress(bytes(content))))
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        log.error("a risk model cannot be read; train it anew", model=str(model_id), error=str(error))
        return None


def card(outcome: str) -> Card:
    """Return one outcome's card. Raises NotFound."""
    if outcome not in Outcome.values:
        raise NotFound("no_such_outcome", f"There is no risk of that name. Known: {', '.join(Outcome.values)}.")
    on = not Switch.objects.filter(outcome=outcome, on=False).exists()
    model = RiskModel.objects.filter(outcome=outcome, current=True).defer(*_CARD).first()
    training = Training.objects.filter(outcome=outcome).select_related("asked_by").order_by("-asked_at").first()
    said = Answer.objects.filter(outcome=outcome).values_list("opinion").annotate(n=Count("pk"))
    return Card(Outcome(outcome), model, on, training, dict(said))


def cards() -> list[Card]:
    """Return the cards of all outcomes."""
    return [card(outcome) for outcome in Outcome.values]
