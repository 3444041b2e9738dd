"""The usual mistakes in verifying a signature, tried in turn until one leads to what a receiver came to.

Pure, so that each mistake is tested against a receiver that really makes it (Standard Webhooks 1.0, "Verifying").
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import suppress

from backoffice.i18n import N_, gettext
from backoffice.models.signature_findings import Received
from backoffice.services.webhook_secrets import SECRET_PREFIX

RIGHT = ""
_FORMS: tuple[tuple[str, Callable[[bytes], str]], ...] = (
    (RIGHT, lambda digest: base64.b64encode(digest).decode()),
    (N_("the digest is written in hex; it is to be Base64"), bytes.hex),
    (
        N_("the digest is URL-safe Base64; it is to be plain Base64"),
        lambda digest: base64.urlsafe_b64encode(digest).decode(),
    ),
)


def mistake(received: Received, sent: bytes | None, keys: tuple[bytes, ...]) -> str | None:
    """Say what a receiver's own result comes from; empty when it is right, None when nothing we know leads to it."""
    computed = received.computed.strip().removeprefix("v1,").rstrip("=")
    for key in keys:
        for of_key, secret in _secrets(key):
            for of_content, content in _contents(received, sent):
                digest = hmac.digest(secret, content, hashlib.sha256)
                for of_form, form in _FORMS:
                    if hmac.compare_digest(form(digest).rstrip("=").encode(), computed.encode()):
                        return "; ".join(gettext(part) for part in (of_key, *of_content, of_form) if part)
    return None


def _secrets(key: bytes) -> Iterator[tuple[str, bytes]]:
    text = base64.b64encode(key).decode()
    yield RIGHT, key
    yield N_("the key is the text after whsec_; that is Base64 and has to be decoded"), text.encode()
    yield (
        N_("the key is the whole text with whsec_; what follows it is Base64 to decode"),
        f"{SECRET_PREFIX}{text}".encode(),
    )


def _contents(received: Received, sent: bytes | None) -> Iterator[tuple[tuple[str, ...], bytes]]:
    name, at = received.id.encode(), received.timestamp.encode()
    for of_body, body in _bodies(received.body, sent):
        yield (of_body,), b".".join((name, at, body))
        for words, content in (
            (N_("only the body is signed; it is to be id, timestamp and body joined by dots"), body),
            (N_("timestamp and body are signed without the id"), b".".join((at, body))),
            (N_("id, timestamp and body are joined without dots"), name + at + body),
            (N_("timestamp and id are in the wrong order"), b".".join((at, name, body))),
        ):
            yield (words, of_body), content


def _bodies(got: bytes, sent: bytes | None) -> Iterator[tuple[str, bytes]]:
    yield RIGHT, got
    if sent is not None and sent != got:
        yield N_("it is of the body that we sent, not of the one you gave here"), sent
    with suppress(ValueError, RecursionError):
        value = json.loads(got)
        for dumped in (
            json.dumps(value),
            json.dumps(value, ensure_ascii=False, separators=(",", ":")),
            json.dumps(value, separators=(",", ":")),
            json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True),
            json.dumps(value, ensure_ascii=False, indent=2),
        ):
            if dumped.encode() != got:
                yield N_("the body was parsed and written again; sign the bytes as they arrived"), dumped.encode()
