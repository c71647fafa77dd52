"""Which addresses a page may hear live events from."""

import pytest

from tocsin.config.live import live_sources


@pytest.mark.parametrize(
    ("live_url", "hosts", "base", "sources"),
    [
        ("", ["desk.example.org"], "https://desk.example.org", []),
        (
            ":8001",
            ["localhost", "127.0.0.1", "[::1]"],
            "http://127.0.0.1:8000",
            ["http://127.0.0.1:8001", "http://localhost:8001"],
        ),
        (":8001", [".example.org", "*"], "", []),
        (
            "https://desk.example.org/live",
            ["desk.example.org"],
            "https://desk.example.org",
            ["https://desk.example.org"],
        ),
    ],
)
def test_the_policy_names_our_own_hosts_and_nothing_wider(
    live_url: str, hosts: list[str], base: str, sources: list[str]
) -> None:
    assert live_sources(live_url, hosts, base) == sources
