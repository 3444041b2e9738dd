"""Invented holders of the spent set: countries, names, homes and number patterns that no other set has."""

import random
import re
from collections.abc import Callable
from datetime import date, timedelta

from stdnum import luhn
from stdnum.br import cpf
from stdnum.cl import rut
from stdnum.it import codicefiscale
from stdnum.nl import bsn
from stdnum.ro import cnp
from stdnum.si import emso

from backoffice.specimens.people import Person, number
from bench.accuracy.people import YEAR

NAMES: dict[str, tuple[str, str, str]] = {
    "SWE": ("Elin|Tyra Signe|Gullan", "Rasmus|Torbjörn|Axel Folke", "Nyqvist|Hallström|Ängmark|Söderblom"),
    "NLD": ("Lotte|Geertruida|Fenna Roos", "Thijs|Wouter|Gijsbert", "Molenaar|ter Heuvel|Kuijpers|Zijlstra"),
    "ESP": ("Almudena|Nuria|Rosa Elvira", "Gonzalo|Iker|Sergio Manuel",
            "Cebrián Lozano|Peñalver Gil|Echevarría Mora|Villanueva Ríos"),
    "ISL": ("Guðrún|Ásdís|Hrafnhildur Eva", "Þorsteinn|Sigurður|Birkir Már",
            "Magnúsdóttir|Þórðardóttir|Ólafsdóttir;Magnússon|Þórðarson|Ólafsson"),
    "KOR": ("Seo Yeon|Ha Eun|Bo Ra", "Do Hyun|Tae Yang|Jun Seo", "Baek|Gwon|Hwang|Noh"),
    "SGP": ("Hui Xin|Siew Choo|Kavitha", "Boon Keng|Zhi Hao|Rajendran", "Ong|Chua|Teo|Pereira"),
    "DEU": ("Heike|Saskia|Hannelore Ruth", "Detlef|Torsten|Jannik Ole", "Schäfer|Bruckmann|Kröger|Vogelsang-Ruß"),
    "ITA": ("Ornella|Fiammetta|Pia Serena", "Ruggero|Dario|Fabrizio Elio", "Montanari|Gualtieri|Bevilacqua|Tamburi"),
    "SVN": ("Špela|Mojca|Neža", "Žiga|Matjaž|Jure Anton", "Vidmar|Zupan|Hribar|Krajnc-Žagar"),
    "CHL": ("Javiera|Constanza|Ximena Berta", "Cristóbal|Matías|Rodrigo Hernán",
            "Sepúlveda Tapia|Riquelme Oyarzún|Valdés Cortés|Alarcón Bravo"),
    "COL": ("Yuliana|Paola Alejandra|Nubia Dary", "Jhon Jairo|Santiago|Wilmar",
            "Ospina Cardona|Restrepo Vélez|Castaño Arango|Zuluaga Pérez"),
    "KEN": ("Wanjiru|Akinyi Faith|Chebet", "Kamau|Otieno|Kipchoge Dennis", "Mwangi|Odhiambo|Kiplagat|Mutua"),
    "GHA": ("Abena|Efua Mansa|Akosua", "Kwabena|Kofi|Yaw Ebenezer", "Boateng|Asante-Mensah|Owusu|Amponsah"),
    "BRA": ("Jussara|Larissa|Iracema Flávia", "Edvaldo|Thiago|Everton Luan",
            "Nogueira Bastos|Cavalcanti|Teixeira Lopes|Guimarães Prado"),
    "ROU": ("Ileana|Ruxandra|Otilia Daria", "Bogdan|Cornel|Horia Sorin", "Munteanu|Dobrescu|Stanciu|Ardelean"),
    "POL": ("Jadwiga|Wanda Ewa|Kinga", "Zbigniew|Kacper|Tomasz Leon", "Górka|Wójcik|Maj|Sobczak"),
    "USA": ("Autumn|Jolene Kay|Yesenia", "Colton|Marcus Dean|Elijah", "Hendrickson|Montoya|Pruitt|Sandoval"),
    "CAN": ("Océane|Maude|Flavie Rose-Lyne", "Maxime|Guillaume|Alexis Rémi", "Bélanger|Gagnon|Desrosiers|Ouellette"),
    "NZL": ("Aroha|Bronwyn|Hinemoa Claire", "Hemi|Fergus|Wiremu Scott-Lee", "Ngata|Sinclair|Parata|Whitfield"),
    "IND": ("Swati|Bhavana|Rekha Laxmi", "Nilesh|Gaurav|Dinesh Anant", "Joshi|Bhosale|Gaikwad|Waghmare"),
    "HUN": ("Katalin|Zsófia|Ildikó Réka", "Gábor|Zoltán|Balázs Áron", "Szabó|Horváth|Németh|Kárpáti"),
}  # fmt: skip
"""Women's names, men's names, surnames; where surnames differ by sex, women's come before the semicolon."""

