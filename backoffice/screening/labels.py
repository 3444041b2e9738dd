"""What issuers call their fields, in the languages of Latin-script documents."""

import re
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz import fuzz, process

from backoffice.screening import titles

SYNONYMS: dict[str, str] = {
    "surname": (
        "primer apellido y segundo|primer y segundo apellido|"
        "surname|last name|family name|surnames|ln|nom|nom de famille|nom de naissance|noms|nachname|"
        "familienname|name|apellidos|apellido|primer apellido|cognome|naam|achternaam|geslachtsnaam|"
        "nazwisko|apelido|apelidos|sobrenome|efternamn|etternavn|efternavn|sukunimi|prijmeni|prezime|nume|"
        "vezeteknev|soyadi|apelyido|perekonnanimi|uzvards|pavarde|priimek"
    ),
    "given_names": (
        "mga pangalan|pangalan|given names|given name|first name|first names|forename|forenames|fn|prenom|"
        "prenoms|vorname|"
        "vornamen|nombre|nombres|nome|nomi|nomes|voornaam|voornamen|imie|imiona|imie imiona|nome proprio|"
        "nomes proprios|prenome|fornamn|fornavn|etunimi|etunimet|jmeno|ime|prenume|utonev|keresztnev|adi|"
        "eesnimi|vards|vardas|other names|first and middle names|given names and middle names|middle name"
    ),
    "full_name": (
        "full name|nama|nama lengkap|nama penuh|name of holder|holder|holders name|name and surname|"
        "surname and given names|names|"
        "nom et prenoms|nom prenoms|name vorname|nombre y apellidos|nome e cognome|cognome e nome|"
        "nome completo|imie i nazwisko|nazwisko i imie|customer|customer name|account holder|account name|"
        "name of applicant|bill to|titular|titulaire|kontoinhaber|naam houder|client|cliente|kunde|"
        "naam en voornamen"
    ),
    "date_of_birth": (
        "petsa ng kapanganakan|tanggal lahir|tgl lahir|tempat tgl lahir|tempat tanggal lahir|tarikh lahir|"
        "date of birth|birth date|born|dob|d o b|birthday|born on|date de naissance|ne le|nee le|ne e le|"
        "geburtsdatum|geburtstag|geboren am|geb datum|fecha de nacimiento|fecha nacimiento|nacimiento|"
        "f nacimiento|data di nascita|nato il|geboortedatum|geboren op|data urodzenia|data de nascimento|"
        "nascimento|fodelsedatum|fodselsdato|syntymaaika|datum narozeni|datum rodenja|data nasterii|"
        "szuletesi ido|szuletesi datum|dogum tarihi|sunniaeg|dzimsanas datums|gimimo data|datum rojstva|"
        "year of birth|fodelsetid"
    ),
    "sex": (
        "sex|jenis kelamin|jantina|kasarian|gender|sexe|geschlecht|sexo|sesso|geslacht|plec|kon|kjonn|sukupuoli|"
        "pohlavi|spol|sexul|nem|"
        "cinsiyet|sugu|dzimums|lytis|kon sex"
    ),
    "nationality": (
        "nationality|citizenship|kewarganegaraan|warganegara|nationalite|staatsangehorigkeit|nationalitat|"
        "nacionalidad|nazionalita|"
        "cittadinanza|nationaliteit|obywatelstwo|nacionalidade|nationalitet|medborgarskap|statsborgerskap|"
        "kansalaisuus|statni obcanstvi|drzavljanstvo|cetatenie|allampolgarsag|uyrugu|kodakondsus|pilsoniba|"
        "pilietybe"
    ),
    "document_number": (
        "nik|no kad pengenalan|nomor induk kependudukan|document no|document number|document nr|doc no|"
        "passport no|passport number|card no|card number|"
        "identity card no|identity card number|id no|id number|id card no|licence no|licence number|"
        "license no|license number|dl|dl no|dln|driver license number|driving licence no|permit no|"
        "permit number|id|number|no|no du document|n du document|numero du document|n document|document n|"
        "n de document|passeport n|n de passeport|numero de passeport|carte n|n de carte|numero de carte|"
        "n carte|titre n|n du titre|permis n|numero du permis|dokumentennummer|dokumentennr|dokument nr|"
        "ausweisnummer|ausweis nr|ausweisnr|pass nr|passnr|reisepass nr|passnummer|kartennummer|karten nr|"
        "fuhrerschein nr|fuhrerscheinnummer|nr|nummer|num documento|numero de documento|n documento|"
        "no documento|n de documento|pasaporte n|pasaporte no|n de pasaporte|numero de pasaporte|"
        "num soporte|idesp|dni|nie|num dni|n dni|documento|documento n|cedula|cedula n|permiso n|"
        "numero documento|passaporto n|numero passaporto|carta n|numero carta|patente n|numero patente|"
        "documentnummer|document nummer|paspoortnummer|paspoort nr|kaartnummer|rijbewijsnummer|"
        "numer dokumentu|nr dokumentu|seria i numer|nr dowodu|numer dowodu|nr paszportu|numer paszportu|"
        "paszport nr|numer prawa jazdy|n do documento|no do documento|numero do documento|passaporte n|"
        "n do passaporte|n passaporte|no do passaporte|registro geral|rg|n registro|num registro|cartao n|"
        "n do cartao|numero do cartao|handlingens nr|handlingsnr|kort nr|kortnummer|passinumero|pasfnr|"
        "cislo dokladu|cislo pasu|broj dokumenta|broj putovnice|broj osobne iskaznice|okmanyazonosito|pan|"
        "permanent account number|account number card|pan number|aadhaar number|aadhaar no|your aadhaar no|"
        "tax id|tax identification number|tin|permanent account number card|reference number|"
        "customer id number|identity no|identity number|national id|national id no|national identity no|"
        "numero identite|no identite|numer karty|dokumento nr|dokumenta nr|belge no|kimlik no|seri no|"
        "pasaport no"
    ),
    "issued_on": (
        "date of issue|issue date|issued|issued on|iss|doi|date issued|date of issuance|date de delivrance|"
        "delivre le|delivree le|date d emission|emis le|ausstellungsdatum|ausgestellt am|ausgestellt|"
        "datum der ausstellung|fecha de expedicion|fecha expedicion|expedicion|fecha de emision|emision|"
        "emitido|data di rilascio|rilasciata il|rilascio|emissione|data di emissione|datum van afgifte|"
        "afgiftedatum|afgegeven op|datum afgifte|data wydania|wydano|data de emissao|emissao|"
        "data de expedicao|data emissao|expedicao|utfardad den|utfardad|utfardandedatum|utstedt|"
        "utstedelsesdato|udstedt|udstedelsesdato|myontamispaiva|datum vydani|datum izdavanja|data emiterii|"
        "kiallitas datuma|verilis tarihi|valid from|statement date|bill date|invoice date|date|valid since|"
        "issue|rechnungsdatum|date de facture|fecha de factura|data fattura|factuurdatum|data wystawienia|"
        "fakturadatum|date of statement|datum"
    ),
    "expires_on": (
        "date of expiry|expiry date|berlaku hingga|berlaku sampai|expiry|expiration date|date of expiration|"
        "expires|expires on|exp|"
        "exp date|valid until|valid to|valid thru|valid till|validity|doe|date d expiration|expire le|"
        "valable jusqu au|valable jusqua|date d echeance|date de fin de validite|fin de validite|"
        "gultig bis|ablaufdatum|gultigkeit|valido hasta|valida hasta|fecha de caducidad|fecha caducidad|"
        "caducidad|validez|fecha de vencimiento|vencimiento|fecha de expiracion|data di scadenza|scadenza|"
        "valido fino al|valida fino al|geldig tot|vervaldatum|geldig tot en met|data waznosci|"
        "termin waznosci|wazny do|wazna do|data de validade|validade|valido ate|data validade|"
        "sista giltighetsdag|giltig till|giltigt t o m|gyldig til|utlopsdato|udlobsdato|"
        "viimeinen voimassaolo|voimassa|platnost do|datum platnosti|vrijedi do|data expirarii|"
        "ervenyessegi ido|lejarat|son gecerlilik|gecerlilik tarihi|due date"
    ),
    "issuing_country": (
        "code|country code|issuing state|issuing country|code of issuing state|country|country of issue|"
        "code du pays|pays|pays emetteur|etat emetteur|kode|code des staates|ausstellender staat|codigo|"
        "codigo pais|pais|pais emisor|codice|codice paese|paese|stato|land|landcode|landskod|kod|"
        "kod panstwa|kod kraju|codigo do pais|pais emissor|issuing state code"
    ),
    "address": (
        "address|alamat|tirahan|residence|permanent address|current address|home address|service address|"
        "mailing address|"
        "supply address|adresse|domicile|domicilio|direccion|anschrift|wohnort|indirizzo|residenza|adres|"
        "woonplaats|adres zameldowania|adres zamieszkania|morada|endereco|adress|bostadsadress|osoite|"
        "adresa|lakcim|ikametgah|place of residence|billing address"
    ),
    "father_name": (
        "fathers name|father name|father|name of father|nom du pere|name des vaters|nombre del padre|"
        "nome do pai|nome del padre|imie ojca|imiona rodzicow|s o|d o|father s name|fathersname"
    ),
    "personal_number": (
        "personal no|personal number|personal id|n personnel|no personnel|numero personnel|personliche nr|"
        "personliche nummer|num personal|numero personal|n personal|codice personale|codice fiscale|"
        "persoonsnummer|bsn|burgerservicenummer|numer pesel|pesel|n pessoal|no pessoal|numero pessoal|cpf|"
        "nif|personnr|personnummer|fodselsnummer|personal identification number|isikukood|rodne cislo|oib|"
        "cnp|personal code|asmens kodas|personas kods|henkilotunnus|numero de identificacion fiscal|"
        "social security number|ssn|nin|nino"
    ),
    "account_number": (
        "account number|account no|account|account id|acct no|customer number|customer no|customer id|"
        "contract number|iban|kundennummer|vertragsnummer|vertragskonto|numero de compte|n de compte|"
        "n client|numero client|reference client|numero de cuenta|n de cuenta|numero de cliente|contrato|"
        "numero cliente|codice cliente|numero conto|klantnummer|rekeningnummer|numer konta|numer klienta|"
        "nr klienta|numero da conta|n de cliente|numero do cliente|kundnummer|kontonummer|policy number|"
        "meter account|consumer number|consumer no|numero di conto"
    ),
    "postal_code": (
        "postal code|postcode|zip|zip code|pin code|pincode|code postal|plz|codigo postal|cap|kod pocztowy|cep"
    ),
    "other": (
        "type|typ|tipo|soort|place of birth|lieu de naissance|geburtsort|lugar de nacimiento|"
        "luogo di nascita|geboorteplaats|miejsce urodzenia|local de nascimento|naturalidade|fodelseort|"
        "fodested|authority|autorite|behorde|autoridad|autorita|autoriteit|organ|organ wydajacy|autoridade|"
        "myndighet|issuing authority|height|taille|grosse|estatura|altura|statura|lengte|wzrost|langd|eyes|"
        "eye colour|color of eyes|augenfarbe|hair|weight|wgt|hgt|class|categories|restrictions|"
        "endorsements|end|rest|signature|unterschrift|firma|signature of holder|holders signature|"
        "signature du titulaire|firma del titolare|firma del titular|podpis|assinatura|namnteckning|"
        "handtekening|religious or artist name|birth name|geburtsname|remarks|observations|anmerkungen|"
        "bemerkungen|type of permit|amount due|total|telephone|phone|email|place of issue|"
        "lieu de delivrance|page|invoice number|bill number|invoice no|bill no|rechnungsnummer|period|"
        "billing period|spouse name|mothers name|mother name|nom d usage|nombre de los padres|blood group|"
        "organ donor|veteran|dd|document discriminator|art des titels|type de titre|tipo de permiso|"
        "rodzaj zezwolenia|kind of permit|registration number|residence permit type|issued by|delivre par|"
        "ausgestellt von|wydany przez|emitido por|can|access number|zugangsnummer|valid in|meter number|"
        "tariff"
    ),
}

