"""Training a model from the installation's own history, judging it on later tickets, and putting it to work."""

import json
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.people.models import User
from tocsin.domain.risk import history, rules
from tocsin.domain.risk.actions.scoring import rescore_all
from tocsin.domain.risk.enums import Outcome, TrainingState
from tocsin.domain.risk.logic.judging import ANY, LAST, Admission, Compared, admit, compare
from tocsin.domain.risk.logic.measures import Quality
from tocsin.domain.risk.logic.model import Model, dump
from tocsin.domain.risk.logic.months import by_month, first_scores, reference
from tocsin.domain.risk.logic.training import EVENTS, THREADS, Sample, TooFew, split, train
from tocsin.domain.risk.models import RiskModel, Switch, Training
from tocsin.domain.risk.queries import RUNNING, unpacked
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed
from tocsin.kernel.ids import new_id

MOST = 100_000  # ended tickets, the latest, that are learned from
JUDGED_AT = (ANY, 1, 3, 5, LAST)
WEIGHED = 300  # later tickets over which reasons are averaged
LOST = timedelta(hours=2)  # a training that has run so long was lost with its worker
KEPT = 5  # models of each outcome whose cards are kept

type Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Trained:
    """A model that was learned from earlier tickets and judged on later ones, and the one learned from all."""

    model: Model
    judged: tuple[Compared, ...]
    admission: Admission
    months: list[dict[str, Any]]
    reference: list[float]
    weights: list[tuple[str, float]]
    events: int
    judged_from: datetime


