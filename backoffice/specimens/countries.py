"""Twelve issuers with invented designs: words, colours, layouts, number patterns and dates."""

from dataclasses import dataclass

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Country:
    """How an issuer's specimens look; patterns: A letter, 9 digit, X either."""

    code: str
    native: str
    english: str
    languages: tuple[str, ...]
    paper: Colour
    ink: Colour
    accent: Colour
    layout: int
    day: str
    passport_number: str
    card_number: str
    demonym: str
    personal_number: str = ""


_BLUE, _RED, _GREEN, _VIOLET = (36, 66, 138), (150, 44, 60), (26, 104, 82), (94, 56, 138)
_TEAL, _OCHRE, _SLATE = (16, 104, 122), (150, 98, 20), (62, 78, 104)

COUNTRIES: dict[str, Country] = {
    country.code: country
    for country in (
        Country("FRA", "République française", "French Republic", ("fr", "en"), (233, 236, 246), _BLUE, _RED,
                0, "%d %m %Y", "99AA99999", "X9A9X9A99", "Française"),
        Country("DEU", "Bundesrepublik Deutschland", "Federal Republic of Germany", ("de", "en", "fr"),
                (232, 240, 236), _GREEN, _OCHRE, 1, "%d.%m.%Y", "C9XXX9X99", "L9XX9X9X9", "deutsch"),
        Country("ESP", "Reino de España", "Kingdom of Spain", ("es", "en"), (247, 238, 228), _RED, _OCHRE,
                2, "%d %m %Y", "AAA999999", "AAA999999", "Española", "99999999A"),
        Country("ITA", "Repubblica Italiana", "Italian Republic", ("it", "en"), (234, 242, 232), _TEAL, _GREEN,
                0, "%d/%m/%Y", "AA9999999", "AA99999AA", "Italiana"),
        Country("NLD", "Koninkrijk der Nederlanden", "Kingdom of the Netherlands", ("nl", "en"), (240, 234, 246),
                _VIOLET, _OCHRE, 1, "%d %b/%b %Y", "AAX999999", "AAX999999", "Nederlandse"),
        Country("POL", "Rzeczpospolita Polska", "Republic of Poland", ("pl", "en"), (246, 234, 236), _RED, _SLATE,
                2, "%d.%m.%Y", "AA9999999", "AAA999999", "Polskie", "99999999999"),
        Country("PRT", "República Portuguesa", "Portuguese Republic", ("pt", "en"), (234, 244, 236), _GREEN, _RED,
                0, "%d %m %Y", "AA999999", "99999999A", "Portuguesa"),
        Country("SWE", "Konungariket Sverige", "Kingdom of Sweden", ("sv", "en"), (230, 238, 248), _BLUE, _OCHRE,
                1, "%Y-%m-%d", "99999999", "99999999", "Svensk", "9999999999"),
        Country("GBR", "United Kingdom", "United Kingdom", ("en", "fr"), (236, 234, 246), _SLATE, _VIOLET,
                2, "%d %b %Y", "999999999", "999999999", "British Citizen"),
        Country("USA", "United States of America", "United States of America", ("en",), (230, 238, 246), _BLUE, _RED,
                0, "%d %b %Y", "A99999999", "A99999999", "United States of America"),
        Country("BRA", "República Federativa do Brasil", "Federative Republic of Brazil", ("pt", "en"),
                (238, 244, 228), _TEAL, _GREEN, 1, "%d/%m/%Y", "AA999999", "999999999", "Brasileira"),
        Country("IND", "Republic of India", "Republic of India", ("en",), (246, 240, 226), _OCHRE, _TEAL,
                2, "%d/%m/%Y", "A9999999", "AAA999999", "Indian"),
    )
}  # fmt: skip

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "passport": "Passport", "national_id": "Identity card", "residence_permit": "Residence permit",
        "driving_licence": "Driving licence", "surname": "Surname", "given_names": "Given names",
        "date_of_birth": "Date of birth", "place_of_birth": "Place of birth", "sex": "Sex",
        "nationality": "Nationality", "document_number": "Document No.", "passport_number": "Passport No.",
        "issued_on": "Date of issue", "expires_on": "Date of expiry", "authority": "Authority",
        "address": "Address", "personal_number": "Personal No.", "type": "Type", "country": "Code",
    },
    "fr": {
        "passport": "Passeport", "national_id": "Carte d'identité", "residence_permit": "Titre de séjour",
        "driving_licence": "Permis de conduire", "surname": "Nom", "given_names": "Prénoms",
        "date_of_birth": "Date de naissance", "place_of_birth": "Lieu de naissance", "sex": "Sexe",
        "nationality": "Nationalité", "document_number": "N° du document", "passport_number": "Passeport n°",
        "issued_on": "Date de délivrance", "expires_on": "Date d'expiration", "authority": "Autorité",
        "address": "Adresse", "personal_number": "N° personnel", "type": "Type", "country": "Code du pays",
    },
    "de": {
        "passport": "Reisepass", "national_id": "Personalausweis", "residence_permit": "Aufenthaltstitel",
        "driving_licence": "Führerschein", "surname": "Name", "given_names": "Vornamen",
        "date_of_birth": "Geburtsdatum", "place_of_birth": "Geburtsort", "sex": "Geschlecht",
        "nationality": "Staatsangehörigkeit", "document_number": "Dokumentennr.", "passport_number": "Pass-Nr.",
        "issued_on": "Ausstellungsdatum", "expires_on": "Gültig bis", "authority": "Behörde",
        "address": "Anschrift", "personal_number": "Persönliche Nr.", "type": "Typ", "country": "Kode",
    },
    "es": {
        "passport": "Pasaporte", "national_id": "Documento de identidad", "residence_permit": "Permiso de residencia",
        "driving_licence": "Permiso de conducción", "surname": "Apellidos", "given_names": "Nombre",
        "date_of_birth": "Fecha de nacimiento", "place_of_birth": "Lugar de nacimiento", "sex": "Sexo",
        "nationality": "Nacionalidad", "document_number": "Núm. documento", "passport_number": "Pasaporte nº",
        "issued_on": "Fecha de expedición", "expires_on": "Válido hasta", "authority": "Autoridad",
        "address": "Domicilio", "personal_number": "Núm. personal", "type": "Tipo", "country": "Código",
    },
    "it": {
        "passport": "Passaporto", "national_id": "Carta d'identità", "residence_permit": "Permesso di soggiorno",
        "driving_licence": "Patente di guida", "surname": "Cognome", "given_names": "Nome",
        "date_of_birth": "Data di nascita", "place_of_birth": "Luogo di nascita", "sex": "Sesso",
        "nationality": "Cittadinanza", "document_number": "N. documento", "passport_number": "Passaporto n.",
        "issued_on": "Data di rilascio", "expires_on": "Data di scadenza", "authority": "Autorità",
        "address": "Residenza", "personal_number": "Codice personale", "type": "Tipo", "country": "Codice",
    },
    "nl": {
        "passport": "Paspoort", "national_id": "Identiteitskaart", "residence_permit": "Verblijfstitel",
        "driving_licence": "Rijbewijs", "surname": "Naam", "given_names": "Voornamen",
        "date_of_birth": "Geboortedatum", "place_of_birth": "Geboorteplaats", "sex": "Geslacht",
        "nationality": "Nationaliteit", "document_number": "Documentnummer", "passport_number": "Paspoortnummer",
        "issued_on": "Datum van afgifte", "expires_on": "Geldig tot", "authority": "Autoriteit",
        "address": "Adres", "personal_number": "Persoonsnummer", "type": "Soort", "country": "Code",
    },
    "pl": {
        "passport": "Paszport", "national_id": "Dowód osobisty", "residence_permit": "Karta pobytu",
        "driving_licence": "Prawo jazdy", "surname": "Nazwisko", "given_names": "Imiona",
        "date_of_birth": "Data urodzenia", "place_of_birth": "Miejsce urodzenia", "sex": "Płeć",
        "nationality": "Obywatelstwo", "document_number": "Numer dokumentu", "passport_number": "Nr paszportu",
        "issued_on": "Data wydania", "expires_on": "Data ważności", "authority": "Organ",
        "address": "Adres", "personal_number": "Numer PESEL", "type": "Typ", "country": "Kod",
    },
    "pt": {
        "passport": "Passaporte", "national_id": "Cartão de identidade", "residence_permit": "Título de residência",
        "driving_licence": "Carta de condução", "surname": "Apelidos", "given_names": "Nomes próprios",
        "date_of_birth": "Data de nascimento", "place_of_birth": "Local de nascimento", "sex": "Sexo",
        "nationality": "Nacionalidade", "document_number": "N.º do documento", "passport_number": "Passaporte n.º",
        "issued_on": "Data de emissão", "expires_on": "Data de validade", "authority": "Autoridade",
        "address": "Morada", "personal_number": "N.º pessoal", "type": "Tipo", "country": "Código",
    },
    "sv": {
        "passport": "Pass", "national_id": "Identitetskort", "residence_permit": "Uppehållstillstånd",
        "driving_licence": "Körkort", "surname": "Efternamn", "given_names": "Förnamn",
        "date_of_birth": "Födelsedatum", "place_of_birth": "Födelseort", "sex": "Kön",
        "nationality": "Nationalitet", "document_number": "Handlingens nr", "passport_number": "Passnummer",
        "issued_on": "Utfärdad den", "expires_on": "Sista giltighetsdag", "authority": "Myndighet",
        "address": "Adress", "personal_number": "Personnr", "type": "Typ", "country": "Landskod",
    },
}  # fmt: skip


def label(country: Country, word: str) -> str:
    """Write a label in at most two of the issuer's languages."""
    return " / ".join(dict.fromkeys(WORDS[language][word] for language in country.languages[:2]))
