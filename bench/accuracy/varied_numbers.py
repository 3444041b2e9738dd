"""Personal numbers of the varied set whose digits fit, for the peoples whose scheme can be checked."""

import random
from datetime import date
from types import ModuleType

from stdnum.cz import rc
from stdnum.dk import cpr
from stdnum.ee import ik
from stdnum.fi import hetu
from stdnum.hr import oib
from stdnum.lt import asmens
from stdnum.lv import pvn
from stdnum.no import fodselsnummer
from stdnum.pl import pesel
from stdnum.ro import cnp
from stdnum.se import personnummer
from stdnum.tr import tckimlik

from backoffice.specimens.people import number

_PATTERNS: dict[str, tuple[ModuleType, str]] = {
    "POL": (pesel, "{y}{m}{d}#####"),
    "CZE": (rc, "{y}{f}{d}/####"),
    "ROU": (cnp, "{c}{y}{m}{d}40####"),
    "TUR": (tckimlik, "4##########"),
    "SWE": (personnummer, "{y}{m}{d}-####"),
    "DNK": (cpr, "{d}{m}{y}-####"),
    "NOR": (fodselsnummer, "{d}{m}{y}#####"),
    "FIN": (hetu, "{d}{m}{y}-###X"),
    "HRV": (oib, "###########"),
    "LVA": (pvn, "{d}{m}{y}-1####"),
    "LTU": (asmens, "{c}{y}{m}{d}####"),
    "EST": (ik, "{c}{y}{m}{d}####"),
}
"""By people: # is a digit, d, m, y are the day of birth, f the month of women's, c the century with the sex."""
_PLAIN = ("99999999999", "9999999999", "999.999.999-99", "9999 9999 9999", "99999999-9", "AA99999999")
_NEW_CENTURY = 2000
_TRIES = 3000


def personal_number(people: str, born: date, sex: str, dice: random.Random, *, form: random.Random) -> str:
    """Invent a personal number; `form` chooses the pattern of an issuer without a scheme, `dice` its digits.

    Numbers of those born since 2000 are written in another way in some schemes; theirs are left plain.
    """
    if people not in _PATTERNS or (born.year >= _NEW_CENTURY):
        return number(form.choice(_PLAIN), dice)
    module, pattern = _PATTERNS[people]
    known = {
        "d": f"{born:%d}", "m": f"{born:%m}", "y": f"{born:%y}", "c": "3" if sex == "M" else "4",
        "f": f"{born.month + (50 if sex == 'F' else 0):02}",
    }  # fmt: skip
    if people == "ROU":
        known["c"] = "1" if sex == "M" else "2"
    filled = pattern.format(**known)
    head, _, _ = filled.partition("#")
    tail = filled.removeprefix(head).replace("#", "9")
    return next(
        (found for _ in range(_TRIES) if module.is_valid(found := head + number(tail, dice))), number(_PLAIN[0], dice)
    )
