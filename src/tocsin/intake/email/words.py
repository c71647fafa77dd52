"""The words of letters, in English and German. Pure."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Words:
    """Every sentence of ours that a letter may hold; `{...}` is filled in."""

    greeting: str
    confirmed: str
    keep_number: str
    answer_here: str
    resolved: str
    closed: str
    waiting: str
    reopened: str
    wrote: str
    answer_as_agent: str
    files: str
    automatic: str
    too_large: str


_WORDS = {
    "en": Words(
        greeting="Hello {name},",
        confirmed="we have your request and will answer as soon as we can.",
        keep_number="Its number is {reference}: {subject}",
        answer_here="To add something, answer this mail. Please leave the address as it is.",
        resolved="We consider {reference} resolved. If it is not, answer this mail and it is opened again.",
        closed="{reference} is closed. If it comes back within 14 days, answer this mail.",
        waiting="We are waiting for your answer to go on with {reference}.",
        reopened="{reference} is open again.",
        wrote="{name} wrote on {reference}: {subject}",
        answer_as_agent="Your answer to this mail goes to {name}. Begin it with #note to keep it among staff.",
        files="Files: {names}",
        automatic="This mail was sent automatically.",
        too_large="Too large for mail: {names}. Ask us for them.",
    ),
    "de": Words(
        greeting="Guten Tag {name},",
        confirmed="Ihre Anfrage ist bei uns angekommen. Wir antworten, so bald wir können.",
        keep_number="Sie hat die Nummer {reference}: {subject}",
        answer_here="Um etwas zu ergänzen, antworten Sie auf diese Mail. Bitte lassen Sie die Adresse, wie sie ist.",
        resolved="Wir sehen {reference} als gelöst an. Ist es das nicht, antworten Sie auf diese Mail; dann wird es wieder geöffnet.",
        closed="{reference} ist geschlossen. Kommt es binnen 14 Tagen wieder, antworten Sie auf diese Mail.",
        waiting="Wir warten auf Ihre Antwort, um an {reference} weiterzuarbeiten.",
        reopened="{reference} ist wieder offen.",
        wrote="{name} schrieb zu {reference}: {subject}",
        answer_as_agent="Ihre Antwort auf diese Mail geht an {name}. Beginnt sie mit #note, bleibt sie intern.",
        files="Dateien: {names}",
        automatic="Diese Mail wurde automatisch verschickt.",
        too_large="Zu groß für eine Mail: {names}. Fragen Sie bei uns danach.",
    ),
}
LANGUAGES = tuple(_WORDS)


def words_for(language: str) -> Words:
    """Return the words in a person's language ("de", "de-AT"), English for a language we do not write."""
    return _WORDS.get(language.replace("_", "-").partition("-")[0].lower(), _WORDS["en"])


def all_words() -> dict[str, dict[str, str]]:
    """Return every text by language and name, for the test that none is missing."""
    return {
        language: {f.name: str(getattr(found, f.name)) for f in fields(found)} for language, found in _WORDS.items()
    }


_COMMON = {
    "de": "der die das und ist nicht ich wir sie ein eine mit auf für von bei zum zur haben kann bitte danke hallo guten mein",
    "en": "the and is not i we you a an with on for from at to have can please thanks hello hi my it this that",
}


def guess_language(text: str) -> str:
    """Return the language that a text seems to be written in, by its commonest words; English in doubt."""
    seen = text[:4_000].lower().split()
    counts = {
        language: sum(word.strip(".,;:!?()") in set(common.split()) for word in seen)
        for language, common in _COMMON.items()
    }
    return max(counts, key=lambda language: (counts[language], language == "en"))
