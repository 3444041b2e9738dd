"""What issuers call their fields, in the languages of Latin-script documents."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from backoffice.screening import titles, wordlists

_FUZZY_LENGTH, _FUZZY_SCORE = 6, 84.0
_LETTERS_PER_SLIP = 6
_LONG, _VERY_LONG, _VERY_LONG_SCORE = 9, 12, 80.0
"""A short word is close to many: it must begin alike; of a very long one more letters may be misread."""
_LEAST_CHAINED, _MOST_CHAINED = 3, 8
_LEAST_WORD = 4
_REMEMBERED = 512
NAME_ALONE = 0.5
_INLINE = 0.9
"""Nothing parts a label from its value."""
PERSONS = 0.85
"""A label that means the person's own number where another names the card's."""
LICENCE, PASSPORT, BEARER = "licence", "passport", "bearer"
"""What labels of numbers name: beside its own name a document's other numbers are not its; `ID No.` is the holder's."""
_AMBIGUOUS = {"name": NAME_ALONE}
"""Beside `Nom` it is the surname, beside `Nombre` the given names."""
_SECOND_CHOICE = re.compile(
    r"^(?:.*(?:polic|poliz|polis|contra|sopimus|avtal|aftale|kontrak|versicherung|vertrag|umow|smlouv|zmluv|ugovor|pogodb|sutart|ligum|leping|sozlesme)"
    r"|.*(?:refer|kenmerk|zeichen|sklic|viite|symbol|tenancy|lease|member|mitglied).*$)"
)
"""Numbers of a contract or a letter, where the customer's own is printed too."""
_OF_A_PERSON = re.compile(
    r"^(?:national)?identification(?:number|no|nr)$|kimlik|^nik$|^nomorinduk|dinhdanh|^cccd|^nationalid(?:entity)?(?:no|number)$"
    r"|^civil"
)
"""What numbers of people are called where the card has a number of its own beside them."""
_OF_A_LICENCE = re.compile(
    r"licen[cs]|permis|patente|rijbewijs|fuhrerschein|fuehrerschein|korkort|korekort|forerkort|koyrikort|ajokor|prawojazdy"
    r"|vozack|vodic|conduc|conduz|condui|habilita|surucu|permisul|juhiluba|vairuotoj|autovaditaj|okuskirt|ehliyet"
)
_OF_A_PASSPORT = re.compile(r"pass?port|pasapor|paspo|passap|reisepass|paszport|utlevel|passnum|passi")
_OF_A_BEARER = re.compile(r"^(?:national)?id(?:entity)?(?:card)?(?:number|no|nr)$")
_GREETING = re.compile(
    r"^(?:dear|sehr geehrt|liebe|vazen|mily|szanown|cher|chere|madame, monsieur|estimad|car[oa]s?|prezad|exm|gentile"
    r"|egregio|spett|geachte|beste|kara|hej|hei|hyva|kjaere|stimat|tisztelt|kedves|postovan|spostovan|gerb|god|cienijam"
    r"|lugupeetud|kepada|yang terhormat|pelanggan yang|kinh|mahal|ndugu|mpendwa|i nderuar|mila)\b.*,$",
    re.IGNORECASE,
)
"""A letter's first words, which a comma ends, name nobody: `Dear customer,`."""
_CAPITALS_ONLY = {"pan"}
"""Titles of people in another language: `Pan Nowak` has no tax number."""
_CUSTOMER = re.compile(
    r"client|kund|kunnu|klant|klient|zakazni|ugyfel|musteri|pelanggan|asiakas|customer|suministro|mteja"
    r"|abon|suscript|subscri"
)
"""Who has an account number, too, is known by that."""
_METER = re.compile(
    r"pointdelivraison|^pdl$|^prm$|^pod$|^cups$|^ean|^mpan|^mprn|^nmi$|tesisat|merilno|odbern|mjern|merac|malepunkt"
    r"|anlagg|leveringspunt|zahlpunkt|supplypoint|meterpoint|deliverypoint|installation|^maler|meter(?:no|nr|num|ref|id)|zahler"
    r"|contador|compteur|contatore|medidor|licznik|mittari|sayac|skaitikli|skaitit|brojil|merilnik|elektromer|vodomer"
)
"""Numbers of the place that is supplied, which change with the house and not with the person."""
_RANKS = (
    ("account_number", _METER, 0.7),
    ("account_number", _CUSTOMER, 0.9),
    ("account_number", _SECOND_CHOICE, 0.8),
    ("document_number", _OF_A_PERSON, PERSONS),
)
_ABOUT = ((LICENCE, _OF_A_LICENCE), (PASSPORT, _OF_A_PASSPORT), (BEARER, _OF_A_BEARER))
_HEADS = {"account_number": ("accountnumber", "accountno", "customernumber")}
"""Ends of English labels that say what the rest only narrows: `Land Tax Account Number`."""
_WORD = re.compile(r"(?<![^\W_])[^\W\d_]{4,}(?![^\W_])")
"""Behind `No.` it says that a house has the number: `No. 86 Jalan Bukit`."""
_LONG_NUMBER = re.compile(r"(?:\d[ .\-/]?){5}")
"""No label has one."""
_SHORT_VALUE = re.compile(r"[^\W\d_]{1,4}(?:/[^\W\d_]{1,2})?")
_CHILD_OF = re.compile(r"^[SD]\s?/\s?O\b[:. ]*", re.IGNORECASE)
_LONGEST_LABEL = 90
_CONNECTIVES = {
    "y",
    "and",
    "et",
    "und",
    "e",
    "i",
    "og",
    "och",
    "en",
    "or",
    "ou",
    "oder",
    "of",
    "to",
    "for",
    "where",
    "which",
}
"""A label goes on after them: `Primer apellido y segundo`."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label at the start of a line: the field that it names and where its value would begin in the text."""

    name: str
    end: int
    strength: float
    is_whole_line: bool
    about: str = ""
    """`LICENCE`, `PASSPORT` or `BEARER` where a number's label says which."""