_HOMES: dict[str, tuple[str, str]] = {
    "SWE": ("Granvägen &&|Kvarnbacken &|Tallstigen &&", "&&& && Skövde|&&& && Falun|&&& && Ystad"),
    "NLD": ("Molenweg &&|Kastanjelaan &&&|Havenkade &", "&&&& @@ Hoorn|&&&& @@ Tilburg|&&&& @@ Venlo"),
    "ESP": ("Calle Almendro &&|Paseo del Río &|Avenida de Soria &&", "&&&&& Palencia|&&&&& Huesca|&&&&& Murcia"),
    "ISL": ("Hafnargata &&|Birkimelur &|Fossvegur &&", "&&& Akureyri|&&& Selfoss|&&& Keflavík"),
    "KOR": ("&& Dongbaek-ro|&&& Haneul-gil", "Busan &&&&&|Jeonju &&&&&"),
    "SGP": ("Blk &&& Kempas Link #&&-&&&|&& Sembawang Rise #&&-&&", "Singapore &&&&&&|Singapore &&&&&&"),
    "DEU": ("Rosenweg &&|Kirchgasse &|Ahornallee &&", "&&&&& Paderborn|&&&&& Lübeck|&&&&& Zwickau"),
    "ITA": ("Via Cavallotti &&|Viale dei Pini &|Piazza Mercato &&", "&&&&& Ravenna|&&&&& Pavia|&&&&& Lecce"),
    "SVN": ("Cankarjeva ulica &&|Gregorjeva cesta &", "&&&& Kranj|&&&& Koper|&&&& Celje"),
    "CHL": ("Pasaje Los Aromos &&&|Avenida Prat &&&&", "Temuco|Rancagua|Valdivia"),
    "COL": ("Carrera && # &&-&&|Calle && # &&-&&", "Pereira|Manizales|Neiva"),
    "KEN": ("P.O. Box &&&&|P.O. Box &&&", "&&&&& Nakuru|&&&&& Kisumu|&&&&& Eldoret"),
    "GHA": ("Plot && Palm Close|House && Cocoa Street", "Kumasi|Tamale|Takoradi"),
    "BRA": ("Rua dos Ipês &&&|Travessa do Porto &&", "&&&&&-&&& Londrina|&&&&&-&&& Sobral|&&&&&-&&& Pelotas"),
    "ROU": ("Str. Teiului nr. &&|Bd. Independentei nr. &", "Cluj-Napoca|Craiova|Suceava"),
    "POL": ("ul. Ogrodowa &&|ul. Polna &", "&&-&&& Opole|&&-&&& Kielce|&&-&&& Radom"),
    "USA": ("&&&& Juniper Way|&&& Bluff Canyon Rd", "Pueblo, CO &&&&&|Greeley, CO &&&&&"),
    "CAN": ("&&& Rue des Érables|&& Chemin du Lac", "Rimouski|Granby|Saguenay"),
    "NZL": ("&& Kauri Crescent|&&& Matai Street", "Napier &&&&|Nelson &&&&|Timaru &&&&"),
    "IND": ("&& Shivneri Path|&& Gulmohar Colony", "Satara|Nashik|Kolhapur"),
    "HUN": ("Jókai utca &&|Kossuth tér &|Diófa utca &&", "&&&& Szeged|&&&& Eger|&&&& Pécs"),
}  # fmt: skip
"""Streets and towns; & is a digit, @ a letter, and a run of digits never begins with a nought."""

_VOWELS = "AEIOU"
_ITALIAN_MONTHS = "ABCDEHLMPRST"
_WOMEN_FROM = 40


def holder(country: str, seed: int, pattern: str) -> Person:
    """Invent one holder of a country whose document carries a number of a pattern (A letter, 9 digit, X either)."""
    dice = random.Random(f"spent{country}{seed}")
    female, male, surnames = NAMES[country]
    sex = dice.choice("FM")
    born = date(YEAR - dice.randint(24, 78), dice.randint(1, 12), dice.randint(1, 28))
    issued = date(YEAR - dice.randint(1, 4), dice.randint(1, 12), dice.randint(1, 28))
    surname = dice.choice(surnames.split(";")[0 if sex == "F" else -1].split("|"))
    given = dice.choice((female if sex == "F" else male).split("|"))
    street, town = (filled(dice.choice(part.split("|")), dice) for part in _HOMES[country])
    return Person(
        given_names=given,
        surname=surname,
        date_of_birth=born,
        sex=sex,
        nationality=country,
        document_number=number(pattern, dice),
        issued_on=issued,
        expires_on=issued.replace(year=issued.year + dice.choice((5, 10))) - timedelta(days=dice.choice((0, 1))),
        address=f"{street}, {town}",
        personal_number=_PERSONAL.get(country, _plain_number)(born, sex, dice),
        place_of_birth=max(town.replace(",", "").split(), key=lambda word: (word.isalpha(), len(word))),
        residence=country,
        seed=seed,
    )


