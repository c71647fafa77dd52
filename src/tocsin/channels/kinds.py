"""Every kind of provider that an operator can set up, by name. Each channel's folder describes its own."""

from collections.abc import Sequence

from tocsin.channels.apprise import kind as apprise
from tocsin.channels.email import kind as email
from tocsin.channels.gotify import kind as gotify
from tocsin.channels.mattermost import kind as mattermost
from tocsin.channels.ntfy import kind as ntfy
from tocsin.channels.pushover import kind as pushover
from tocsin.channels.rocket_chat import kind as rocket_chat
from tocsin.channels.slack import kind as slack
from tocsin.channels.teams import kind as teams
from tocsin.channels.telegram import kind as telegram
from tocsin.channels.twilio import kind as twilio
from tocsin.channels.web_push import kind as web_push
from tocsin.domain.notify.transport import ProviderKind

KINDS: Sequence[ProviderKind] = (
    email.KIND,
    twilio.SMS_KIND,
    twilio.VOICE_KIND,
    slack.KIND,
    telegram.KIND,
    web_push.KIND,
    teams.KIND,
    mattermost.KIND,
    rocket_chat.KIND,
    ntfy.KIND,
    gotify.KIND,
    pushover.KIND,
    apprise.KIND,
)


def kind_of(name: str) -> ProviderKind | None:
    """Return the kind called `name`, or None."""
    return next((kind for kind in KINDS if kind.kind == name), None)
