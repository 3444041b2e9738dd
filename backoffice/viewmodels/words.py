"""What people call the codes."""

TYPES = {
    "passport": "Passport",
    "national_id": "ID card",
    "driving_licence": "Driving licence",
    "residence_permit": "Residence permit",
    "tax_id": "Tax ID",
    "proof_of_address": "Proof of address",
    "selfie": "Selfie",
    "other": "Other document",
}
CHECKS = {
    "file_safety": "File safety",
    "image_quality": "Image quality",
    "classification": "Document type",
    "text": "Readable text",
    "mrz": "Machine readable zone",
    "barcode": "Barcode",
    "data_consistency": "Data consistency",
    "applicant_match": "Applicant match",
    "expiry": "Expiry",
    "age": "Age",
    "originality": "Originality",
    "tampering": "Tampering",
    "duplicate": "Duplicates",
    "face_match": "Face match",
    "policy": "Policy",
}
FIELDS = {
    "full_name": "Name",
    "given_names": "Given names",
    "surname": "Surname",
    "date_of_birth": "Born",
    "document_number": "Number",
    "nationality": "Nationality",
    "issuing_country": "Issued by",
    "issued_on": "Issued on",
    "expires_on": "Expires on",
    "sex": "Sex",
    "personal_number": "Personal number",
    "address": "Address",
    "postal_code": "Postal code",
    "father_name": "Father's name",
    "account_number": "Account number",
}
SIDES = {"front": "Front", "back": "Back", "selfie": "Selfie", "page": "Page"}


def document_kind(type_: str | None, country: str | None) -> str:
    """Say what a document is: Passport NGA."""
    return " ".join(part for part in (TYPES.get(type_ or "", "Document"), country) if part)


def plain(code: str) -> str:
    """Turn an unknown code into words rather than fail."""
    return code.replace("_", " ").capitalize()