NUMBERED = {
    "1": "surname", "2": "given_names", "3": "date_of_birth", "4a": "issued_on", "4b": "expires_on", "4c": "other",
    "4d": "personal_number", "5": "document_number", "6": "other", "7": "other", "8": "address", "9": "other",
    "10": "other", "11": "other", "12": "other", "15": "sex",
}  # fmt: skip
"""The field marks of European driving licences (Directive 2006/126/EC, annex I)."""

_FUZZY_LENGTH, _FUZZY_SCORE = 6, 84.0
_LONGEST_LABEL = 90
_PRIORITY = tuple(SYNONYMS)
_CONNECTIVES = {"y", "and", "et", "und", "e", "i", "og", "och", "en", "or", "ou", "oder", "of"}
"""A label goes on after them: `Primer apellido y segundo`."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label at the start of a line: the field that it names and where its value would begin in the text."""

    name: str
    end: int
    strength: float
    is_whole_line: bool


def key(text: str) -> str:
    """Reduce a label to what readers do not lose: ASCII letters and digits, no spaces, no accents."""
    return re.sub(r"[^a-z0-9]", "", anyascii(text).lower())


@lru_cache(maxsize=1)
def _keys() -> dict[str, str]:
    table: dict[str, str] = {}
    for name, words in SYNONYMS.items():
        for word in words.split("|"):
            table.setdefault(key(word), name)
    return table


