"""Invented holders of the shown set: countries, names, homes and number patterns that no other set has."""

import random
from collections.abc import Callable
from datetime import date, timedelta

from stdnum.ee import ik
from stdnum.iso7064 import mod_11_10
from stdnum.si import emso
from stdnum.tr import tckimlik

from backoffice.specimens.people import Person, number
from bench.accuracy.people import YEAR
from bench.accuracy.spent_people import filled

NAMES: dict[str, tuple[str, str, str]] = {
    "HRV": ("Jasna|Marijana|Blaženka Nika", "Davor|Dražen|Mislav Ante", "Perkov|Bariša|Kožul|Trstenjak-Šarlija"),
    "LKA": ("Dilhani Nayomi|Sandamali|Ishara Priyangika", "Nuwan Chaminda|Thilina|Asela Lakmal",
            "Wickramasinghe|Jayawardena|Gunasekara|Rathnayake"),
    "VEN": ("Yusmary Coromoto|Oriana|Maigualida Josefina", "Yorman Enrique|Freddy Ramón|Wuilfredo",
            "Urdaneta Briceño|Rondón Colmenares|Villasmil Nava|Guaicaipuro Páez"),
    "SEN": ("Yacine Binetou|Aïssatou|Astou Maïmouna", "Papa Malick|Abdoulaye|Serigne Badara", "Diop|Seck|Faye|Ciss"),
    "TWN": ("Yi-Chun|Shu-Fen|Pei-Yu", "Chih-Chiang|Kuan-Ting|Po-Jung", "Hsieh|Tsai|Liao|Chuang"),
    "MOZ": ("Graciete Olinda|Felismina Nália|Esperança Rute", "Armindo Zefanias|Hermenegildo|Osvaldo Custódio",
            "Machava|Matsinhe Langa|Zandamela|Cossa Muianga"),
    "TUR": ("Gülay|Hatice Sevgi|Özlem", "Orhan|Hüseyin|Mehmet Cem", "Aydemir|Çetinkaya|Özdemir|Korkmaz"),
    "LTU": ("Vilma|Daiva Birute|Živile", "Gintaras|Arvydas Kestutis|Žygimantas",
            "Stankevic|Jankauskaite|Šimkute|Žukauskiene;Stankus|Jankauskas|Šimkus|Žukauskas"),
    "GTM": ("Ixchel Elubia|Heidy Azucena|Sulma", "Wilver Danilo|Marvin|Elmer Obdulio",
            "Xicay Tzunún|Samayoa Orellana|Monzón Chajón|Tzoc Batz"),
    "HKG": ("Wing Sze|Ka Man|Suk Yee", "Chi Keung|Ho Yin|Siu Fung", "Cheung|Lau|Yuen|Kwok"),
    "RWA": ("Clarisse|Vestine Diane|Josiane", "Innocent|Faustin Bosco|Théogène",
            "Uwimana|Habimana|Mukeshimana|Ndayisaba"),
    "PAN": ("Itzenia Yamileth|Kathia|Mitzi Lorena", "Abdiel Omar|Eliécer|Ricaurte Isaac",
            "Pittí Samudio|Atencio Quintero|Ábrego Montezuma|Caballero Pinzón"),
    "GEO": ("Tamar|Nino|Ketevan", "Giorgi|Levan|Zurab", "Kvaratskhelia|Beridze|Lomidze|Tsiklauri"),
    "MDA": ("Natalia|Viorica|Liudmila", "Vitalie|Sergiu|Anatolie", "Ceban|Rotaru|Lupascu|Ciobanu"),
    "EGY": ("Nermine Adel|Dalia Mahmoud|Heba Tarek", "Karim Abdelhamid|Mostafa Sherif|Hany Ramadan",
            "Elsayed|Abdelaziz|Shahin|Elgendy"),
    "LVA": ("Dace|Inese Vizma|Sanita", "Aigars|Edgars Roberts|Normunds",
            "Vitola|Kalnina|Bernane|Zarina;Vitols|Kalnins|Bernans|Zarins"),
    "SRB": ("Milica|Snežana|Dragana", "Nemanja|Slobodan|Miloš", "Stojkov|Nikšin|Paunov|Todorov-Žunjan"),
    "USA": ("Danielle|Yolanda Denise|Meredith", "Vincent|Leonard Keith|Darius", "Castiglione|Pettiford|Feldman|Pagan"),
    "FJI": ("Litia Vasiti|Ateca|Sushila Wati", "Ratu Epeli|Josefa|Rajneel Avinash", "Waqanivalu|Tuilagi|Naicker|Koroi"),
    "SLV": ("Evelin Guadalupe|Dinora Vilma|Krissia", "Salvador Mauricio|Ulises Adalberto|Wilber Armando",
            "Alvarenga Portillo|Menjívar Ayala|Umaña Chicas"),
    "LIE": ("Brigitta|Doris Walburga|Rahel", "Norman|Ewald Josef|Manfred", "Frommelt|Marxer|Hasler-Beck|Büchel"),
    "MCO": ("Delphine|Laure-Agnès|Édith", "Christophe|Rainier Louis|Ghislain", "Palmaro|Médecin|Crovetto|Orecchia"),
    "BRB": ("Sherrylyn|Cheryl-Lynn|Makeda", "Ezra Winston|Tyrone|Sylvester",
            "Gittens|Blackman|Boyce-Worrell|Cumberbatch"),
}  # fmt: skip
"""Women's names, men's names, surnames; where surnames differ by sex, women's come before the semicolon."""

