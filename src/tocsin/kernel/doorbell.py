"""Ringing: tell sleeping loops that something is due. Only a doorbell; the truth is always a row."""

from tocsin.kernel.clock import HasCursor

DUE = "tocsin_due"  # a run, watch, clock or handover is due now, or earlier than the ticker sleeps
OUTBOX = "tocsin_outbox"  # a delivery is due now, or earlier than the senders sleep
LIVE = "tocsin_live"  # something on these streams has changed: open pages look again


def ring(connection: HasCursor, bell: str, whom: str = "") -> None:
    """Wake the loops that listen on `bell` (PostgreSQL NOTIFY): all of them, or those that answer to `whom`.

    Inside a transaction the bell rings when it commits and never if it is rolled back; ringing the same
    bell often in one transaction rings once. A bell that nobody hears loses nothing: loops look at the
    rows by themselves after a few seconds.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [bell, whom])
