"""Targets: what a metric should come to, and who is told when it leaves its band."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.insights import actions, queries, rules
from tocsin.domain.insights.logic.metrics import DIMENSIONS, METRICS, SOURCES, Metric
from tocsin.domain.insights.logic.metrics_words import is_missed
from tocsin.domain.insights.models import MetricTarget
from tocsin.domain.people import queries as people
from tocsin.domain.people.models import User
from tocsin.kernel.errors import NotFound, TocsinError
from tocsin.web.access import insider, now, target_setter, viewer
from tocsin.web.desk import choices
from tocsin.web.fields import Form, choice
from tocsin.web.insights.metrics_pages import scope_words
from tocsin.web.insights.metrics_selecting import PERIODS, USUAL, Chosen, chosen, read
from tocsin.web.insights.spoken import written
from tocsin.web.languages.catalogue import say
from tocsin.web.sheets import done, sheet

UNITS = {
    "share": ("Percent", 0.01), "time": ("Hours", 3_600.0), "count": ("Number", 1.0), "mean": ("Number", 1.0),
}  # fmt: skip


class TargetForm(Form):
    """A goal in the unit that people use, and its owner. The scope comes with the address."""

    goal = forms.FloatField(label="Goal", min_value=0)
    owner = choice("Owner", [], help_text="Is told once when the weekly figures leave their band.")

    def __init__(self, *args: object, metric: Metric, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        unit, _ = UNITS[metric.kind]
        self.fields["goal"].help_text = {
            "Percent": "In percent, such as 95.", "Hours": "In hours, such as 4 or 0.5.", "Number": "A number.",
        }[unit]  # fmt: skip
        self.offer("owner", choices.staff())


@insider
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Every target with how its figure stands, those that left their band first."""
    context = {
        "rows": _rows(viewer(request), now(request)),
        "days": PERIODS[USUAL],
        "section": "insights",
        "tab": "targets",
        "may_set": rules.may_set_targets.test(viewer(request)),
    }
    return render(request, "insights/targets.html", context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One target. `value`: its figure over the usual period; `watched`: whether its weeks are looked at."""

    target: MetricTarget
    metric: Metric
    goal: str
    where: str
    value: str
    n: int
    missed: bool
    watched: bool
    href: str


def _rows(user: User, at: datetime) -> list[Row]:
    """Return every target; the figures of one scope are counted together."""
    targets = [one for one in queries.targets() if one.metric in METRICS]
    scopes: dict[str, list[MetricTarget]] = {}
    for one in targets:
        scopes.setdefault(urlencode(sorted(one.scope.items())), []).append(one)
    found: dict[UUID, tuple[Chosen, queries.Figure]] = {}
    for words, group in scopes.items():
        asked = read(QueryDict(words), user, at, selects=False)
        figures = queries.figures(asked.where, {one.metric for one in group})
        found |= {one.pk: (asked, figures[one.metric]) for one in group}
    return [_row(one, *found[one.pk]) for one in targets]


def _row(target: MetricTarget, asked: Chosen, figure: queries.Figure) -> Row:
    metric = METRICS[target.metric]
    return Row(
        target=target, metric=metric, goal=written(metric, target.goal), where=scope_words(target),
        value=written(metric, figure.value), n=figure.n, missed=is_missed(metric, figure.value, target.goal),
        watched=not SOURCES[metric.source].now, href=asked.link(reverse("insights_metric", args=[metric.key])),
    )  # fmt: skip


@target_setter
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """Set the target of a metric for the scope of the address."""
    if key not in METRICS:
        raise NotFound("metric_not_found", "There is no such figure. Choose one on the page Insights.")
    metric, asked = METRICS[key], chosen(request, selects=False)
    scope = {name: value for name, value in asked.where.where.items() if name in DIMENSIONS}
    known, (_, size) = queries.target_of(key, scope), UNITS[metric.kind]
    user = viewer(request)
    initial = {"goal": round(known.goal / size, 4), "owner": str(known.owner_id)} if known else {"owner": str(user.pk)}
    form = TargetForm(request.POST or None, metric=metric, initial=initial)
    where = asked.link(reverse("insights_metric", args=[key]))
    if request.method == "POST" and form.is_valid():
        try:
            owner = people.person(UUID(form.value("owner")))
            actions.set_target(
                metric=key,
                scope=scope,
                goal=float(form.cleaned_data["goal"]) * size,
                owner=owner,
                by=user,
                now=now(request),
            )
            return done(request, where, "The target is set.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(
        request, form, title="Target", submit="Set it", cancel=where, lead=f"{say(metric.name)}. {say(metric.definition)}",
        action=request.get_full_path(),
    )  # fmt: skip


@target_setter
@require_POST
def clear(request: HttpRequest, target: UUID) -> HttpResponse:
    """Take a target away."""
    actions.clear_target(target_id=target, by=viewer(request), now=now(request))
    return done(request, reverse("insights_targets"), "The target is taken away.")