def key(text: str) -> str:
    """Reduce a label to what readers do not lose: ASCII letters and digits, no spaces, no accents."""
    return re.sub(r"[^a-z0-9]", "", anyascii(re.sub(r"(?<=[\w.])[°º]", "", text)).lower())


@lru_cache(maxsize=1)
def _keys() -> dict[str, str]:
    table: dict[str, str] = {}
    for name, words in wordlists.load("labels").items():
        for word in words:
            table.setdefault(key(word), name)
    return table


@lru_cache(maxsize=_REMEMBERED)
def match(text: str) -> Label | None:
    """Read a line as a label, alone or with its value behind it; None when it is no label."""
    found = _label(text)
    return replace(found, about=_about(text[: found.end])) if found and found.name == "document_number" else found


def _about(text: str) -> str:
    parts = [key(part) for part in re.split(r"[/|·•\\()]", text)]
    return next((what for what, words in _ABOUT if any(map(words.search, parts))), "")


def _label(text: str) -> Label | None:
    if _GREETING.match(anyascii(text)) or (text.strip().lower() in _CAPITALS_ONLY and not text.isupper()):
        return None
    head, colon, rest = text.partition(":")
    if colon and key(rest) and not _named(rest.strip(" :.*/")) and (named := _named(head)):
        return Label(named[0], len(head) + 1, named[1], is_whole_line=False)
    leading = _leading(text)
    rest = text[leading.end :] if leading and not leading.is_whole_line else ""
    is_value = _LONG_NUMBER.search(rest) or (_SHORT_VALUE.fullmatch(rest) and not _named(rest))
    if key(text) not in _keys() and is_value:
        return leading
    whole = _named(text.strip(" :.*"))
    return Label(whole[0], len(text), whole[1], is_whole_line=True) if whole else leading


def _leading(text: str) -> Label | None:
    """Read the longest label at the start of a line; one of a single short word needs capitals or a mark after it."""
    if child := _CHILD_OF.match(text):
        return Label("father_name", child.end(), 0.9, is_whole_line=False)
    best: Label | None = None
    for space in re.finditer(r"[\s:]+", text):
        head, rest = text[: space.start()], text[space.end() :]
        exact = _keys().get(key(head))
        if exact == "other" and ":" not in space.group() and len(key(head)) < _LONG:
            continue
        if exact == "document_number" and _WORD.search(rest):
            continue
        if exact == "father_name" and ":" not in space.group() and len(key(head)) < _FUZZY_LENGTH:
            continue
        if exact and rest and (len(key(head)) > 3 or head.isupper()):
            best = Label(exact, space.end(), _INLINE * _strength(key(head)), is_whole_line=False)
            if rest.split()[0].lower() in _CONNECTIVES:
                name = "other" if exact == "issued_on" else exact
                best = Label(name, len(text), 0.8, is_whole_line=True)
    return best


