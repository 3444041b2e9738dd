"""Signing secrets of webhook endpoints: drawn, sealed, opened; several sign at once while a rotation lasts."""

import base64
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from backoffice.adapters import boxes
from backoffice.clock import wall
from backoffice.models.webhooks import WebhookEndpoint
from backoffice.services.vault import aad

SECRET_PREFIX = "whsec_"  # noqa: S105 the standard's prefix, not a secret
SECRET_BYTES = 32
"""Standard Webhooks asks for 24 to 64."""
KEY_PURPOSE = "webhook-secret:1"
MAX_PREVIOUS = 3
"""Old secrets that sign beside the new one."""


def draw() -> str:
    """Draw a signing secret in the form of Standard Webhooks."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def rotate(endpoint: WebhookEndpoint, overlap: timedelta) -> str:
    """Put a new secret into a locked row and answer it.

    Whoever rotates twice cuts nobody off: what an earlier rotation promised holds. No overlap ends every old one.
    """
    secret, old = draw(), _open(endpoint.id, "secret_box", endpoint.secret_box)
    earlier = _unended(endpoint.id, endpoint.previous_secret_box, endpoint.previous_secret_until)
    kept = " ".join([old, *earlier][:MAX_PREVIOUS])
    ends = max(wall() + overlap, endpoint.previous_secret_until or wall())
    endpoint.previous_secret_box = seal(endpoint.id, "previous_secret_box", kept) if overlap else None
    endpoint.previous_secret_until = ends if overlap else None
    endpoint.secret_box = seal(endpoint.id, "secret_box", secret)
    return secret


def _unended(endpoint_id: UUID, box: bytes | None, until: datetime | None) -> list[str]:
    """Open what still signs beside the newest; an overlap is real time, like a receiver's."""
    return _open(endpoint_id, "previous_secret_box", box).split() if box and until and until > wall() else []


def signing_keys(endpoint: WebhookEndpoint) -> tuple[bytes, ...]:
    """Open the keys that sign now: the newest first, those before it while the overlap lasts."""
    until = endpoint.previous_secret_until
    return opened_keys(endpoint.id, endpoint.secret_box, endpoint.previous_secret_box, until)


def opened_keys(
    endpoint_id: UUID, box: bytes | None, previous: bytes | None, until: datetime | None
) -> tuple[bytes, ...]:
    """Open the keys of what was read of an endpoint's row."""
    texts = [_open(endpoint_id, "secret_box", box), *_unended(endpoint_id, previous, until)]
    return tuple(base64.b64decode(text.removeprefix(SECRET_PREFIX)) for text in texts)


def seal(endpoint_id: UUID, column: str, secret: str) -> bytes:
    """Seal a secret for one column of one row."""
    return boxes.seal(KEY_PURPOSE, secret.encode(), aad(endpoint_id, column))


def _open(endpoint_id: UUID, column: str, box: bytes | None) -> str:
    return boxes.open_(KEY_PURPOSE, box or b"", aad(endpoint_id, column)).decode()
