"""What people do while they work on tickets. A reply is sent by `send_due` when nobody has taken it back."""

from tocsin.domain.desk.actions.bulk import BulkResult, act_on, undo
from tocsin.domain.desk.actions.describing import (
    link_asset,
    save_asset,
    save_field,
    set_fields,
    set_tags,
    unlink_asset,
)
from tocsin.domain.desk.actions.keeping import (
    delete_view,
    follow,
    log_time,
    next_wake_due,
    save_view,
    snooze,
    unfollow,
    wake,
    wake_due,
)
from tocsin.domain.desk.actions.macros import delete_macro, save_macro, use_macro
from tocsin.domain.desk.actions.merging import merge, open_child, split
from tocsin.domain.desk.actions.sending import drop_held, hold, hold_many, next_held_due, send_due, take_back
from tocsin.domain.desk.actions.telling import on_message_added
from tocsin.domain.desk.actions.watching import drop_draft, keep_draft, leave, see

__all__ = [
    "BulkResult",
    "act_on",
    "delete_macro",
    "delete_view",
    "drop_draft",
    "drop_held",
    "follow",
    "hold",
    "hold_many",
    "keep_draft",
    "leave",
    "link_asset",
    "log_time",
    "merge",
    "next_held_due",
    "next_wake_due",
    "on_message_added",
    "open_child",
    "save_asset",
    "save_field",
    "save_macro",
    "save_view",
    "see",
    "send_due",
    "set_fields",
    "set_tags",
    "snooze",
    "split",
    "take_back",
    "undo",
    "unfollow",
    "unlink_asset",
    "use_macro",
    "wake",
    "wake_due",
]
