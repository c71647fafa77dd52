"""Files of figures beyond those of a page and of a trend: one figure for each team, service, reason ..."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tocsin.domain.insights import queries
from tocsin.domain.insights.logic.metrics import METRICS, groups_for
from tocsin.kernel.errors import NotFound
from tocsin.web.access import insider
from tocsin.web.insights.metrics_pages import as_file, plain_number
from tocsin.web.insights.metrics_selecting import chosen


@insider
@require_safe
def groups_csv(request: HttpRequest, key: str, dimension: str) -> HttpResponse:
    """One metric by one of its dimensions, those with the most rows first: what the page and the API show."""
    if key not in METRICS or dimension not in groups_for(METRICS[key]):
        raise NotFound("metric_not_found", "There is no such figure. Choose one on the page Insights.")
    found = queries.groups(chosen(request, selects=False).where, key, dimension)
    lines = (
        [group.key, group.name, group.figure.n, group.figure.hits, plain_number(group.figure.value), plain_number(group.figure.p90)]
        for group in found
    )  # fmt: skip
    return as_file(f"{key}-by-{dimension}.csv", [dimension, "name", "n", "hits", "value", "p90"], lines)
