"""What others may do with closings, reviews and corrective actions."""

from tocsin.domain.reviews.actions.closing import fill_closing, on_escalation_ended, on_ticket_rated, suggestion
from tocsin.domain.reviews.actions.correcting import (
    add_action,
    change_action,
    drop_action,
    end_action,
    make_article,
    make_measure,
)
from tocsin.domain.reviews.actions.drafting import draft_due, gather
from tocsin.domain.reviews.actions.moving import finish_meeting, meet, revise, sign_off
from tocsin.domain.reviews.actions.opening import open_review
from tocsin.domain.reviews.actions.overdue import act_on_due
from tocsin.domain.reviews.actions.setting import (
    change_setting,
    remove_rule,
    retire_category,
    save_category,
    save_rule,
)
from tocsin.domain.reviews.actions.sharing import revoke_share, share
from tocsin.domain.reviews.actions.watching import leave, see
from tocsin.domain.reviews.actions.writing import (
    add_moment,
    change_moment,
    move_cause,
    pick,
    remove_cause,
    remove_moment,
    save_cause,
    save_notes,
    write,
)

__all__ = [
    "act_on_due",
    "add_action",
    "add_moment",
    "change_action",
    "change_moment",
    "change_setting",
    "draft_due",
    "drop_action",
    "end_action",
    "fill_closing",
    "finish_meeting",
    "gather",
    "leave",
    "make_article",
    "make_measure",
    "meet",
    "move_cause",
    "on_escalation_ended",
    "on_ticket_rated",
    "open_review",
    "pick",
    "remove_cause",
    "remove_moment",
    "remove_rule",
    "retire_category",
    "revise",
    "revoke_share",
    "save_category",
    "save_cause",
    "save_notes",
    "save_rule",
    "see",
    "share",
    "sign_off",
    "suggestion",
    "write",
]
