"""How issuers print values."""

from datetime import date

from backoffice.specimens.countries import Country

_MONTHS = {
    "en": "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC",
    "nl": "JAN FEB MAA APR MEI JUN JUL AUG SEP OKT NOV DEC",
    "fr": "JANV FÉVR MARS AVR MAI JUIN JUIL AOÛT SEPT OCT NOV DÉC",
}


def shown_date(value: date, country: Country) -> str:
    """Print a date in the issuer's order; a second `%b` is the English month after a slash."""
    pattern = country.day
    for language in country.languages:
        if "%b" in pattern:
            pattern = pattern.replace("%b", _MONTHS.get(language, _MONTHS["en"]).split()[value.month - 1], 1)
    return value.strftime(pattern)