def _named(text: str) -> tuple[str, float] | None:
    """Name the field of a label that may be written in several languages side by side."""
    plain = key(text)
    if not plain or len(plain) > _LONGEST_LABEL or plain in _titles():
        return None
    if plain in _keys():
        return _keys()[plain], _strength(plain)
    parts = [part for part in re.split(r"\s*[/|·•\\]\s*|\s[-–]\s|\(|\)|\s{2,}", text) if key(part)]
    known = [found for part in parts if (found := _one(part))]
    if len(parts) > 1 and len(known) * 2 >= len(parts):
        return _agreed(known)
    return (_one(text) or _chained(text.split())) if len(parts) == 1 else None


def _strength(plain: str) -> float:
    """Say how sure a listed label is of its field, where other labels of the page may name it better."""
    named = _keys()[plain]
    ranked = (strength for name, words, strength in _RANKS if name == named and words.search(plain))
    return next(ranked, _AMBIGUOUS.get(plain, 1.0))


def _chained(words: list[str]) -> tuple[str, float] | None:
    """Read labels of several languages that nothing parts: `Naam Name`, `Geboortedatum Date of birth`."""
    if not 1 < len(words) <= _MOST_CHAINED:
        return None
    known: list[tuple[str, float]] = []
    at = 0
    while at < len(words):
        ends = (end for end in range(len(words), at, -1) if len(key("".join(words[at:end]))) >= _LEAST_CHAINED)
        longest = next((end for end in ends if key("".join(words[at:end])) in _keys()), None)
        if longest is None:
            return None
        known.append((_keys()[key("".join(words[at:longest]))], 0.95))
        at = longest
    named = {name for name, _ in known}
    return ("other", 0.95) if "other" in named and len(named) > 1 else _agreed(known)


def _agreed(known: list[tuple[str, float]]) -> tuple[str, float]:
    """Choose among languages: `Name / Surname` and `Nom / Name` mean the surname, `Nombre / Given names` the other."""
    votes: dict[str, float] = {}
    for name, strength in known:
        votes[name] = votes.get(name, 0) + strength
    order = list(wordlists.load("labels"))
    name = max(votes, key=lambda candidate: (votes[candidate], candidate != "other", -order.index(candidate)))
    return name, max(strength for candidate, strength in known if candidate == name)


def _one(text: str) -> tuple[str, float] | None:
    plain = key(re.sub(r"^\s*\(?\d{1,2}[a-d]?[.)]?\s+", "", text))
    if plain in _titles():
        return None
    if plain in _keys():
        return _keys()[plain], _strength(plain)
    if len(plain) < _FUZZY_LENGTH:
        return None
    if name := next((name for name, ends in _HEADS.items() if plain.endswith(ends)), None):
        return name, 0.9
    least = _VERY_LONG_SCORE if len(plain) >= _VERY_LONG else _FUZZY_SCORE
    close = process.extractOne(plain, _fuzzy_keys("" if len(plain) >= _LONG else plain[0]),
                               scorer=fuzz.ratio, score_cutoff=least)  # fmt: skip
    if close is None or Levenshtein.distance(plain, close[0]) > max(1, len(plain) // _LETTERS_PER_SLIP):
        return None
    return _keys()[close[0]], close[1] / 100 - 0.05


@lru_cache(maxsize=1)
def _titles() -> set[str]:
    """Collect what documents call themselves: `DRIVING LICENCE` is a heading, not the label of its number."""
    kinds = (words for kind, words in titles.words().items() if kind != "proof_of_address")
    return {key(word) for words in kinds for word in words} - _keys().keys()


@lru_cache(maxsize=1)
def words() -> frozenset[str]:
    """Collect the single words that labels consist of: text of nothing else is a label that nobody listed."""
    phrases = (phrase for phrases in wordlists.load("labels").values() for phrase in phrases)
    return frozenset(word for phrase in phrases for word in phrase.split() if len(word) >= _LEAST_WORD)


@lru_cache
def _fuzzy_keys(initial: str) -> list[str]:
    return [word for word in _keys() if len(word) >= _FUZZY_LENGTH and word.startswith(initial)]
