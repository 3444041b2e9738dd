"""Invented holders of the held_out set: countries, names, homes and number patterns that no other set has."""

import random
from collections.abc import Callable
from datetime import date
from itertools import count

from backoffice.specimens.mrz import check_digit
from backoffice.specimens.people import Person
from bench.accuracy.peoples import Peoples
from bench.accuracy.spent_people import filled

NAMES: dict[str, tuple[str, str, str]] = {
    "DZA": ("Nesrine|Wahiba Lynda|Fella", "Abdelkader|Sofiane Nadir|Rabah", "Benbouzid|Haddadi|Mezghenna|Kaci-Aïssa"),
    "GNQ": ("Purificación|Trinidad Obono|Consuelo Nchama", "Crisantos|Anacleto Ondó|Tarsicio",
            "Nsue Mangue|Esono Oyono|Bokesa Riocalo|Obiang Asumu"),
    "TLS": ("Felicidade|Natalícia Filomena|Olandina", "Xisto|Virgílio Agapito|Aniceto",
            "Guterres Belo|Ximenes Lobato|Sarmento Babo|Amaral Boavida"),
    "SYC": ("Marie-Lise|Juliette Sheryl|Nathalie", "Jean-Claude|Terry Wilven|Garry",
            "Hoareau|Adrienne|Payet|Bristol-Labrosse"),
    "KAZ": ("Aigerim|Saule|Dinara", "Nurlan|Yerbol|Askar",
            "Akhmetova|Suleimenova|Zhumabayeva;Akhmetov|Suleimenov|Zhumabayev"),
    "LBN": ("Rita-Maria|Joumana|Nayla Hoda", "Elie Georges|Ghassan|Marwan",
            "Khoury|Haddad|Abou-Jaoudé|Chamoun|Frangié"),
    "MRT": ("Mariem|Khadijetou|Vatimetou", "Cheikhna|Ely Bechir|Moctar", "Deddahi|Abeiderrahmane|Soueilem|Tandia"),
    "KWT": ("Shaikha|Dalal|Anoud Fahad", "Bader|Meshari Nasser|Talal", "Al-Mutairi|Al-Rashidi|Al-Enezi|Al-Kandari"),
    "SLE": ("Isatu|Kadiatu Marion|Hawanatu", "Santigie|Foday|Sahr Tamba", "Kargbo|Koroma|Bangura|Conteh"),
    "LSO": ("Lineo|Palesa Mamello|Relebohile", "Retselisitsoe Moeketsi|Tšepo|Khotso",
            "Mokhehle|Lekhanya|Ramaema|Phafane"),
    "BDI": ("Jeanine Evelyne|Spès|Immaculée Goreth", "Égide|Pontien Déo|Audace",
            "Ndayishimiye|Niyonkuru|Habonimana|Bigirimana"),
    "MDV": ("Aishath Shifana|Fathimath|Mariyam Nazima", "Nashid Afrah|Hussain|Imad Shareef",
            "Waheed|Rasheedh|Didi|Manik"),
    "SDN": ("Ihsan Elfatih|Tayseer|Sumaya", "Elsadig Hamid|Mutasim|Abubaker", "Elnour|Eltayeb|Khalafalla|Elamin"),
    "AZE": ("Aysel|Gunay|Lala", "Elchin|Vugar|Ramil", "Aliyeva|Huseynova|Mammadova;Aliyev|Huseynov|Mammadov"),
    "GGY": ("Celia Margaret|Rosalie|Perrine", "Hilary Bertram|Denys|Lionel", "Mahy|Ozanne|Brehaut|Torode|Falla"),
    "USA": ("Tabitha Lorraine|Krystal|Lucinda Inez", "Darnell Rufus|Chase|Tyrell Neil",
            "Blankenship|Yarbrough|Zamora|Strickland"),
    "SWZ": ("Nomcebo|Tibusiso Sibongile|Gcebile", "Mandla|Sifiso Muzi|Bhekithemba",
            "Simelane|Nxumalo|Shongwe|Vilakati"),
    "GIN": ("Fatoumata Binta|Mabinty|Oumou Hawa", "Thierno Saïdou|Lansana|Ansoumane Fodé",
            "Diallo|Camara|Sylla|Bangoura|Condé"),
    "STP": ("Celmira|Edlena Nazaré|Aurízia", "Arlindo|Gaudêncio Nilo|Adérito",
            "Espírito Santo|Ceita Bragança|Lima Trovoada|Afonso Quaresma"),
    "PYF": ("Hinano|Vaitiare Poema|Tehani", "Teva|Manutea Heifara|Tamatoa", "Tetuanui|Teriitahi|Maamaatua|Brotherson"),
    "CUW": ("Sharlaine|Quisleyn|Jairine Antoinette", "Rignald|Elvis Giovanni|Gilmar",
            "Martina|Cijntje|Pieternella|Sambo"),
    "BRN": ("Hazwani Amal|Hajah Rahmah|Dayang Rosnah", "Awang Mahmud|Hardi Zulkifli|Pengiran Saiful",
            "binti Metussin|binti Tengah|binti Timbang;bin Metussin|bin Tengah|bin Timbang"),
    "BMU": ("Cordelia|Shandre Dawn|Winifred", "Calvin|Kyrone Wendell|Graeme",
            "Outerbridge|Trimingham|Zuill|Dickinson"),
    "ALA": ("Carola|Ulla-Britt|Sonja Viola", "Börje|Runar Anders|Stig-Olof", "Häggblom|Danielsson|Sundblom|Öhberg"),
}  # fmt: skip
"""Women's names, men's names, surnames; where surnames differ by sex, women's come before the semicolon."""