def learn(
    samples: Sequence[Sample], *, threads: int = THREADS, progress: Progress = lambda _what, _done: None
) -> Trained:
    """Train on the earlier 70 %, judge on the later 30 %, then train on all. Raises TooFew."""
    kept = [one for one in samples if one.snapshots]
    earlier, later = split(kept)
    trial = train(earlier, threads=threads, progress=lambda what, done: progress(what, 0.4 * done))
    progress("judging by later tickets", 0.4)
    judged = tuple(compare(trial, later, event) for event in JUDGED_AT)
    known = reference(first_scores(trial, later[: max(len(later) // 3, 1)]))
    months = [asdict(one) | {"seen": False} for one in by_month(trial, later, known)]
    weights = _weights(trial, later)
    model = train(kept, threads=threads, progress=lambda what, done: progress(what, 0.45 + 0.4 * done))
    return Trained(
        model, judged, admit(judged[0]), months, reference(first_scores(trial, later)), weights,
        sum(min(len(one.snapshots), EVENTS) for one in kept), later[0].opened_at,
    )  # fmt: skip


def _weights(model: Model, later: Sequence[Sample]) -> list[tuple[str, float]]:
    """Return how much each feature moves scores on average, strongest first."""
    step = max(len(later) // WEIGHED, 1)
    total: dict[str, float] = {}
    counted = 0
    for one in later[::step]:
        counted += 1
        for name, moved in model.moved(one.snapshots[0]).items():
            total[name] = total.get(name, 0.0) + abs(moved)
    found = sorted(((name, round(value / max(counted, 1), 4)) for name, value in total.items()), key=lambda it: -it[1])
    return [one for one in found if one[1] > 0]


@transaction.atomic
def request_training(*, outcome: str, by: User | None, now: datetime) -> Training:
    """Ask for a training. Raises Conflict where one waits or runs; `tasks.py` runs it."""
    if by is not None and not rules.may_run_risk_models.test(by):
        raise NotAllowed("not_allowed", "Risk models are run by leads, managers and administrators. Ask one of them.")
    _known(outcome)
    lost = Training.objects.filter(outcome=outcome, state__in=RUNNING, asked_at__lt=now - LOST)
    lost.update(state=TrainingState.FAILED, ended_at=now, message="It was interrupted.")
    if Training.objects.select_for_update().filter(outcome=outcome, state__in=RUNNING).exists():
        raise Conflict("training_runs", "A training is under way already. Wait for it.")
    made = Training.objects.create(id=new_id(), outcome=outcome, asked_at=now, asked_by=by)
    actor = f"person:{by.pk}" if by else "engine"
    record(stream="risk", kind="risk.training_asked", actor=actor, at=now, data={"outcome": outcome})
    return made


def _known(outcome: str) -> None:
    if outcome not in Outcome.values:
        problem = f"There is no risk of that name. Known: {', '.join(Outcome.values)}."
        raise InvalidInput("no_such_outcome", problem, {"outcome": problem})


def run_training(
    *, training_id: UUID, clock: Callable[[], datetime], threads: int = THREADS,
    progress: Progress = lambda _what, _done: None,
) -> Training:  # fmt: skip
    """Run a training that was asked for, to its end; what fails is kept on its row and raised again."""
    begun = Training.objects.filter(pk=training_id, state=TrainingState.QUEUED).update(
        state=TrainingState.RUNNING, started_at=clock(), step="reading history"
    )
    row = Training.objects.get(pk=training_id)
    if not begun:
        return row

    def say(what: str, done: float) -> None:
        Training.objects.filter(pk=row.pk).update(step=what[:120], done=round(done, 3))
        progress(what, done)

    try:
        state, message = _run(row, clock, threads, say)
    except TooFew as few:
        state, message = TrainingState.TOO_LITTLE, str(few)
    except BaseException as error:
        _end(row, TrainingState.FAILED, f"{type(error).__name__}. The worker's log says more.", clock())
        raise
    _end(row, state, message, clock())
    return Training.objects.get(pk=row.pk)


def _end(row: Training, state: str, message: str, now: datetime) -> None:
    Training.objects.filter(pk=row.pk).update(state=state, message=message[:500], ended_at=now, step="", done=1.0)


def _run(row: Training, clock: Callable[[], datetime], threads: int, say: Progress) -> tuple[str, str]:
    began = time.perf_counter()
    ids = list(history.ended_tickets().order_by("-opened_at", "-pk").values_list("pk", flat=True)[:MOST])
    samples = history.samples(row.outcome, ids, lambda done: say("reading history", 0.1 * done))
    trained = learn(samples, threads=threads, progress=lambda what, done: say(what, 0.1 + 0.8 * done))
    made = keep(row.outcome, samples, trained, now=clock(), seconds=time.perf_counter() - began, by=row.asked_by)
    say("scoring open tickets", 0.95)
    rescore_all(now=clock(), progress=lambda done: say("scoring open tickets", 0.95 + 0.05 * done))
    return TrainingState.DONE, made.why


@transaction.atomic
def keep(
    outcome: str, samples: Sequence[Sample], trained: Trained, *, now: datetime, seconds: float, by: User | None
) -> RiskModel:  # fmt: skip
    """Keep a model with its card as the current one. One that does not beat the rule is kept, but scores nothing."""
    kept = [one for one in samples if one.snapshots]
    opened = [one.opened_at for one in kept]
    list(RiskModel.objects.select_for_update().filter(outcome=outcome, current=True).values_list("pk"))
    RiskModel.objects.filter(outcome=outcome, current=True).update(current=False)
    made = RiskModel.objects.create(
        id=new_id(), outcome=outcome, shown=trained.admission.shown, why=trained.admission.why, made_at=now, seconds=seconds,
        content=zlib.compress(json.dumps(dump(trained.model)).encode()), tickets=len(kept),
        came=sum(one.outcome for one in kept), events=trained.events, opened_from=min(opened), opened_to=max(opened),
        judged_from=trained.judged_from, judged=[judged_row(one) for one in trained.judged],
        fields=[asdict(one) for one in history.FIELDS], weights=trained.weights, reference=trained.reference,
        months=trained.months, watched_at=now,
    )  # fmt: skip
    past = RiskModel.objects.filter(outcome=outcome, current=False).order_by("-made_at").values_list("pk", flat=True)
    RiskModel.objects.filter(pk__in=list(past[KEPT:])).delete()
    data = {"outcome": outcome, "model": str(made.pk), "shown": made.shown, "why": made.why, "tickets": made.tickets}
    record(stream="risk", kind="risk.model_trained", actor=f"person:{by.pk}" if by else "engine", at=now, data=data)
    return made


def judged_row(one: Compared) -> dict[str, Any]:
    """Return a comparison as JSON; what could not be measured is None."""
    told = asdict(one)
    for name in ("model", "logistic", "rule"):
        found: Quality = getattr(one, name)
        told[name] |= {key: None if np.isnan(getattr(found, key)) else getattr(found, key) for key in _MAYBE}
    return told


_MAYBE = ("auc", "average_precision", "brier")


def watch(*, now: datetime, outcomes: Sequence[str] = tuple(Outcome.values)) -> Mapping[str, int]:
    """Judge each current model by tickets that were opened after those it learned from; return {outcome: months}."""
    found: dict[str, int] = {}
    for row in RiskModel.objects.filter(current=True, outcome__in=outcomes).defer("content"):
        model = unpacked(row.pk)
        if model is None:
            continue
        ids = list(
            history.ended_tickets()
            .filter(opened_at__gt=row.opened_to)
            .order_by("opened_at")
            .values_list("pk", flat=True)[:MOST]
        )
        since = [one for one in history.samples(row.outcome, ids) if one.snapshots]
        new = [asdict(one) | {"seen": True} for one in by_month(model, since, row.reference)]
        months = [one for one in row.months if not one["seen"]] + new
        RiskModel.objects.filter(pk=row.pk).update(months=months, watched_at=now)
        found[row.outcome] = len(new)
    return found


@transaction.atomic
def switch(*, outcome: str, on: bool, by: User, now: datetime) -> Switch:
    """Turn an outcome on or off for everybody. Off: no scores, nothing fires."""
    if not rules.may_run_risk_models.test(by):
        raise NotAllowed("not_allowed", "Risk models are run by leads, managers and administrators. Ask one of them.")
    _known(outcome)
    made, _ = Switch.objects.update_or_create(outcome=outcome, defaults={"on": on, "changed_at": now, "changed_by": by})
    kind = "risk.switched_on" if on else "risk.switched_off"
    record(stream="risk", kind=kind, actor=f"person:{by.pk}", at=now, data={"outcome": outcome})
    rescore_all(now=now)
    return made


def scheduled(*, now: datetime) -> list[Training]:
    """Ask for the weekly trainings: of what is on, and has seen tickets end since the last one."""
    asked = []
    for outcome in Outcome.values:
        off = Switch.objects.filter(outcome=outcome, on=False).exists()
        if off or not _news(outcome) or Training.objects.filter(outcome=outcome, state__in=RUNNING).exists():
            continue
        asked.append(request_training(outcome=outcome, by=None, now=now))
    return asked


def _news(outcome: str) -> bool:
    last = Training.objects.filter(outcome=outcome).order_by("-asked_at").values_list("asked_at", flat=True).first()
    ended = history.ended_tickets()
    return ended.filter(updated_at__gt=last or datetime.min.replace(tzinfo=UTC)).exists()
