"""Invented holders of the met set: countries, names, homes and number patterns that no other set has."""

import random
from collections.abc import Callable
from datetime import date

from stdnum.bg import egn
from stdnum.il import idnr
from stdnum.si import emso

from bench.accuracy.peoples import Peoples
from bench.accuracy.spent_people import filled

_CENTURY, _MONTHS_LATER = 2000, 40
NAMES: dict[str, tuple[str, str, str]] = {
    "PRY": ("Perla Noelia|Librada|Zunilda Ysabel", "Arnaldo Ariel|Pastor Eligio|Wildo",
            "Cabañas Maidana|Insfrán Cubilla|Ojeda Benegas|Villalba Yegros-Recalde"),
    "MDG": ("Haingotiana|Lalao Voahirana|Onjaniaina", "Tojonirina|Hery Mamisoa|Solofoniaina",
            "Rakotondrabe|Ravelonarivo|Andriamihaja|Razafindrakoto"),
    "SUR": ("Soenita|Carmelita Wonny|Ashna", "Radjesh|Wensley Iwan|Delano", "Ramkhelawan|Sjak-Shie|Pinas|Kromosoeto"),
    "UGA": ("Nakato Prossy|Apio|Kyomuhendo Annet", "Okello|Ssekandi Moses|Mugisha Deus",
            "Nalwanga|Tumusiime|Byaruhanga|Opolot"),
    "ISR": ("Tehila|Shlomit Yael|Efrat", "Avishai|Yehuda Nadav|Itamar", "Ben-Shoshan|Rozental|Biton|Mizrachi"),
    "AGO": ("Jurema Teresa|Nzinga|Domingas Luzolo", "Adilson Kiala|Fernando Mateus|Gelson",
            "Quissanga|Tchipilica Chivela|Nzuzi|Cahombo Bento"),
    "BGR": ("Desislava|Radostina|Tsvetelina", "Plamen|Boyko|Rumen",
            "Dimitrova|Stoyanova|Angelova|Kolarova;Dimitrov|Stoyanov|Angelov|Kolarov"),
    "MNE": ("Jelena|Biljana|Zorica", "Veselin|Radovan|Željko", "Popadic|Vukotic|Raicevic|Šcepanovic"),
    "HND": ("Suyapa Lizeth|Iris Marbella|Gissela", "Nahún Wilmer|Darwin Joel|Emérito Osmán",
            "Zelaya Bonilla|Cálix Padilla|Euceda Pineda|Turcios Amador"),
    "CMR": ("Solange Ngono|Bernadette|Clémentine Manka", "Achille Fru|Dieudonné|Hilaire Etoundi",
            "Atangana|Nkemelu|Ewane|Tchouamo"),
    "NIC": ("Xochilt Mayela|Reyna Auxiliadora|Jahoska", "Denis Agustín|Noel Bayardo|Yader",
            "Lanuza Argüello|Blandón Centeno|Obregón Úbeda|Arauz Talavera"),
    "MUS": ("Stéphanie Nadège|Oomila|Fareeda Bibi", "Kervin Désiré|Vikash|Pravesh Anand",
            "Ramgoolam|Appadoo|Labonté|Jhurry"),
    "ARM": ("Armine|Gayane|Naira", "Vahagn|Tigran|Artur", "Hakobyan|Mkrtchyan|Ghazaryan|Sahakyan"),
    "ETH": ("Meseret Alemu|Tigist Worku|Hiwot", "Dawit Getachew|Yonas Mulugeta|Abebe",
            "Tadesse|Gebremedhin|Kebede|Woldemariam"),
    "FRO": ("Rannvá|Bjørg Heðin|Marjun", "Jógvan|Høgni Páll|Tróndur", "Joensen|á Lakjuni|Zachariassen|Debes"),
    "GIB": ("Kaiane Louise|Lynette|Charmaine Rosanne", "Kenneth Dylan|Clive|Julian Albert",
            "Bossano|Netto|Chipolina|Buttigieg"),
    "CAN": ("Brianne Elizabeth|Tamsin|Gurleen", "Kyle Everett|Devon|Harjit", "Sandhu-Reid|Kowalchuk|Gill|Thorvaldson"),
    "BWA": ("Boitumelo|Keneilwe Neo|Lorato", "Kagiso|Thabo Mpho|Onkabetse", "Mogotsi|Seretse|Kgafela|Ditlhabi"),
    "HTI": ("Islande|Mirlande Yolette|Guerda", "Wisly|Ronald Évens|Fritznel", "Estimé|Toussaint|Dessalines|Célestin"),
    "AND": ("Meritxell|Montserrat Neus|Queralt", "Pere|Josep Oriol|Guillem",
            "Armengol Riba|Naudi Casal|Vilarrubla Font|Escudé Torres"),
    "CPV": ("Djamila|Ivone Edna|Zuleica", "Nilton|Aristides Elton|Jailson",
            "Évora Tavares|Semedo Moniz|Delgado Fortes|Varela Spínola"),
    "ABW": ("Sharine Maybelline|Ruthmila|Glenda", "Eldrick|Edsel Marlon|Jossy", "Croes|Wever-Maduro|Kelly|Tromp"),
    "NAM": ("Ndapewa Hilma|Selma|Elzaan", "Petrus Tangeni|Gideon|Immanuel", "Shikongo|Nghipandulwa|Beukes|Haraseb"),
    "GRL": ("Pipaluk|Aviaja Nivi|Naja", "Malik|Pavia Aqqaluk|Inuk", "Kleist|Rosbach|Lyberth-Heilmann|Olsvig"),
}  # fmt: skip
"""Women's names, men's names, surnames; where surnames differ by sex, women's come before the semicolon."""

