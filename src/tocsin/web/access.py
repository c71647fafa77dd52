"""Who may open which page. Every view carries one of these marks; a test refuses a route without one (SECURITY 14)."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rules import Predicate

from tocsin.domain.decisions.rules import may_keep_catalogue
from tocsin.domain.escalation.rules import may_edit_policies, may_plan_drills, may_plan_maintenance, may_set_catch_all
from tocsin.domain.feedback.rules import may_read_feedback, may_set_questions
from tocsin.domain.insights.backtests.rules import may_backtest
from tocsin.domain.insights.rules import may_set_targets
from tocsin.domain.listening.rules import may_keep_words
from tocsin.domain.oncall.rules import may_run_schedules
from tocsin.domain.people import rules as people
from tocsin.domain.people.models import User
from tocsin.domain.reviews.rules import may_set_reviews, may_start_reviews
from tocsin.domain.risk.rules import may_run_risk_models
from tocsin.domain.tickets.rules import may_see_internals
from tocsin.domain.training.rules import may_write_courses
from tocsin.intake.email.rules import may_handle_mail
from tocsin.kernel.clock import database_now
from tocsin.kernel.errors import NotAllowed

type View = Callable[..., HttpResponseBase]


def viewer(request: HttpRequest) -> User:
    """Return who is signed in (views behind the sign-in only)."""
    return cast(User, request.user)


def now(request: HttpRequest) -> Any:
    """Return the database's time, read once per request (UTC)."""
    if not hasattr(request, "_now"):
        request._now = database_now(connection)  # type: ignore[attr-defined]  # kept on the request for its life
    return request._now  # type: ignore[attr-defined]  # set above


# {mark: who passes it}, as the permission table shows it.
RULES: dict[str, Predicate] = {}


def _only(predicate: Predicate, mark: str, message: str) -> Callable[[View], View]:
    RULES[mark] = predicate

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not predicate.test(request.user):
                raise NotAllowed("not_allowed", message)
            return view(request, *args, **kwargs)

        guarded.access = mark  # type: ignore[attr-defined]  # read by the test of the permission table
        return guarded

    return decorate


def public(view: View) -> View:
    """Nobody needs to be signed in; the page protects itself (a token, a sign-in form, nothing to hide)."""
    opened = login_not_required(view)
    opened.access = "public"  # type: ignore[attr-defined]  # read by the test of the permission table
    return opened


def signed_in(view: View) -> View:
    """Anybody with an account; the view looks only at what belongs to the viewer."""
    view.access = "signed_in"  # type: ignore[attr-defined]  # read by the test of the permission table
    return view


staff = _only(
    people.is_staff | people.is_stakeholder,
    "staff",
    "The desk is for those who work on tickets. Write to the service desk about a request of yours.",
)
insider = _only(
    may_see_internals,
    "insider",
    "This is for those who work here. Write to the service desk about a request of yours.",
)
worker = _only(
    people.is_staff, "worker", "Only those who work on tickets can do this. Ask your team's lead for the agent role."
)
policy_editor = _only(
    may_edit_policies,
    "policy_editor",
    "Policies are changed by escalation managers and administrators. Ask one of them.",
)
schedule_editor = _only(
    may_run_schedules,
    "schedule_editor",
    "Schedules are changed by the leads and escalation managers of their teams, and by administrators. Ask one of them.",
)
planner = _only(
    may_plan_maintenance,
    "planner",
    "Maintenance is planned by team leads, escalation managers and administrators. Ask one of them.",
)
mail_keeper = _only(
    may_handle_mail,
    "mail_keeper",
    "Mail that was set aside is dealt with by team leads, escalation managers and administrators. Ask one of them.",
)
drill_planner = _only(
    may_plan_drills,
    "planner",
    "Drills are planned by team leads, escalation managers and administrators. Ask one of them.",
)
catalogue_keeper = _only(
    may_keep_catalogue,
    "catalogue_keeper",
    "The catalogue of decisions is kept by team leads, escalation managers and administrators. Ask one of them.",
)
course_writer = _only(
    may_write_courses, "course_writer", "Courses are written by leads and managers, who also say what a line must know."
)
listening_keeper = _only(
    may_keep_words,
    "listening_keeper",
    "Signals and the writing advice are corrected by leads, managers and administrators. Ask one of them.",
)
risk_runner = _only(
    may_run_risk_models,
    "risk_runner",
    "Risk models are run by leads, managers and administrators. Ask one of them.",
)
administrator = _only(may_set_catch_all, "administrator", "This is set by administrators. Ask one of them.")
feedback_reader = _only(
    may_read_feedback,
    "feedback_reader",
    "What customers say is read by team leads, escalation managers and above. Ask one of them.",
)
question_setter = _only(
    may_set_questions,
    "question_setter",
    "What people are asked is set by escalation managers and administrators. Ask one of them.",
)
review_starter = _only(
    may_start_reviews,
    "review_starter",
    "Reviews are started by leads, problem managers, escalation managers and administrators. Ask one of them.",
)
review_setter = _only(
    may_set_reviews,
    "review_setter",
    "This is set by problem managers, escalation managers and administrators. Ask one of them.",
)
target_setter = _only(
    may_set_targets, "target_setter", "Targets are set by leads, managers and administrators. Ask one of them."
)
back_tester = _only(
    may_backtest, "back_tester", "Back-tests are run by leads, escalation managers and administrators. Ask one of them."
)
