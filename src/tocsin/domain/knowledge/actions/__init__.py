"""What is done with knowledge; everything else of `actions` is private."""

from tocsin.domain.knowledge.actions.helping import follow, give_opinion, judge, note_miss, note_view, tick, use_article
from tocsin.domain.knowledge.actions.picturing import add_files, remove_file
from tocsin.domain.knowledge.actions.writing import (
    change_state,
    draft_from_ticket,
    publish,
    remind_owners,
    restore,
    save_article,
    save_category,
    verify,
)

__all__ = [
    "add_files",
    "change_state",
    "draft_from_ticket",
    "follow",
    "give_opinion",
    "judge",
    "note_miss",
    "note_view",
    "publish",
    "remind_owners",
    "remove_file",
    "restore",
    "save_article",
    "save_category",
    "tick",
    "use_article",
    "verify",
]
