"""What is said on the phone, as TwiML: the page in the person's language, and what each key does."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Gather, VoiceResponse

from tocsin.channels.twilio.text import fitting, plainly

KEY_SECONDS = 8  # after the last word
LONGEST_SPOKEN = 600  # characters of a page: about 40 seconds
_CODE = re.compile(r"(?<![\w-])\d{4,6}(?![\w-])")
VOICES = {"de": "de-DE", "en": "en-GB"}
_WORDS: dict[str, Mapping[str, str]] = {
    "en": {
        "opening": "This is Tocsin, calling {name}.",
        "many": "{count} escalations are waiting for you.",
        "test": "This is a test.",
        "keys": "Press 4 to acknowledge. Press 6 to decline. Press 8 to call the next person. "
        "Press any other key to hear this again.",
        "many_keys": "Press 4 to acknowledge all. Press 6 to decline all. Press any other key to hear this again.",
        "bye": "Nothing was pressed. This page stays open. Goodbye.",
        "told": "Goodbye.",
        "over": "This page is no longer open. Nothing is to be done. Goodbye.",
    },
    "de": {
        "opening": "Hier ist Tocsin, ein Anruf für {name}.",
        "many": "{count} Eskalationen warten auf Sie.",
        "test": "Dies ist ein Test.",
        "keys": "Drücken Sie die 4, um zu übernehmen. Drücken Sie die 6, um abzulehnen. Drücken Sie die 8, um die "
        "nächste Person zu rufen. Mit jeder anderen Taste hören Sie die Nachricht noch einmal.",
        "many_keys": "Drücken Sie die 4, um alle zu übernehmen. Drücken Sie die 6, um alle abzulehnen. Mit jeder "
        "anderen Taste hören Sie die Nachricht noch einmal.",
        "bye": "Es wurde nichts gedrückt. Die Eskalation bleibt offen. Auf Wiederhören.",
        "told": "Auf Wiederhören.",
        "over": "Diese Eskalation ist nicht mehr offen. Es ist nichts zu tun. Auf Wiederhören.",
    },
}
# What the answers core says in English, for the cases in which something has changed.
_DONE: dict[str, Mapping[str, str]] = {
    "de": {
        "acknowledge": "Übernommen. Sonst wird niemand mehr gerufen. Auf Wiederhören.",
        "decline": "Abgelehnt. Die Eskalation geht weiter. Auf Wiederhören.",
        "call_next": "Die nächste Person wird gerufen. Auf Wiederhören.",
    },
}


@dataclass(frozen=True, slots=True)
class Spoken:
    """What one call tells. `count` above 1: it tells of a bundle. `asks`: an answer is wanted."""

    name: str
    language: str
    subject: str
    body: str
    count: int = 1
    asks: bool = True
    test: bool = False


def page(spoken: Spoken, *, keys_url: str, again_url: str) -> str:
    """Say the page and wait for a key; without one it is said again at `again_url` ("": that was the last time)."""
    words, voice = _words(spoken.language), _voice(spoken.language)
    response = VoiceResponse()
    if not spoken.asks:
        response.say(_story(spoken), language=voice)
        response.pause(length=1)
        response.say(f"{_story(spoken)} {words['told']}", language=voice)
        return str(response)
    gather = Gather(num_digits=1, timeout=KEY_SECONDS, action=keys_url, method="POST", input="dtmf")
    gather.say(_story(spoken), language=voice)
    gather.say(words["many_keys" if spoken.count > 1 else "keys"], language=voice)
    response.append(gather)
    if again_url:
        response.redirect(again_url, method="POST")
    else:
        response.say(words["bye"], language=voice)
        response.hangup()
    return str(response)


def outcome(verb: str, changed: bool, message: str, language: str) -> str:
    """Return what a key has done in the person's language, as far as it has words for it; else the answer itself."""
    own = _DONE.get(language.lower()[:2], {})
    return own.get(str(verb), message) if changed else message


def last_word(text: str) -> str:
    """Say what an answer did, and hang up."""
    german = text in _DONE["de"].values()
    response = VoiceResponse()
    response.say(text[:LONGEST_SPOKEN], language=VOICES["de" if german else "en"])
    response.hangup()
    return str(response)


def over(language: str) -> str:
    """Say that the page is not open any more, and hang up."""
    response = VoiceResponse()
    response.say(_words(language)["over"], language=_voice(language))
    response.hangup()
    return str(response)


def hang_up() -> str:
    """Say nothing: nobody listens."""
    response = VoiceResponse()
    response.hangup()
    return str(response)


def back_to(url: str) -> str:
    """Say it again."""
    response = VoiceResponse()
    response.redirect(url, method="POST")
    return str(response)


def text_back(text: str) -> str:
    """Answer a text by text, within two segments; "" answers nothing."""
    response = MessagingResponse()
    if text:
        response.message(fitting(plainly(text), ""))
    return str(response)


def _story(spoken: Spoken) -> str:
    words = _words(spoken.language)
    parts = [words["opening"].format(name=spoken.name)]
    if spoken.test:
        parts.append(words["test"])
    if spoken.count > 1:
        parts.append(words["many"].format(count=spoken.count))
    else:
        parts += [_sentence(spoken.subject), _sentence(spoken.body)]
    return " ".join(part for part in parts if part)[:LONGEST_SPOKEN]


def _sentence(text: str) -> str:
    """Return `text` as it can be read aloud: one line after the other, each ending."""
    lines = [" ".join(line.split()).rstrip(".") for line in text.replace("[", "").replace("]", ",").splitlines()]
    # A code is read digit by digit, not as some hundred thousand.
    spaced = [_CODE.sub(lambda found: ", ".join(found[0]), line) for line in lines]
    return " ".join(f"{line}." for line in spaced if line)


def _words(language: str) -> Mapping[str, str]:
    return _WORDS["de" if language.lower().startswith("de") else "en"]


def _voice(language: str) -> str:
    return VOICES["de" if language.lower().startswith("de") else "en"]
