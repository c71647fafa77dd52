"""What may be done with pages and deliveries. Each action is one short transaction, or joins its caller's."""

from tocsin.domain.notify.actions.contacts import add_method, set_quiet_hours, set_rules, verify_method
from tocsin.domain.notify.actions.enqueue import Enqueued, PageRequest, enqueue
from tocsin.domain.notify.actions.failing import record_failed
from tocsin.domain.notify.actions.health import Audit, beat, forget_beats, record_audit
from tocsin.domain.notify.actions.lease import LeaseTerms, lease, release
from tocsin.domain.notify.actions.mail import catch_mail
from tocsin.domain.notify.actions.parcel import Outgoing, Parcel
from tocsin.domain.notify.actions.receipts import record_receipt
from tocsin.domain.notify.actions.sending import Standing, record_sent, record_withdrawn, settle_withdrawn, standing
from tocsin.domain.notify.actions.withdraw import withdraw, withdraw_many, withdraw_user

__all__ = [
    "Audit",
    "Enqueued",
    "LeaseTerms",
    "Outgoing",
    "PageRequest",
    "Parcel",
    "Standing",
    "add_method",
    "beat",
    "catch_mail",
    "enqueue",
    "forget_beats",
    "lease",
    "record_audit",
    "record_failed",
    "record_receipt",
    "record_sent",
    "record_withdrawn",
    "release",
    "set_quiet_hours",
    "set_rules",
    "settle_withdrawn",
    "standing",
    "verify_method",
    "withdraw",
    "withdraw_many",
    "withdraw_user",
]
