from tests.web.conftest import desk as desk  # noqa: PLC0414 - the small desk, as a fixture of these tests
