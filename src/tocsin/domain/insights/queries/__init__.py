"""What insights read: figures and targets."""

from tocsin.domain.insights.queries.metrics import (
    Bar,
    Listed,
    Marks,
    Point,
    backlog,
    counted,
    figures,
    flow,
    groups,
    heat,
    histogram,
    listed,
    satisfaction,
    trends,
)
from tocsin.domain.insights.queries.metrics_rows import Figure, Group, Selection, names_of, offered
from tocsin.domain.insights.queries.metrics_targets import access_target, target_of, targets

__all__ = [
    "Bar",
    "Figure",
    "Group",
    "Listed",
    "Marks",
    "Point",
    "Selection",
    "access_target",
    "backlog",
    "counted",
    "figures",
    "flow",
    "groups",
    "heat",
    "histogram",
    "listed",
    "names_of",
    "offered",
    "satisfaction",
    "target_of",
    "targets",
    "trends",
]
