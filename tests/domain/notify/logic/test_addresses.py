"""What an address on each channel looks like, and what of a secret one is shown."""

import pytest

from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.logic.addresses import GUIDES, SECRET, BadAddress, checked, hidden_parts, shown

TEAMS = (
    "https://prod-12.westeurope.logic.azure.com:443/workflows/ab/triggers/manual/paths/invoke?api-version=1&sig=Xy_z"
)


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("teams", TEAMS),
        ("mattermost", "https://chat.example.org/hooks/xi4jkq7h1tgz8cnwyp6s5b3dmo"),
        ("mattermost", "https://example.org/mattermost/hooks/xi4jkq7h1tgz8cnwyp6s5b3dmo"),
        ("mattermost", "xi4jkq7h1tgz8cnwyp6s5b3dmo"),
        ("rocket_chat", "https://chat.example.org/hooks/65f0c1a2b3/Zx81kQpLr93TtVwYbNmHsDfG"),
        ("rocket_chat", "65f0c1a2b3c4/Zx81kQpLr93TtVwYbNmHsDfG"),
        ("ntfy", "my-pages_7"),
        ("ntfy", "https://ntfy.example.org/my-pages_7"),
        ("gotify", "AbCdEfGhIjKlMnO"),
        ("gotify", "https://push.example.org/gotify/?token=AbCdEfGhIjKlMnO"),
        ("pushover", "uQiRzpo4DXghDmr9QzzfQu27cmVRsG"),
        ("pushover", "uQiRzpo4DXghDmr9QzzfQu27cmVRsG:phone"),
        ("apprise", "discord://123456/abcdef"),
        ("webhook", "https://example.org/hook"),
    ],
)
def test_what_a_channel_can_use(channel: str, address: str) -> None:
    assert checked(channel, f" {address} ") == address


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("teams", "my channel"),
        ("teams", "ftp://example.org/x"),
        ("mattermost", "https://chat.example.org/"),
        ("mattermost", "short"),
        ("rocket_chat", "https://chat.example.org/hook"),
        ("ntfy", "two words"),
        ("ntfy", "a" * 65),
        ("ntfy", "https://ntfy.example.org/a/b"),
        ("ntfy", "https://ntfy.example.org/"),
        ("ntfy", "https://user:pw@ntfy.example.org/topic"),
        ("gotify", "https://push.example.org/"),
        ("gotify", "https://push.example.org/?token="),
        ("pushover", "short"),
        ("apprise", "discord"),
        ("apprise", "syslog://localhost"),
        ("apprise", "DBus://x/y"),
        ("apprise", "mailto://user:pw@example.org"),
        ("webhook", "ftp://example.org"),
        ("webhook", "https://example.org:port/"),
        ("webhook", "https://example.org/#part"),
        ("webhook", "https://example.org/a b"),
        ("webhook", "https://example.org/\r\nx: y"),
        ("webhook", "x" * 301),
        ("teams", f"https://example.org/{'x' * 2000}"),
        ("slack", ""),
    ],
)
def test_what_a_channel_cannot_use_is_refused_with_what_it_wants(channel: str, address: str) -> None:
    with pytest.raises(BadAddress) as refused:
        checked(channel, address)
    assert len(refused.value.message) > 20


def test_every_channel_for_people_says_what_its_addresses_look_like() -> None:
    assert set(GUIDES) == set(Channel.values) - {"console"}


@pytest.mark.parametrize(
    ("channel", "address", "mark"),
    [
        ("teams", TEAMS, "prod-12.westeurope.logic.azure.com/...Xy_z"),
        ("ntfy", "my-secret-topic", "...opic"),
        ("gotify", "https://push.example.org/?token=AbCdEfGh1234", "push.example.org/...1234"),
        ("apprise", "discord://123456/abcdef", "discord://..."),
    ],
)
def test_of_a_secret_address_only_a_mark_is_shown(channel: str, address: str, mark: str) -> None:
    assert channel in SECRET
    assert shown(channel, address) == mark


def test_every_part_that_opens_something_is_hidden_in_answers() -> None:
    parts = hidden_parts("https://chat.example.org/hooks/abc123def?token=tk_456789&x=1")
    assert {"abc123def", "tk_456789"} <= set(parts)
    assert "chat.example.org" not in parts
    assert hidden_parts("my-topic") == ("my-topic",)
    assert {"123456", "abcdefgh"} <= set(hidden_parts("discord://123456/abcdefgh"))
