"""What kinds of documents call themselves, in the languages of Latin-script documents."""

WORDS: dict[str, str] = {
    "passport": (
        "passport|passeport|reisepass|pasaporte|passaporto|paspoort|paszport|passaporte|passi|pasaport|putovnica"
    ),
    "residence_permit": (
        "residence permit|residence card|titre de sejour|carte de sejour|aufenthaltstitel|"
        "aufenthaltserlaubnis|permiso de residencia|tarjeta de residencia|permesso di soggiorno|"
        "verblijfstitel|verblijfsdocument|karta pobytu|titulo de residencia|autorizacao de residencia|"
        "uppehallstillstand|opholdstilladelse|permanent resident|oleskelulupa|biometric residence permit"
    ),
    "driving_licence": (
        "driving licence|driver license|drivers license|driver licence|driving license|permis de conduire|"
        "fuhrerschein|permiso de conduccion|patente di guida|rijbewijs|prawo jazdy|carta de conducao|"
        "carteira nacional de habilitacao|korkort|forerkort|kørekort|ajokortti|licencia de conducir|"
        "vozacka dozvola|ridicsky prukaz|vezetoi engedely|operator license"
    ),
    "tax_id": (
        "income tax department|permanent account number|tax identification|unique identification authority|"
        "taxpayer|tax id card|numero fiscal|steueridentifikationsnummer|social security"
    ),
    "national_id": (
        "kartu tanda penduduk|kad pengenalan|pambansang pagkakakilanlan|national identification|"
        "identity card|national identity|identification card|national id|carte d identite|"
        "carte nationale d identite|personalausweis|documento nacional de identidad|documento de identidad|"
        "carta d identita|identiteitskaart|dowod osobisty|cartao de cidadao|cartao de identidade|"
        "carteira de identidade|cedula de identidad|cedula de ciudadania|identitetskort|nationellt id|"
        "henkilokortti|osobna iskaznica|obciansky preukaz|obcansky prukaz|carte de identitate|"
        "szemelyazonosito|identity document|id card|aadhaar|identitatsausweis|isikutunnistus|"
        "asmens tapatybes"
    ),
    "proof_of_address": (
        "statement|invoice|bill|utility|amount due|account number|electricity|water|gas|meter|tariff|"
        "facture|rechnung|factura|fattura|factuur|faktura|fatura|kontoauszug|releve|extracto|kwh|balance|"
        "billing period|council tax|direct debit|broadband|bank|landlord|tenancy|due date|total due|"
        "customer service"
    ),
}