_HOMES: dict[str, tuple[str, str]] = {
    "HRV": ("Frankopanska ulica &&|Put Žnjana &|Kranjska &&", "21000 Split|31000 Osijek|52100 Pula"),
    "LKA": ("&& Temple Lane", "Kandy|Galle|Kurunegala"),
    "VEN": ("Av. Bolívar &&", "Maracaibo|Mérida|Barinas"),
    "SEN": ("Villa &&& Cité Keur", "Thiès|Kaolack|Ziguinchor"),
    "TWN": ("No. && Minsheng Rd.", "Tainan|Hsinchu|Hualien"),
    "MOZ": ("Rua das Acácias &&", "Beira|Nampula|Xai-Xai"),
    "TUR": ("Çamlik Mah. Lale Sok. No:&& D:&|Bahçe Mah. Gazi Cad. No:&& D:&|Yeni Mah. Çinar Sok. No:& D:&&",
            "35&&& Bornova / Izmir|07&&& Muratpasa / Antalya|16&&& Nilüfer / Bursa"),
    "LTU": ("Liepu g. &&", "Kaunas|Klaipeda|Alytus"),
    "GTM": ("& Calle &-&& Zona &", "Quetzaltenango|Chiquimula|Antigua"),
    "HKG": ("Flat &, Fortune Court", "Sha Tin|Tuen Mun|Sai Kung"),
    "RWA": ("KG && St", "Gasabo|Huye|Musanze"),
    "PAN": ("Calle && Casa &", "Santiago|David|Chitré"),
    "GEO": ("Triq il-Mithna &&|Triq San Guzepp &", "Tbilisi|Batumi|Kutaisi"),
    "MDA": ("Str. Livezii &&", "Orhei|Balti|Soroca"),
    "EGY": ("Zone &&, Street &&&", "Tanta|Mansoura|Aswan"),
    "LVA": ("Brivibas iela &&", "Jelgava|Liepaja|Valmiera"),
    "SRB": ("Dunavska &&", "Novi Sad|Kragujevac|Zrenjanin"),
    "USA": ("&&-&& Cornelia St|&&& Hudson View Pl APT &@|&&&& Genesee Ave",
            "Ridgewood NY 113&&|Poughkeepsie NY 126&&|Utica NY 135&&"),
    "FJI": ("Lot && Nadera Road|&& Ratu Mara Road|& Tavewa Avenue", "Lautoka|Nasinu|Labasa"),
    "SLV": ("Colonia Escalón", "Santa Tecla|Sonsonate|Usulután"),
    "LIE": ("Im Quäderle &&|Landstrasse &&&|Feldkircher Gasse &", "9490 Vaduz|9494 Schaan|9496 Balzers"),
    "MCO": ("&& boulevard du Larvotto|& avenue des Ligures|&& rue Plati", "98000 Monaco|98000 Monaco"),
    "BRB": ("#&& Casuarina Close|Lot && Frangipani Drive|&& Sea Grape Terrace",
            "Black Rock, St. Michael|Oistins, Christ Church|Holetown, St. James"),
}  # fmt: skip
"""Streets and towns, as spent_people fills them: & is a digit, @ a letter."""