_HOMES: dict[str, tuple[str, str]] = {
    "PRY": ("Mcal. López &&&", "Encarnación|Caacupé|Pilar"),
    "MDG": ("Lot II & && Ambohipo", "Antsirabe|Toamasina|Fianarantsoa"),
    "SUR": ("Anamoestraat &&", "Paramaribo|Moengo|Albina"),
    "UGA": ("Plot && Kira Road", "Masaka|Mbarara|Soroti"),
    "ISR": ("Herzl &&", "Haifa|Ashdod|Tiberias"),
    "AGO": ("Rua & Bairro Azul", "Huambo|Benguela|Malanje"),
    "BGR": ("Shipka &&", "Plovdiv|Varna|Pleven"),
    "MNE": ("Njegoševa &&", "Podgorica|Bar|Kotor"),
    "HND": ("Col. Kennedy", "Comayagua|Choluteca|Juticalpa"),
    "CMR": ("BP &&&&", "Bafoussam|Bamenda|Kribi"),
    "NIC": ("Del Parque Central & c. al Sur|Bo. San Luis casa &&|Del Mercado && vrs. al Norte",
            "Matagalpa|Estelí|Masaya"),
    "MUS": ("&& Royal Road", "Curepipe|Mahebourg|Flacq"),
    "ARM": ("Patission &&&", "Gyumri|Vanadzor|Kapan"),
    "ETH": ("Way &&&&", "Gondar|Dessie|Jimma"),
    "FRO": ("Tórsgøta &&", "Tórshavn|Klaksvík|Vágur"),
    "GIB": ("&& Irish Town|Flat & Rosia Court|& Cornwall's Parade", "Gibraltar|Gibraltar"),
    "CAN": ("&&&& KINGSWAY|&&& LAKESHORE DR|& - &&&& FRASER ST",
            "BURNABY BC V5H &L&|PENTICTON BC V2A &M&|VANCOUVER BC V5V &P&"),
    "BWA": ("Plot &&&&", "Francistown|Maun|Lobatse"),
    "HTI": ("&& rue Capois", "Jacmel|Gonaïves|Hinche"),
    "AND": ("Carrer Prat de la Creu &&|Avinguda Carlemany &&|Carrer de la Vall &",
            "AD500 Andorra la Vella|AD700 Escaldes-Engordany|AD400 La Massana"),
    "CPV": ("Rua Cidade de Lisboa &&|Avenida Amílcar Cabral &&|Rua da Praia Negra &",
            "7600 Praia|2110 Mindelo|4110 Espargos"),
    "ABW": ("Caya Betico Croes &&|Bubali &&&-C|Fergusonstraat &&", "Oranjestad|San Nicolas|Noord"),
    "NAM": ("&& Dorado Street|&&& Sam Nujoma Drive|& Nelken Street", "Windhoek|Swakopmund|Walvis Bay"),
    "GRL": ("Aqqusinersuaq &&|Kuussuaq &&|Qernertunnguanut &", "3900 Nuuk|3911 Sisimiut|3952 Ilulissat"),
}  # fmt: skip
"""Streets and towns, as spent_people fills them: & is a digit, @ a letter."""


def _israeli(_born: date, _sex: str, dice: random.Random) -> str:
    body = filled("&&&&&&&&", dice)
    return next(f"{body}{i}" for i in range(10) if idnr.is_valid(f"{body}{i}"))


def _bulgarian(born: date, sex: str, dice: random.Random) -> str:
    """Write the number whose month has 40 added from 2000 on; the ninth digit is even for men."""
    month = born.month + (_MONTHS_LATER if born.year >= _CENTURY else 0)
    body = f"{born:%y}{month:02}{born:%d}{filled('&&', dice)}{dice.choice('02468' if sex == 'M' else '13579')}"
    return body + egn.calc_check_digit(body)


def _montenegrin(born: date, sex: str, dice: random.Random) -> str:
    low, high = (500, 999) if sex == "F" else (100, 499)
    while True:
        found = f"{born:%d%m}{born.year % 1000:03}21{dice.randint(low, high)}{dice.randint(0, 9)}"
        if emso.is_valid(found):
            return found


def _ugandan(born: date, sex: str, dice: random.Random) -> str:
    return f"C{sex}{born:%y}{filled('&&&&&', dice)}{filled('@@@', dice)}{filled('&@', dice)}"


def _batswana(_born: date, sex: str, dice: random.Random) -> str:
    """Write the number whose fifth digit is 1 for men and 2 for women."""
    return f"{filled('&&&&', dice)}{2 if sex == 'F' else 1}{filled('&&&&', dice)}"


_PERSONAL: dict[str, Callable[[date, str, random.Random], str]] = {
    "ISR": _israeli,
    "BGR": _bulgarian,
    "MNE": _montenegrin,
    "UGA": _ugandan,
    "BWA": _batswana,
    "PRY": lambda _born, _sex, dice: filled("&&&&&&&", dice),
    "MDG": lambda _born, sex, dice: f"{filled('&&& &&&', dice)} {2 if sex == 'F' else 1}{filled('&& &&&', dice)}",
    "SUR": lambda _born, _sex, dice: filled("@@&&&&&&@", dice),
    "CMR": lambda born, _sex, dice: filled(f"{born.year + 20}&&&&&&&&&&&&&", dice),
    "FRO": lambda born, _sex, dice: f"{born:%d%m%y}-{filled('&&&', dice)}",
}
_PEOPLES = Peoples("met", NAMES, _HOMES, _PERSONAL, plain="&&&&&&&&&", ages=(21, 76), years=(5, 6, 10))
holder, parent = _PEOPLES.holder, _PEOPLES.parent