def match(text: str) -> Label | None:
    """Read a line as a label, alone or with its value behind it; None when it is no label."""
    whole = _named(text.strip(" :.*"))
    if whole:
        return Label(whole[0], len(text), whole[1], is_whole_line=True)
    head, colon, rest = text.partition(":")
    if colon and rest.strip() and (named := _named(head)):
        return Label(named[0], len(head) + 1, named[1], is_whole_line=False)
    return _leading(text)


def _leading(text: str) -> Label | None:
    """Read the longest label at the start of a line; one of a single short word needs capitals or a mark after it."""
    best: Label | None = None
    for space in re.finditer(r"[\s:]+", text):
        head, rest = text[: space.start()], text[space.end() :]
        exact = _keys().get(key(head))
        if exact and rest and (len(key(head)) > 3 or head.isupper()):
            best = Label(exact, space.end(), 0.9, is_whole_line=False)
            if rest.split()[0].lower() in _CONNECTIVES:
                best = Label(exact, len(text), 0.8, is_whole_line=True)
    return best


def _named(text: str) -> tuple[str, float] | None:
    """Name the field of a label that may be written in several languages side by side."""
    plain = key(text)
    if not plain or len(plain) > _LONGEST_LABEL or plain in _titles():
        return None
    if plain in _keys():
        return _keys()[plain], 1.0
    parts = [part for part in re.split(r"\s*[/|·•\\]\s*|\s[-–]\s|\(|\)|\s{2,}", text) if key(part)]
    known = [found for part in parts if (found := _one(part))]
    if len(parts) > 1 and len(known) * 2 >= len(parts):
        return _agreed(known)
    return _one(text) if len(parts) == 1 else None