_HOMES: dict[str, tuple[str, str]] = {
    "DZA": ("&& Rue Didouche Mourad", "Oran|Constantine|Annaba|Tlemcen"),
    "GNQ": ("Barrio Ela Nguema", "Malabo|Bata|Ebebiyin"),
    "TLS": ("Rua de Caicoli", "Dili|Baucau|Maliana"),
    "SYC": ("Anse Etoile", "Victoria|Beau Vallon|Takamaka"),
    "KAZ": ("Abay kóshesi &&", "Almaty|Karaganda|Shymkent"),
    "LBN": ("Rue Gouraud", "Beyrouth|Zahlé|Batroun"),
    "MRT": ("Ilot &&", "Nouakchott|Kaédi|Atar"),
    "KWT": ("Block &", "Salmiya|Jahra|Hawalli"),
    "SLE": ("&& Kissy Road|& Wilkinson Road|&& Bojon Street", "Freetown|Kenema|Makeni"),
    "LSO": ("P.O. Box &&&", "Maseru|Leribe|Mafeteng"),
    "BDI": ("Kinindo", "Gitega|Ngozi|Muyinga"),
    "MDV": ("M. Nooraaneege|G. Huvandhumaage|H. Athireege", "Male'|Kulhudhuffushi|Hithadhoo"),
    "SDN": ("Omdurman", "Khartoum|Atbara|Kassala"),
    "AZE": ("Nizami &&", "BAKU|GANJA|SUMGAIT"),
    "GGY": ("Les Petites Fontaines|& Vauvert Terrace|La Houguette, Rue des Marettes",
            "St Peter Port GY1 &@@|St Martin GY4 &@@|Castel GY5 &@@"),
    "USA": ("&&& E BROAD ST|&&&& LANCASTER AVE|&&& VINE ST APT &",
            "COLUMBUS, OH 432&&|DAYTON, OH 454&&|TOLEDO, OH 436&&"),
    "SWZ": ("P.O. Box &&&&", "Manzini|Mbabane|Siteki"),
    "GIN": ("Quartier Almamya|Quartier Lambanyi|Quartier Madina", "Conakry|Kindia|Kankan"),
    "STP": ("Bairro do Riboque|Avenida Marginal &&|Rua Três de Fevereiro &&", "São Tomé|Trindade|Neves"),
    "PYF": ("PK &&, côté montagne|BP &&&&|Servitude Teissier, lot &",
            "98718 Punaauia|98713 Papeete|98704 Faa'a|98729 Papetoai"),
    "CUW": ("Kaya Kokolishi &&|Schottegatweg Oost &&&|Kaya Hulanda &", "Willemstad, Curaçao"),
    "BRN": ("No. &&, Simpang &&&, Jalan Gadong|Unit &, Lot &&&&, Kampong Kiarong|No. &, Spg &&-&&, Jalan Muara",
            "Bandar Seri Begawan BE1&18|Bandar Seri Begawan BE3&19|Brunei-Muara BB&713"),
    "BMU": ("&& Middle Road|& Spanish Point Road|Seabright, && South Road",
            "Warwick WK 0&|Pembroke HM 0&|Paget PG 0&|Smith's FL 0&"),
    "ALA": ("Storagatan && A &|Skarpansvägen &&|Strandvägen & lgh &",
            "AX-22100 Mariehamn|AX-22150 Jomala|AX-22410 Godby"),
}  # fmt: skip
"""Streets and towns, as spent_people fills them: & is a digit, @ a letter."""

