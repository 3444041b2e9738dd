"""What a text may mean as the value of one field; None wherever it cannot be one, because missing beats wrong."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from anyascii import anyascii
from stdnum import iban

from backoffice.screening import dates, labels, names, places

_NAME = re.compile(r"^[^\W\d_](?:[^\W\d_]|[ .,'’`\-/])*$")
_NUMBER = re.compile(r"[A-Z0-9](?:[A-Z0-9]|[ \-./](?=[A-Z0-9]))*", re.IGNORECASE)
_TITLES = (
    r"mr|mrs|ms|mx|miss|dr|prof|mme|mlle|herrn?|frau|hr|fru|dhr|mevr|sr|sra|shri|smt|kum|pan|pan[ií]|herra|rouva|bpk|bapak"
    r"|ibu|bw|bi|ndugu|tuan|puan|encik|cik|sayin|d-na|dna|ing|mgr|sig|sig\.ra|dott|gdja|z\.?\s?k"
)
_HONORIFIC = re.compile(rf"^(?:(?:{_TITLES})\.\s*(?=\S{{2}})|(?:{_TITLES}|[mkg]\.?)\s+(?=\S+\s+\S))", re.IGNORECASE)
"""Behind a point a name of one word may follow; `M. Dupont Jean` needs two, or an initial would be lost."""
_ENGLISH = re.compile(r"^(?:mr|mrs|ms|miss|mstr|dr)\.?\s+(?=\S{2})", re.IGNORECASE)
"""Licences of Britain and its islands print how the holder is addressed before the given names."""
_ZONE_ROW = re.compile(r"\d{7}[MFX]\d")
"""Birth and sex in a row are the middle of a zone, whose rest is hidden."""
_BETWEEN = re.compile(r"(?<=[A-Z]) (?:NR|NO|N)\b\.?(?= ?\d)", re.IGNORECASE)
"""`Seria RX nr 123456` is one number."""
_FEMALE = {"f", "female", "w", "weiblich", "feminin", "femme", "femenino", "mujer", "femminile", "k", "kobieta", "v",
           "vrouw", "kvinna", "feminino", "z", "perempuan", "babae", "kadin", "nu", "moteris", "sieviete"}  # fmt: skip
_MALE = {"m", "male", "mannlich", "masculin", "homme", "h", "masculino", "hombre", "maschile", "mezczyzna", "man",
         "mies", "mand", "mann", "laki", "lelaki", "lalaki", "erkek", "nam", "vyras", "virietis", "ferfi"}  # fmt: skip
_LETTERS_OF_SEX: dict[str, dict[str, str | None]] = {
    "EST": {"N": "F"}, "FIN": {"N": "F"}, "HUN": {"F": None, "N": "F"}, "IDN": {"L": "M", "P": "F"},
    "LTU": {"M": None, "V": "M"}, "LVA": {"S": "F", "V": "M"}, "MEX": {"H": "M", "M": "F"},
    "MYS": {"L": "M", "P": "F"}, "PHL": {"B": "F", "L": "M"}, "TUR": {"E": "M", "K": "F"},
}  # fmt: skip
"""What one letter alone means where it means another thing than in most countries; None where it could be either."""
_JOINED_PREFIXES = {"mac", "van", "von", "fitz", "della", "delle", "dello", "saint"}
_NOT_NAMES = {"specimen", "muster", "sample", "passport", "passeport", "signature"}
_POSTAL_CODE = re.compile(
    r"\b(?:\d{4} ?[A-Z]{2}|[A-Z]\d{4}[A-Z]{3}|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"
    r"|\d{2}-\d{3}|\d{3} \d{2}|\d{4,6}(?:-\d{3,4})?)\b"
)
_NAME_LENGTH, _NUMBER_LENGTH = (1, 60), (4, 24)
_WORD = re.compile(r"[^\W\d_]{4,}")
"""Street names and towns: no number has so many letters in a row with a space around them."""
_IBAN = re.compile(r"^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$")
_DATES = {"date_of_birth", "issued_on", "expires_on"}
NAMES = {"surname", "given_names", "full_name", "father_name", "second_surname", "middle_name"}
_NUMBERS = {"document_number", "personal_number", "account_number", "tax_number"}


@dataclass(frozen=True, slots=True)
class Readings:
    """Readers that know the page's order of day and month and what today is."""

    today: date
    order: dates.Order = "dmy"
    country: str | None = None
    is_sure_of_order: bool = True
    """Whether nothing on the page contradicts the country's order; else a day that may be a month is not believed."""
    kind: str | None = None
    """What the document is, where somebody knows."""

    def read(self, name: str, text: str) -> str | None:
        """Read one field's value from a text."""
        text = text.strip(" :*")
        if name in _DATES:
            return self._day(name, text)
        if name in NAMES:
            return person_name(_untitled(name, text))
        if name == "account_number" and (bank := international_account(text)):
            return bank
        if name in _NUMBERS:
            return number(text)
        if name == "sex" and text.upper() in (letters := _LETTERS_OF_SEX.get(self.country or "", {})):
            return letters[text.upper()]
        reader = _OTHERS.get(name)
        return reader(text) if reader else None

    def _day(self, name: str, text: str) -> str | None:
        latest = self.today.year + (50 if name == "expires_on" else 0)
        found = dates.find(text, order=self.order, latest=latest)
        if not found:
            return None
        day = found[-1] if name == "expires_on" else found[0]
        if day.is_ambiguous and not self.is_sure_of_order:
            return None
        is_future = day.value > self.today
        return None if is_future and name != "expires_on" else day.value.isoformat()


