"""Settings of reviews: when they start, what escalations come from, how overdue actions climb."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.escalation import policies
from tocsin.domain.escalation.enums import EscalationType
from tocsin.domain.reviews import actions, queries
from tocsin.kernel.errors import NotFound
from tocsin.web.access import now, review_setter, viewer
from tocsin.web.reviews.forms import CategoryForm, NameForm, RuleForm, SettingForm
from tocsin.web.sheets import done, through

GET_OR_POST = ["GET", "HEAD", "POST"]


def _page() -> str:
    return reverse("reviews_setting")


@review_setter
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Everything that is set."""
    names = dict(_policies())
    found = queries.setting()
    rules = [
        (one, ", ".join(str(EscalationType(kind).label) for kind in one.types)) for one in queries.rules_of_starting()
    ]
    context = {
        "setting": found, "policy": names.get(found.policy, found.policy), "rules": rules, "section": "settings",
        "tree": queries.category_tree(),
    }  # fmt: skip
    return render(request, "reviews/setting.html", context)


def _policies() -> list[tuple[str, str]]:
    return sorted((one.content.slug, one.content.name) for one in policies.live())


@review_setter
@require_http_methods(GET_OR_POST)
def edit(request: HttpRequest) -> HttpResponse:
    """Set how overdue actions climb."""
    found = queries.setting()
    names = ("remind_days", "lead_days", "manager_days", "policy", "link_days")
    form = SettingForm(
        request.POST or None, offers={"policy": [("", "nothing: notices only"), *_policies()]},
        initial={name: getattr(found, name) for name in names},
    )  # fmt: skip

    def run() -> str:
        given = {name: form.cleaned_data[name] for name in names}
        actions.change_setting(by=viewer(request), now=now(request), **given)
        return "Saved."

    return through(request, form, run, _page(), "Overdue actions", "Save")


@review_setter
@require_http_methods(GET_OR_POST)
def rule_new(request: HttpRequest) -> HttpResponse:
    return _rule(request, None)


@review_setter
@require_http_methods(GET_OR_POST)
def rule(request: HttpRequest, rule: UUID) -> HttpResponse:
    return _rule(request, rule)


def _rule(request: HttpRequest, pk: UUID | None) -> HttpResponse:
    names = ("name", "types", "least_severity", "share", "rating_at_most", "enabled")
    found = next((one for one in queries.rules_of_starting() if one.pk == pk), None)
    if pk is not None and found is None:
        raise NotFound("rule_not_found", "There is no such rule.")
    form = RuleForm(request.POST or None, initial={name: getattr(found, name) for name in names} if found else None)

    def run() -> str:
        given = {name: form.cleaned_data[name] for name in names} | {
            "least_severity": int(form.cleaned_data["least_severity"])
        }
        actions.save_rule(rule_id=pk, by=viewer(request), now=now(request), **given)
        return "Saved."

    return through(request, form, run, _page(), "When a review starts", "Save")


@review_setter
@require_POST
def rule_remove(request: HttpRequest, rule: UUID) -> HttpResponse:
    actions.remove_rule(rule_id=rule, by=viewer(request), now=now(request))
    return done(request, _page(), "Removed.")


@review_setter
@require_http_methods(GET_OR_POST)
def category_new(request: HttpRequest) -> HttpResponse:
    """Add a category of causes."""
    above = [(str(pk), name) for pk, name in queries.category_names().items()]
    form = CategoryForm(
        request.POST or None, offers={"parent": [("", "at the top"), *above]},
        initial={"parent": request.GET.get("under", "")},
    )  # fmt: skip

    def run() -> str:
        actions.save_category(name=form.value("name"), parent=form.uuid("parent"), by=viewer(request), now=now(request))
        return "Saved."

    return through(request, form, run, _page(), "What escalations come from", "Add")


@review_setter
@require_http_methods(GET_OR_POST)
def category(request: HttpRequest, category: UUID) -> HttpResponse:
    """Rename a category."""
    found = next((one for one in queries.categories() if one.pk == category), None)
    if found is None:
        raise NotFound("category_not_found", "There is no such category.")
    form = NameForm(request.POST or None, initial={"name": found.name})

    def run() -> str:
        actions.save_category(category_id=category, name=form.value("name"), by=viewer(request), now=now(request))
        return "Saved."

    return through(request, form, run, _page(), "Rename", "Save")


@review_setter
@require_POST
def category_retire(request: HttpRequest, category: UUID) -> HttpResponse:
    """Offer a category no longer, or again."""
    retired = request.POST.get("retired") == "yes"
    actions.retire_category(category_id=category, retired=retired, by=viewer(request), now=now(request))
    return done(request, _page(), "No longer offered." if retired else "Offered again.")
