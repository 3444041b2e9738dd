"""What anybody would try first is refused; what only looks simple is not."""

import gzip

import pytest

from backoffice.errors import Invalid
from backoffice.services import common_passwords, passwords

WORDS = ("Fjord Bank", "fjord-bank", "Ines", "Moreau", "ines.moreau", "fjordbank.example")


def refused(password, words=()):
    try:
        passwords.check_policy(password, has_second_factor=True, words=words)
    except Invalid as error:
        return error.code
    return None


def test_every_listed_password_that_is_long_enough_is_refused():
    with gzip.open(common_passwords.LIST, "rt") as lines:
        listed = [line.rstrip("\n") for line in lines]
    assert len(listed) > 30_000
    long_enough = [one for one in listed if len(one) >= passwords.MIN_LENGTH_WITH_SECOND_FACTOR]
    assert len(long_enough) > 10_000
    assert [one for one in long_enough if refused(one) != "password_common"] == []


@pytest.mark.parametrize("password", ["PassWord1", "passwordpassword", "!!password2026", "qwerty123456789", "11111111"])
def test_what_is_made_of_a_listed_one_is_refused(password):
    assert refused(password) == "password_common"


@pytest.mark.parametrize(
    "password", ["FjordBank2026!", "fjord bank 1234567", "InesMoreau1990", "partner-backoffice", "backoffice2026"]
)
def test_name_company_and_product_are_refused(password):
    assert refused(password, WORDS) == "password_guessable"


@pytest.mark.parametrize(
    "password",
    [
        "twenty lower letters",
        "kxqvwzjpmrtnbslgfdhc",
        "amber-fjord-heron-17",
        "ines walks to the fjord in may",
        "日本語のことばです",
    ],
)
def test_what_nobody_would_try_is_taken(password):
    assert refused(password, WORDS) is None
