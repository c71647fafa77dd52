"""Everything that can be done to schedules. Each act is one journalled transaction ("schedule:<slug>", "person:<id>").

With `by` the person's rights are checked; with None it is a machine's act, journalled as `actor` or "system".
"""

from tocsin.domain.oncall.actions.absences import answer_cover, end_absence, propose_cover, report_absence
from tocsin.domain.oncall.actions.changes import (
    NewShift,
    add_override,
    add_shift,
    end_override,
    end_shift,
    replace_imported,
)
from tocsin.domain.oncall.actions.feeds import make_feed, revoke_feed
from tocsin.domain.oncall.actions.lookout import note_findings, on_schedule_changed, take_lookout
from tocsin.domain.oncall.actions.schedules import create_schedule, edit_schedule, set_layer, set_layers
from tocsin.domain.oncall.actions.swaps import answer_swap, offer_swap, withdraw_swap

__all__ = [
    "NewShift",
    "add_override",
    "add_shift",
    "answer_cover",
    "answer_swap",
    "create_schedule",
    "edit_schedule",
    "end_absence",
    "end_override",
    "end_shift",
    "make_feed",
    "note_findings",
    "offer_swap",
    "on_schedule_changed",
    "propose_cover",
    "replace_imported",
    "report_absence",
    "revoke_feed",
    "set_layer",
    "set_layers",
    "take_lookout",
    "withdraw_swap",
]
