import pytest

from tocsin.domain.notify.logic.phone import NotAllowedNumber, Phone, checked_phone, masked, unknown_countries

HERE = frozenset({"DE", "AT", "+44"})


@pytest.mark.parametrize(
    ("text", "number", "region"),
    [
        ("+49 151 23456789", "+4915123456789", "DE"), ("+49 (0)151/23456789", "+4915123456789", "DE"),
        ("+43 664 1234567", "+436641234567", "AT"), ("+44 7400 123456", "+447400123456", "GB"),
    ],
)  # fmt: skip
def test_a_number_is_kept_in_one_form(text: str, number: str, region: str) -> None:
    assert checked_phone(text, HERE, texted=True) == Phone(number, region)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0151 23456789", "unreadable"), ("", "unreadable"), ("+", "unreadable"), ("call me", "unreadable"),
        ("+49 30 1234567 ext. 5", "unreadable"), ("+49" + "1" * 50, "unreadable"), ("+49 1", "unreadable"),
        ("+999 123456789", "unreadable"), ("+49 151 1", "impossible"),
        ("+33 6 12 34 56 78", "country"), ("+1 202 555 0123", "country"), ("+882 16 123 4567", "country"),
        ("+49 900 1234567", "premium"), ("+49 137 1234567", "premium"), ("+49 180 5123456", "premium"),
        ("+44 909 8790123", "premium"), ("+44 843 000 0000", "premium"), ("+44 70 1234 5678", "premium"),
        ("+49 30 901820", "landline"),
    ],
)  # fmt: skip
def test_numbers_that_cost_more_or_lie_elsewhere_are_refused(text: str, reason: str) -> None:
    with pytest.raises(NotAllowedNumber) as refused:
        checked_phone(text, HERE, texted=True)
    assert refused.value.reason == reason
    assert refused.value.message.endswith(".")


def test_a_landline_may_be_called() -> None:
    assert checked_phone("+49 30 901820", HERE, texted=False) == Phone("+4930901820", "DE")


def test_without_a_list_ordinary_numbers_of_every_country_are_allowed_and_premium_ones_are_not() -> None:
    assert checked_phone("+33 6 12 34 56 78", (), texted=True).region == "FR"
    for premium in ("+33 892 12 34 56", "+1 900 555 0123", "+881 612345678", "+979 123456789"):
        with pytest.raises(NotAllowedNumber):
            checked_phone(premium, (), texted=False)


def test_a_calling_code_covers_all_regions_that_share_it() -> None:
    assert checked_phone("+44 7781 123456", {"+44"}, texted=True).region == "GG"
    with pytest.raises(NotAllowedNumber):
        checked_phone("+44 7781 123456", {"GB"}, texted=True)


def test_numbers_are_masked_where_they_are_not_needed() -> None:
    assert masked("+4915123456789") == "+49...89"


def test_a_country_that_does_not_exist_is_named() -> None:
    assert unknown_countries({"DE", "+44", "XX", "+999", "44"}) == ["+999", "44", "XX"]