def _agreed(known: list[tuple[str, float]]) -> tuple[str, float]:
    """Choose among languages: `Name / Surname` and `Nom / Name` mean the surname, `Nombre / Given names` the other."""
    votes: dict[str, float] = {}
    for name, strength in known:
        votes[name] = votes.get(name, 0) + strength
    name = max(votes, key=lambda candidate: (votes[candidate], candidate != "other", -_PRIORITY.index(candidate)))
    return name, max(strength for candidate, strength in known if candidate == name)


def _one(text: str) -> tuple[str, float] | None:
    plain = key(re.sub(r"^\s*\(?\d{1,2}[a-d]?[.)]?\s+", "", text))
    if plain in _titles():
        return None
    if plain in _keys():
        return _keys()[plain], 1.0
    if len(plain) < _FUZZY_LENGTH:
        return None
    close = process.extractOne(plain, _fuzzy_keys(), scorer=fuzz.ratio, score_cutoff=_FUZZY_SCORE)
    return (_keys()[close[0]], close[1] / 100 - 0.05) if close else None


@lru_cache(maxsize=1)
def _titles() -> set[str]:
    """Collect what documents call themselves: `DRIVING LICENCE` is a heading, not the label of its number."""
    kinds = (words for kind, words in titles.WORDS.items() if kind != "proof_of_address")
    return {key(word) for words in kinds for word in words.split("|")} - _keys().keys()


@lru_cache(maxsize=1)
def _fuzzy_keys() -> list[str]:
    return [word for word in _keys() if len(word) >= _FUZZY_LENGTH - 1]
