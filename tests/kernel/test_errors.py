"""The errors people can act on."""

import pytest

from tocsin.kernel import errors
from tocsin.kernel.errors import InvalidInput, TocsinError


def test_an_error_says_code_message_and_fields() -> None:
    fields = {"email": "No address."}
    error = InvalidInput("bad_email", "Correct the address.", fields)
    fields["email"] = "changed later"
    assert str(error) == "Correct the address."
    assert error.as_dict() == {
        "code": "bad_email",
        "message": "Correct the address.",
        "fields": {"email": "No address."},
    }


@pytest.mark.parametrize(
    ("name", "status"),
    [("InvalidInput", 400), ("NotAllowed", 403), ("NotFound", 404), ("Conflict", 409), ("Unavailable", 503)],
)
def test_each_error_has_its_status(name: str, status: int) -> None:
    kind = getattr(errors, name)
    assert issubclass(kind, TocsinError)
    assert kind("code", "message").status == status
    assert kind("code", "message").fields == {}
