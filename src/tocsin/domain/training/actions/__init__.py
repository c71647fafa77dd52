"""What is done with training; everything else of `actions` is private."""

from tocsin.domain.training.actions.due import work_due
from tocsin.domain.training.actions.granting import unvouch, vouch
from tocsin.domain.training.actions.learning import answer_course, sign_off
from tocsin.domain.training.actions.requiring import ask_to_learn, release, require
from tocsin.domain.training.actions.writing import change_state, publish_course, save_course

__all__ = [
    "answer_course",
    "ask_to_learn",
    "change_state",
    "publish_course",
    "release",
    "require",
    "save_course",
    "sign_off",
    "unvouch",
    "vouch",
    "work_due",
]
