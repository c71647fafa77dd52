"""Figures as a page writes them: in the language being spoken."""

from tocsin.domain.insights.logic import metrics_words
from tocsin.domain.insights.logic.metrics import Metric
from tocsin.web.languages.catalogue import figures


def number(value: int) -> str:
    """Return a whole number with its thousands set apart."""
    return figures(f"{value:,}")


def short(value: int) -> str:
    """Return a whole number in at most four characters: 940, 1.2k, 14k."""
    if value < 1_000:
        return str(value)
    return figures(f"{value / 1_000:.1f}k") if value < 9_950 else f"{value / 1_000:.0f}k"


def percent(value: float) -> str:
    """Return a share."""
    return figures(metrics_words.percent(value))


def written(metric: Metric, value: float | None) -> str:
    """Return a metric's figure."""
    return figures(metrics_words.written(metric, value))
