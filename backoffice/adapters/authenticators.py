"""WebAuthn: what devices that hold passkeys are asked, and whether their answers hold (WebAuthn Level 3)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from backoffice.errors import Invalid

TIMEOUT_MS = 5 * 60 * 1000
MOST_BYTES = 32 * 1024
"""An answer is some hundred bytes; one with a chain of certificates a few thousand."""
TRANSPORTS = frozenset({"ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"})
UNREADABLE = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""How the library says that an answer is not one: whoever sends it may send anything."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where passkeys hold: the host they are made for, and the origin of its pages."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class Made:
    """A new passkey, as its device describes it."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    aaguid: str
    transports: list[str]
    is_synced: bool
    is_backed_up: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What a device sent, read as far as it can be before anything in it is believed."""

    text: str
    challenge: bytes
    credential_id: bytes
    user_handle: bytes


@dataclass(frozen=True, slots=True)
class Shown:
    """What a good answer says beside that it is good."""

    sign_count: int
    is_backed_up: bool


def refused() -> Invalid:
    """Say that an answer does not hold, whatever it was that did not."""
    return Invalid("This passkey was not accepted. Try again.", code="wrong_passkey", pointer="/passkey")


@dataclass(frozen=True, slots=True)
class Whose:
    """Whom a new passkey is for, as its device shows them."""

    id: bytes
    email: str
    name: str


def registration(place: Place, whose: Whose, *, challenge: bytes, known: Sequence[bytes]) -> str:
    """Ask for a new passkey that signs in by itself and checks its person; devices with a known one say so."""
    return options_to_json(
        generate_registration_options(
            rp_id=place.host,
            rp_name="Partner Backoffice",
            user_id=whose.id,
            user_name=whose.email,
            user_display_name=whose.name,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
        )
    )


def request(place: Place, *, challenge: bytes, known: Sequence[bytes]) -> str:
    """Ask for a proof by one of the known passkeys; without any, by whichever the person chooses."""
    return options_to_json(
        generate_authentication_options(
            rp_id=place.host,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def read(text: str) -> Answer:
    """Read an answer's outside: which challenge it says it answers, with which passkey.

    Raises Invalid for what is no answer at all.
    """
    if len(text) > MOST_BYTES:
        raise refused()
    try:
        raw = json.loads(text)
        response = raw["response"]
        client = parse_client_data_json(base64url_to_bytes(response["clientDataJSON"]))
        handle = response.get("userHandle") or ""
        return Answer(text, client.challenge, base64url_to_bytes(raw["rawId"]), base64url_to_bytes(handle))
    except UNREADABLE:
        raise refused() from None


def made(answer: Answer, place: Place) -> Made:
    """Check that a new passkey was made for us, by its person, in answer to this challenge.

    Raises Invalid.
    """
    try:
        verified = verify_registration_response(
            credential=answer.text,
            expected_challenge=answer.challenge,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            require_user_verification=True,
        )
        named: list[object] = json.loads(answer.text)["response"].get("transports") or []
        transports = sorted(TRANSPORTS & {str(one) for one in named})
    except UNREADABLE:
        raise refused() from None
    return Made(
        verified.credential_id,
        verified.credential_public_key,
        verified.sign_count,
        verified.aaguid,
        transports,
        verified.credential_device_type == CredentialDeviceType.MULTI_DEVICE,
        verified.credential_backed_up,
    )


def shown(answer: Answer, place: Place, public_key: bytes) -> Shown:
    """Check that a passkey signed this challenge, for us, with its person there; its count is the caller's to judge.

    Raises Invalid.
    """
    try:
        verified = verify_authentication_response(
            credential=answer.text,
            expected_challenge=answer.challenge,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except UNREADABLE:
        raise refused() from None
    return Shown(verified.new_sign_count, verified.credential_backed_up)