_CENTURY, _TEN = 2000, 10
_KUWAITI = (2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def _algerian(born: date, sex: str, dice: random.Random) -> str:
    """Write the 18 digits that begin with the class of nationality, the sex and three digits of the year of birth."""
    return f"1{0 if sex == 'M' else 1}{born.year % 1000:03}{filled('&&&&&&&&&&&&&', dice)}"


def _kazakh(born: date, sex: str, dice: random.Random) -> str:
    """Write the 12 digits whose last is a weighted sum, with other weights where the first ones give ten."""
    first = (5 if born.year >= _CENTURY else 3) + (sex == "F")
    while True:
        body = f"{born:%y%m%d}{first}{filled('&&&&', dice)}"
        for weights in (range(1, 12), (*range(3, 12), 1, 2)):
            if (left := _weighed(body, weights) % 11) < _TEN:
                return f"{body}{left}"


def _mauritanian(_born: date, _sex: str, dice: random.Random) -> str:
    """Write the ten digits that leave one when divided by 97."""
    found = int(filled("&&&&&&&&&&", dice))
    return str(found - found % 97 + 1)


def _kuwaiti(born: date, _sex: str, dice: random.Random) -> str:
    """Write the 12 digits that begin with the century, 2 or 3, and the date of birth."""
    while True:
        body = f"{3 if born.year >= _CENTURY else 2}{born:%y%m%d}{filled('&&&&', dice)}"
        if (last := 11 - _weighed(body, _KUWAITI) % 11) < _TEN:
            return f"{body}{last}"


def _ukrainian(born: date, _sex: str, dice: random.Random) -> str:
    """Write the record number of the register, whose last digit is that of a zone."""
    body = f"{born:%Y%m%d}{filled('0&&&', dice)}"
    return f"{body[:8]}-{body[8:]}{check_digit(body)}"


def _swazi(born: date, sex: str, dice: random.Random) -> str:
    return f"{born:%y%m%d}{6 if sex == 'M' else 1}100{filled('&&&', dice)}"


def _weighed(digits: str, weights: tuple[int, ...] | range) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))


_PERSONAL: dict[str, Callable[[date, str, random.Random], str]] = {
    "DZA": _algerian,
    "KAZ": _kazakh,
    "MRT": _mauritanian,
    "KWT": _kuwaiti,
    "AZE": _ukrainian,
    "SWZ": _swazi,
    "SYC": lambda _born, _sex, dice: filled("9&&-&&&&-&-&-&&", dice),
    "SLE": lambda _born, _sex, dice: filled("@&@&@&@@", dice),
    "LSO": lambda _born, _sex, dice: filled("0&&&&&&&&&&&", dice),
}

_PEOPLES = Peoples("held_out", NAMES, _HOMES, _PERSONAL, years=(5, 8, 10))
holder, parent = _PEOPLES.holder, _PEOPLES.parent


def other(who: Person, sex: str) -> tuple[str, str]:
    """Name a relative of the holder where surnames are not shared: a mother before she married, or a Burundian."""
    found = (holder(who.nationality, who.seed + 1000 * i, "") for i in count(1))
    return next(
        (one.given_names, one.surname)
        for one in found
        if one.sex == sex and one.surname != who.surname and one.given_names != who.given_names
    )
