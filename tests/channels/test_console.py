import io
import json

import pytest

from tocsin.channels.console.transport import ConsoleTransport
from tocsin.domain.notify.transport import TransportError


def test_a_page_is_one_line_of_json(message) -> None:
    stream = io.StringIO()
    transport = ConsoleTransport(stream)
    transport.send(transport.payload(message(body="two\nlines")), idempotency_key="k", timeout=1)
    (line,) = stream.getvalue().splitlines()
    content = json.loads(line)
    assert (content["event"], content["to"], content["body"]) == ("page", "kai@example.org", "two\nlines")


def test_a_closed_stream_is_a_temporary_failure(message) -> None:
    stream = io.StringIO()
    stream.close()
    transport = ConsoleTransport(stream)
    with pytest.raises(TransportError) as refused:
        transport.send(transport.payload(message()), idempotency_key="k", timeout=1)
    assert refused.value.permanent is False
