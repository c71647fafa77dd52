"""Reads of training; everything else of `queries` is private."""

from tocsin.domain.training.queries.courses import (
    Given,
    Shown,
    access_attempt,
    access_completion,
    access_course,
    courses,
    given_in,
    requirements,
    shown,
    waiting_for_sign_off,
    who_passed,
)
from tocsin.domain.training.queries.coverage import Coverage, Gap, Row, coverage
from tocsin.domain.training.queries.duties import Duty, duties_of, duties_of_many, past_attempts
from tocsin.domain.training.queries.knowing import Evidence, Knows, register, skills_like, who_knows

__all__ = [
    "Coverage",
    "Duty",
    "Evidence",
    "Gap",
    "Given",
    "Knows",
    "Row",
    "Shown",
    "access_attempt",
    "access_completion",
    "access_course",
    "courses",
    "coverage",
    "duties_of",
    "duties_of_many",
    "given_in",
    "next_training_due",
    "past_attempts",
    "register",
    "requirements",
    "shown",
    "skills_like",
    "waiting_for_sign_off",
    "who_knows",
    "who_passed",
]

from tocsin.domain.training.queries.duties import next_training_due