def filled(pattern: str, dice: random.Random) -> str:
    """Fill & with digits and @ with letters."""

    def digits(run: re.Match[str]) -> str:
        return str(dice.randint(10 ** (len(run[0]) - 1), 10 ** len(run[0]) - 1))

    return re.sub("@", lambda _: dice.choice("BDGHKLRSTV"), re.sub("&+", digits, pattern))


def fiscal_code(who: Person, town: str) -> str:
    """Write an Italian fiscal code; `town` is the cadastral code of the place of birth."""
    (surname, open_one), (given, open_two) = _sounds(who.surname), _sounds(who.given_names)
    if len(given) > len("CCC"):
        given = given[0] + given[2:]
    names = f"{surname}{open_one}XXX"[:3] + f"{given}{open_two}XXX"[:3]
    born = who.date_of_birth
    day = born.day + (_WOMEN_FROM if who.sex == "F" else 0)
    code = f"{names}{born:%y}{_ITALIAN_MONTHS[born.month - 1]}{day:02}{town}"
    return code + codicefiscale.calc_check_digit(code)


def _sounds(name: str) -> tuple[str, str]:
    """Part the consonants of a name from its vowels."""
    letters = [sign for sign in name.upper() if sign.isalpha()]
    return "".join(s for s in letters if s not in _VOWELS), "".join(s for s in letters if s in _VOWELS)


def _plain_number(_born: date, _sex: str, dice: random.Random) -> str:
    return filled("&&&&&&&&&&", dice)


def _swedish(born: date, sex: str, dice: random.Random) -> str:
    body = f"{born:%y%m%d}{filled('&&', dice)}{dice.choice('02468' if sex == 'F' else '13579')}"
    return f"{born:%Y%m%d}-{body[-3:]}{luhn.calc_check_digit(body)}"


def _icelandic(born: date, _sex: str, dice: random.Random) -> str:
    return f"{born:%d%m%y}-{filled('&&&', dice)}{born.year // 100 % 10}"


def _dutch(_born: date, _sex: str, dice: random.Random) -> str:
    while not bsn.is_valid(found := filled("&&&&&&&&&", dice)):
        pass
    return found


def _romanian(born: date, sex: str, dice: random.Random) -> str:
    century = {("M", 19): 1, ("F", 19): 2, ("M", 20): 5, ("F", 20): 6}[sex, born.year // 100]
    body = f"{century}{born:%y%m%d}{dice.choice(('12', '22', '40'))}{filled('&&&', dice)}"
    return body + cnp.calc_check_digit(body)


def _slovenian(born: date, sex: str, dice: random.Random) -> str:
    low, high = (500, 999) if sex == "F" else (100, 499)
    while True:
        found = f"{born:%d%m}{born.year % 1000:03}50{dice.randint(low, high)}{dice.randint(0, 9)}"
        if emso.is_valid(found):
            return found


def _chilean(_born: date, _sex: str, dice: random.Random) -> str:
    body = str(dice.randint(7_000_000, 20_999_999))
    return f"{int(body):,}".replace(",", ".") + f"-{rut.calc_check_digit(body)}"


def _brazilian(_born: date, _sex: str, dice: random.Random) -> str:
    return tax_number(filled("&&&&&&&&&", dice))


def tax_number(body: str) -> str:
    """Write a Brazilian CPF of nine digits with its two check digits."""
    return next(cpf.format(found) for i in range(100) if cpf.is_valid(found := f"{body}{i:02}"))


_PERSONAL: dict[str, Callable[[date, str, random.Random], str]] = {
    "SWE": _swedish,
    "ISL": _icelandic,
    "NLD": _dutch,
    "ROU": _romanian,
    "SVN": _slovenian,
    "CHL": _chilean,
    "BRA": _brazilian,
    "KOR": lambda _born, sex, dice: f"{2 if sex == 'F' else 1}{filled('&&&&&&', dice)}",
    "SGP": lambda _born, _sex, dice: filled("S&&&&&&&@", dice),
    "GHA": lambda _born, _sex, dice: filled("GHA-7&&&&&&&&-&", dice),
}
