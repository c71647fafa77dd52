"""What may be done with pages and deliveries. Each action is one short transaction, or joins its caller's."""

from tocsin.domain.notify.actions.contacts import (
    add_method,
    consequence,
    remove_method,
    set_quiet_hours,
    set_rules,
    verify_method,
)
from tocsin.domain.notify.actions.enqueue import Enqueued, PageRequest, enqueue
from tocsin.domain.notify.actions.failing import record_failed
from tocsin.domain.notify.actions.health import Audit, beat, forget_beats, record_audit
from tocsin.domain.notify.actions.lease import LeaseTerms, lease, release
from tocsin.domain.notify.actions.letters import add_to_letter, post_letter
from tocsin.domain.notify.actions.mail import catch_mail
from tocsin.domain.notify.actions.mailings import Mailing, Recipient, post_mailing, withdraw_mailing
from tocsin.domain.notify.actions.once import answered, first_time, keep_answer
from tocsin.domain.notify.actions.opting import start_address, stop_address
from tocsin.domain.notify.actions.parcel import Outgoing, Parcel
from tocsin.domain.notify.actions.provider_health import note_provider_failure, note_provider_success
from tocsin.domain.notify.actions.providers import (
    Rotated,
    add_provider,
    edit_provider,
    enable_provider,
    move_provider,
    note_provider_test,
    remove_provider,
    rotate_credentials,
)
from tocsin.domain.notify.actions.proving import confirm_code, send_code, send_test
from tocsin.domain.notify.actions.receipts import record_receipt
from tocsin.domain.notify.actions.sending import Standing, record_sent, record_withdrawn, settle_withdrawn, standing
from tocsin.domain.notify.actions.withdraw import withdraw, withdraw_many, withdraw_pages, withdraw_user

__all__ = [
    "Audit",
    "Enqueued",
    "LeaseTerms",
    "Mailing",
    "Outgoing",
    "PageRequest",
    "Parcel",
    "Recipient",
    "Rotated",
    "Standing",
    "add_method",
    "add_provider",
    "add_to_letter",
    "answered",
    "beat",
    "catch_mail",
    "confirm_code",
    "consequence",
    "edit_provider",
    "enable_provider",
    "enqueue",
    "first_time",
    "forget_beats",
    "keep_answer",
    "lease",
    "move_provider",
    "note_provider_failure",
    "note_provider_success",
    "note_provider_test",
    "post_letter",
    "post_mailing",
    "record_audit",
    "record_failed",
    "record_receipt",
    "record_sent",
    "record_withdrawn",
    "release",
    "remove_method",
    "remove_provider",
    "rotate_credentials",
    "send_code",
    "send_test",
    "set_quiet_hours",
    "set_rules",
    "settle_withdrawn",
    "standing",
    "start_address",
    "stop_address",
    "verify_method",
    "withdraw",
    "withdraw_mailing",
    "withdraw_many",
    "withdraw_pages",
    "withdraw_user",
]