def is_titled(text: str) -> bool:
    """Say whether a text begins as a person is addressed."""
    return _HONORIFIC.match(text) is not None


def without_title(text: str) -> str:
    """Leave out how a person is addressed: `Mr.`, `Herrn`, `Puan`."""
    return _HONORIFIC.sub("", text)


def _untitled(name: str, text: str) -> str:
    if name == "given_names":
        return _ENGLISH.sub("", text)
    return without_title(text) if name in {"full_name", "surname"} else text


def person_name(text: str) -> str | None:
    """Read a name as printed: letters of any alphabet with the few signs that names have."""
    plain = " ".join(_parted(_capital(text.strip(" .,:;-/").replace("|", "I"))).split())
    words = {anyascii(word).lower() for word in plain.split()}
    if not _NAME_LENGTH[0] <= len(plain) <= _NAME_LENGTH[1] or not _NAME.match(plain) or words & _NOT_NAMES:
        return None
    if not _is_written_as_name(plain) or all(word in labels.words() for word in words):
        return None
    return None if labels.match(plain) or names.is_particle(plain) else plain


def _is_written_as_name(text: str) -> bool:
    """Tell a name from a sentence: but for particles, every word of it begins with a capital."""
    words = [word for word in re.split(r"[\s/]+", text) if word]
    return all(not word[0].islower() or names.is_particle(word.strip(".,'’")) for word in words)


def _capital(text: str) -> str:
    """Write the capital I that begins a name and was taken for an l, and the other way round: `lldikó`, `PřemysI`."""
    text = re.sub(r"(?<![^\W_])l(?=[b-df-hj-np-tv-zl][^\W\d_A-Z])", "I", text) if re.search(r"[A-Z]", text) else text
    return re.sub(r"(?<=[^\W\d_A-Z]{2})I(?![A-Z])", "l", text)


def _parted(text: str) -> str:
    """Give a name back the space that a reader lost: `KumariChauhan`, but not `McLoughlin` or `DeSmedt`."""
    return re.sub(r"(?<=[^\W\d_A-Z]{3})(?=[A-Z][^\W\d_A-Z]{2})", lambda at: _space(text, at.start()), text)


def _space(text: str, at: int) -> str:
    before = re.split(r"[^\w]", text[:at])[-1].lower()
    return "" if before in _JOINED_PREFIXES else " "


def number(text: str) -> str | None:
    """Read a number without its separators; it needs more digits than an ordinary word has."""
    if dates.find(text) and not re.fullmatch(r"[A-Z0-9]{6,}", text):
        return None
    text = _BETWEEN.sub("", re.sub(r"^[a-z] (?=\d)", "", text))
    best = max((match.group() for match in _NUMBER.finditer(text)), key=digits, default="")
    best = re.sub(r"(?<=\d)[ .]+(?:tel|tlf|fax|mob|[A-Z]{3} [MF])$", "", best, flags=re.IGNORECASE)
    if any(_WORD.fullmatch(word) for word in re.split(r"[ ./]", best)):
        return None
    plain = re.sub(r"[^A-Z0-9]", "", best.upper())
    if not _NUMBER_LENGTH[0] <= len(plain) <= _NUMBER_LENGTH[1] or _ZONE_ROW.search(plain):
        return None
    is_mixed_case = any(sign.islower() for sign in best)
    return None if digits(plain) < (4 if is_mixed_case else 2) else plain


def international_account(text: str) -> str | None:
    """Read an IBAN, whose check digits prove it (ISO 13616)."""
    plain = re.sub(r"[^A-Z0-9]", "", text.upper())
    return plain if _IBAN.match(plain) and iban.is_valid(plain, check_country=False) else None


def sex(text: str) -> str | None:
    """Read M, F or X in the words of many languages; `V/F` and `M/M` are one word twice."""
    words = [word for word in re.split(r"[^a-z]+", anyascii(text).lower()) if word]
    if not words or len(words) > 3:
        return None
    if len(words) == 2 and "/" in text and words[1] in {"m", "f", "x"} and words[0] != "m":
        return words[1].upper()
    if words[0] in _MALE and not (words[0] == "m" and words[-1] in {"f", "v"}):
        return "M"
    if words[0] in _FEMALE:
        return "F"
    return "X" if words[0] == "x" else None


def address(text: str) -> str | None:
    """Read a line of an address: words, and somewhere a number or a comma."""
    plain = re.sub(r"^JI(?=\. )", "Jl", " ".join(text.split()).strip(" ,"))
    has_words = len(re.findall(r"[^\W\d_]{2,}", plain)) > 0
    is_code = re.fullmatch(r"[A-Z]{1,4}\d{4,}[A-Z]?", plain) is not None
    return plain if has_words and len(plain) > 4 and not is_code and labels.match(plain) is None else None


def names_another(text: str) -> bool:
    """Say whether a word and a colon begin something else than the rest of an address: `Property: 12 High Street`."""
    return re.search(r"[^\W\d_]{5,}:", text) is not None


def postal_code(text: str) -> str | None:
    """Find a postal code inside an address; the forms with letters first, because they contain plain numbers."""
    match = _POSTAL_CODE.search(text)
    return match.group() if match else None


def digits(text: str) -> int:
    """Count the digits of a text."""
    return sum(sign.isdigit() for sign in text)


_OTHERS: dict[str, Callable[[str], str | None]] = {
    "sex": sex,
    "nationality": places.country,
    "issuing_country": places.country,
    "address": address,
    "postal_code": postal_code,
}