def holder(country: str, seed: int, pattern: str) -> Person:
    """Invent one holder of a country whose document carries a number of a pattern (A letter, 9 digit, X either)."""
    dice = random.Random(f"shown{country}{seed}")
    sex = dice.choice("FM")
    surname, given = _name(country, sex, dice)
    street, town = (filled(dice.choice(part.split("|")), dice) for part in _HOMES[country])
    born = date(YEAR - dice.randint(22, 79), dice.randint(1, 12), dice.randint(1, 28))
    issued = date(YEAR - dice.randint(1, 4), dice.randint(1, 12), dice.randint(2, 28))
    ends = issued.replace(year=issued.year + dice.choice((5, 8, 10))) - timedelta(days=dice.choice((0, 1)))
    return Person(
        given, surname, born, sex, country, number(pattern, dice), issued, ends, f"{street}, {town}",
        _PERSONAL.get(country, _plain_number)(born, sex, dice), birth_place(country, dice), country, seed,
    )  # fmt: skip


def birth_place(country: str, dice: random.Random) -> str:
    """Name one of the country's towns, which need not be the one the holder lives in."""
    town = dice.choice(_HOMES[country][1].split("|")).partition(",")[0].partition(" / ")[0]
    return " ".join(word for word in town.split() if word.replace("-", "").isalpha() and not word.isupper())


def parent(who: Person, sex: str) -> tuple[str, str]:
    """Name the holder's father, who shares the first surname, or mother, who gave the last one."""
    surname, given = _name(who.nationality, sex, random.Random(f"shown{sex}{who.nationality}{who.seed}"))
    own, others = who.surname.split(" "), surname.split(" ")[1:]
    return given, " ".join([own[0] if sex == "M" else own[-1], *others])


def _name(country: str, sex: str, dice: random.Random) -> tuple[str, str]:
    female, male, surnames = NAMES[country]
    return (
        dice.choice(surnames.split(";")[0 if sex == "F" else -1].split("|")),
        dice.choice((female if sex == "F" else male).split("|")),
    )


def _plain_number(_born: date, _sex: str, dice: random.Random) -> str:
    return filled("&&&&&&&&", dice)


def _croatian(_born: date, _sex: str, dice: random.Random) -> str:
    body = filled("&&&&&&&&&&", dice)
    return body + mod_11_10.calc_check_digit(body)


def _sri_lankan(born: date, sex: str, dice: random.Random) -> str:
    """Write the number of twelve digits: the year, the day of the year (women have 500 added), a serial number."""
    day = born.timetuple().tm_yday + (500 if sex == "F" else 0)
    return f"{born.year}{day:03}{filled('&&&&&', dice)}"


def _taiwanese(_born: date, sex: str, dice: random.Random) -> str:
    return f"{dice.choice('ADFHU')}{2 if sex == 'F' else 1}{filled('&&&&&&&&', dice)}"


def _turkish(_born: date, _sex: str, dice: random.Random) -> str:
    body = filled("&&&&&&&&&", dice)
    return body + tckimlik.calc_check_digits(body)


def _lithuanian(born: date, sex: str, dice: random.Random) -> str:
    century = {("M", 19): 3, ("F", 19): 4, ("M", 20): 5, ("F", 20): 6}[sex, born.year // 100]
    body = f"{century}{born:%y%m%d}{filled('&&&', dice)}"
    return body + ik.calc_check_digit(f"{body}0")


def _serbian(born: date, sex: str, dice: random.Random) -> str:
    low, high = (500, 999) if sex == "F" else (100, 499)
    while True:
        found = f"{born:%d%m}{born.year % 1000:03}80{dice.randint(low, high)}{dice.randint(0, 9)}"
        if emso.is_valid(found):
            return found


_PERSONAL: dict[str, Callable[[date, str, random.Random], str]] = {
    "HRV": _croatian,
    "LKA": _sri_lankan,
    "TWN": _taiwanese,
    "TUR": _turkish,
    "LTU": _lithuanian,
    "SRB": _serbian,
    "VEN": lambda _born, _sex, dice: filled("1&&&&&&&", dice),
    "SEN": lambda born, sex, dice: f"{2 if sex == 'F' else 1}{filled('&&&', dice)}{born.year}{filled('&&&&&', dice)}",
}
