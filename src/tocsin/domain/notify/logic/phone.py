"""Which phone numbers may be texted or called (SECURITY "Reaching out": toll fraud). Pure.

A number is paid for by whoever sends, so it must be written with its country, belong to a country that the
operator has allowed, and be of a kind that costs what an ordinary call costs: premium, shared-cost, special-service and
personal numbers are how toll fraud earns its money.
"""

from collections.abc import Collection
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

# Kinds at the price of an ordinary call. Everything else is refused, also what no numbering plan knows.
ORDINARY = {
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.VOIP,
}
GLOBAL = "001"  # region of numbers that belong to no country
TEXTED = ORDINARY - {PhoneNumberType.FIXED_LINE}
REASONS = {
    "unreadable": "Write the number with its country, such as +49 151 23456789.",
    "impossible": "No such number is in use. Check the digits; write it with its country, such as +49 151 23456789.",
    "country": "Numbers of this country are not allowed. Ask an administrator to add it to TOCSIN_PHONE_COUNTRIES.",
    "premium": "Premium, shared-cost and service numbers are not called. Give an ordinary mobile or landline number.",
    "landline": "This is a landline, which takes no text messages. Give a mobile number, or add it as a phone call.",
}


@dataclass(frozen=True, slots=True)
class Phone:
    """A number that may be reached. `number` is E.164 (+4915123456789), `region` ISO 3166 ("DE"; "001" if global)."""

    number: str
    region: str


class NotAllowedNumber(Exception):
    """`reason`: a key of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def message(self) -> str:
        """Say the remedy."""
        return REASONS[self.reason]


def checked_phone(text: str, countries: Collection[str], *, texted: bool) -> Phone:
    """Return the number in `text` (any usual way of writing it, with country code).

    `countries`: ISO codes ("DE") and calling codes ("+44", which covers every region that shares it); empty allows
    every country, but not the codes that belong to none. `texted`: it must be able to take text messages. Raises NotAllowedNumber.
    """
    if len(text) > 40 or not text.strip().startswith("+"):
        raise NotAllowedNumber("unreadable")
    try:
        number = phonenumbers.parse(text, None)
    except NumberParseException:
        raise NotAllowedNumber("unreadable") from None
    if number.extension:
        raise NotAllowedNumber("unreadable")
    if not phonenumbers.is_valid_number(number):
        # Premium ranges are valid numbers too; what is not even valid cannot be judged at all.
        raise NotAllowedNumber("impossible")
    region = phonenumbers.region_code_for_number(number) or ""
    named = region in countries or f"+{number.country_code}" in countries
    # Satellite phones and international networks belong to no country and cost many times what others do.
    if not named and (countries or region in ("", GLOBAL)):
        raise NotAllowedNumber("country")
    kind = phonenumbers.number_type(number)
    if kind not in ORDINARY:
        raise NotAllowedNumber("premium")
    if texted and kind not in TEXTED:
        raise NotAllowedNumber("landline")
    return Phone(phonenumbers.format_number(number, PhoneNumberFormat.E164), region)


def masked(number: str) -> str:
    """Return a number as logs and journals may hold it: country and the last two digits."""
    return f"{number[:3]}...{number[-2:]}" if len(number) > 6 else "..."


def unknown_countries(countries: Collection[str]) -> list[str]:
    """Return those of a configured list that are neither an ISO country code nor a calling code."""
    codes = {f"+{code}" for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE}
    return sorted(c for c in countries if c not in phonenumbers.SUPPORTED_REGIONS and c not in codes)
