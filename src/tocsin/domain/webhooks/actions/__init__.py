"""What is done with webhooks; everything else of `actions` is private."""

from tocsin.domain.webhooks.actions.delivering import Parcel, Result, forget_old, lease, note_result
from tocsin.domain.webhooks.actions.subscribing import (
    new_secret,
    remove_subscription,
    replay,
    replay_since,
    save_subscription,
    send_test,
    set_enabled,
)

__all__ = [
    "Parcel",
    "Result",
    "forget_old",
    "lease",
    "new_secret",
    "note_result",
    "remove_subscription",
    "replay",
    "replay_since",
    "save_subscription",
    "send_test",
    "set_enabled",
]
