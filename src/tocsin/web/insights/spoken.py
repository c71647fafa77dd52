"""Figures as a page writes them: in the language being spoken."""

from tocsin.domain.insights.logic import metrics_words
from tocsin.domain.insights.logic.metrics import Metric
from tocsin.web.languages.catalogue import exact, figures


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


def words() -> dict[str, str]:
    """Return the short words of bars, lines and periods, which are no sentences, in the language being spoken."""
    return {
        "under 15 m": exact("under 15 m"), "15 to 60 m": exact("15 to 60 m"), "1 to 4 h": exact("1 to 4 h"),
        "4 to 8 h": exact("4 to 8 h"), "8 to 24 h": exact("8 to 24 h"), "1 to 3 d": exact("1 to 3 d"),
        "3 to 7 d": exact("3 to 7 d"), "1 to 2 w": exact("1 to 2 w"), "over 2 w": exact("over 2 w"),
        "under a day": exact("under a day"), "1 to 3 days": exact("1 to 3 days"), "3 to 7 days": exact("3 to 7 days"),
        "1 to 2 weeks": exact("1 to 2 weeks"), "2 to 4 weeks": exact("2 to 4 weeks"), "over 4 weeks": exact("over 4 weeks"),
        "median": exact("median"), "90th percentile": exact("90th percentile"),
        "7 days": exact("7 days"), "30 days": exact("30 days"), "90 days": exact("90 days"), "A year": exact("A year"),
        "All": exact("All"),
    }  # fmt: skip
