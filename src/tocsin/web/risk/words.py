"""What a model's card says, in plain words."""

from collections.abc import Mapping
from typing import Any

from tocsin.domain.risk.enums import Outcome
from tocsin.domain.risk.logic.encoding import PARTS
from tocsin.domain.risk.logic.judging import ANY, LAST
from tocsin.domain.risk.logic.months import drift_word
from tocsin.domain.risk.logic.words import kind_words
from tocsin.domain.risk.models import RiskModel
from tocsin.domain.risk.queries import Card

FEWEST = 20  # tickets that are worth a line
TITLES = {
    Outcome.ESCALATION: "Will it escalate?",
    Outcome.BREACH: "Will it breach its promise?",
    Outcome.BOUNCE: "Will it bounce back?",
}
MEANINGS = {
    Outcome.ESCALATION: "An escalation begins on the ticket, or it moves to a higher support line than it began on. "
    "Escalations that the risk itself began do not count.",
    Outcome.BREACH: "Its resolution clock breaches.",
    Outcome.BOUNCE: "It goes back to a team that had held it before another.",
}
SHORT = {Outcome.ESCALATION: "To escalate", Outcome.BREACH: "To breach", Outcome.BOUNCE: "To bounce back"}
DRIFT = {"steady": "Steady", "moving": "Moving", "drifted": "Drifted: train anew"}


def finding(card: Card) -> str:
    """The one sentence on top."""
    if card.model is None:
        return "No model yet"
    if not card.on:
        return "Switched off: no ticket is scored"
    if not card.model.shown:
        return "Not shown: it does not beat the simple rule"
    ten = card.model.judged[0]["model"]["flagged"][0]
    return f"Flagging one ticket in ten finds {_percent(ten['recall'])} % of them"


def moment(event: int) -> str:
    """Name a point of a ticket's life."""
    if event == ANY:
        return "Any moment"
    if event == LAST:
        return "The last event"
    return f"Event {event}"


def lines(model: RiskModel) -> list[dict[str, Any]]:
    """The table of the model beside its baselines, at each point of a ticket's life."""
    return [
        {
            "when": moment(one["event"]), "n": one["model"]["n"], "came": one["model"]["positives"],
            "chance": _percent(one["chance"]),
            "rows": [
                _row("The model", one["model"]), _row("Logistic regression", one["logistic"]),
                _row("The simple rule", one["rule"]),
            ],
        }
        for one in model.judged
        if one["model"]["n"] >= FEWEST
    ]  # fmt: skip


def _row(name: str, it: Mapping[str, Any]) -> dict[str, Any]:
    ten, twenty = it["flagged"]
    return {
        "name": name, "auc": _two(it["auc"]), "ap": _two(it["average_precision"]), "ten": _percent(ten["recall"]),
        "twenty": _percent(twenty["recall"]), "lift": f"{ten['lift']:.1f}", "brier": _two(it["brier"], 3),
        "error": _percent(it["calibration_error"]),
    }  # fmt: skip


def rule_name(model: RiskModel) -> str:
    """What the simple rule looks at."""
    name = str(model.judged[0]["rule_name"])
    for part in PARTS:
        name = name.removesuffix(f" {part}")
    return kind_words(name)


def months(model: RiskModel) -> list[dict[str, Any]]:
    """What was said and what came, month by month, with drift."""
    return [
        one | {"said_percent": _percent(one["said"]), "came_percent": _percent(one["came"] / one["n"]),
               "word": DRIFT[drift_word(one["drift"])]}
        for one in model.months
    ]  # fmt: skip


def weights(model: RiskModel, most: int = 10) -> list[dict[str, Any]]:
    """What moves scores most, with the length of its bar in per cent."""
    found = model.weights[:most]
    top = max((value for _, value in found), default=1) or 1
    return [{"name": kind_words(name), "value": value, "bar": round(160 * value / top)} for name, value in found]


def _percent(share: float) -> int:
    return round(100 * share)


def _two(value: float | None, places: int = 2) -> str:
    return "–" if value is None else f"{value:.{places}f}"
