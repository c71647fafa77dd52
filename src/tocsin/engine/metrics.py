"""What Prometheus is told. Names and labels are documented for operators."""

from prometheus_client import Counter, Gauge, Histogram

# Seconds from the due instant to the recorded send.
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)

CLAIMED = Counter("tocsin_claimed_total", "Due rows that the ticker worked off", ["source"])
SOURCE_FAILURES = Counter("tocsin_source_failures_total", "Batches of due rows that failed", ["source"])
ROUND_FAILURES = Counter("tocsin_round_failures_total", "Rounds of a loop that ended in an error", ["loop"])
SENT = Counter("tocsin_sent_total", "Messages that a provider accepted", ["channel"])
NOT_SENT = Counter("tocsin_not_sent_total", "Tries that a provider did not accept", ["channel", "permanent"])
LEASES_LOST = Counter("tocsin_leases_lost_total", "Sends whose lease had gone to another worker", ["channel"])
LATENCY = Histogram("tocsin_page_seconds", "From due to accepted", ["channel"], buckets=_SECONDS)
PROVIDER = Histogram("tocsin_provider_seconds", "How long the provider took", ["channel"], buckets=_SECONDS)
OVERDUE = Gauge("tocsin_overdue_seconds", "Age of the oldest due row that is not worked off", ["source"])
OVERDUE_MAX = Gauge("tocsin_overdue_seconds_max", "The largest of them")
OUTBOX_PENDING = Gauge("tocsin_outbox_pending", "Deliveries that wait")
OUTBOX_AGE = Gauge("tocsin_outbox_age_seconds", "How long the oldest due delivery has waited")
EXPIRED_LEASES = Gauge("tocsin_expired_leases", "Deliveries whose sender is not heard of any more")
DUPLICATES = Gauge("tocsin_suspected_duplicates", "Deliveries of the last day that may have been sent twice")
CANARY_AGE = Gauge("tocsin_canary_age_seconds", "Since the engine's own escalation last came through; -1: never")
UNCOVERED = Gauge("tocsin_uncovered_schedules", "On-call schedules in which nobody is on now")
AUDITED = Gauge("tocsin_audited_timestamp_seconds", "When the auditor last looked, by the database's clock")
PROVIDER_FAILURES = Counter(
    "tocsin_provider_failures_total", "Tries that one provider did not accept", ["channel", "provider", "fault"]
)
PROVIDER_RESTING = Gauge("tocsin_provider_resting", "1 while a provider is left alone", ["channel", "provider"])
PROVIDER_FAILED_IN_A_ROW = Gauge("tocsin_provider_failed_in_a_row", "Failures in a row", ["channel", "provider"])
