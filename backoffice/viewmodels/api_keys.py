"""API keys as their partner sees them: never the secret, which is shown once by the dialog that made it."""

from dataclasses import dataclass
from datetime import datetime

from backoffice.models.api_keys import ApiKey
from backoffice.models.base import Prefix, public_id
from backoffice.viewmodels.times import iso


@dataclass(frozen=True)
class KeyRow:
    """One key."""

    id: str
    name: str
    shown: str
    """Its beginning and its last four letters, enough to recognise it."""
    mode: str
    status: str
    scopes: str
    created_at: str
    last_used_at: str
    is_active: bool


def key_row(key: ApiKey, *, at: datetime) -> KeyRow:
    """Show one key."""
    status = _status(key, at)
    mode = "live" if key.livemode else "test"
    return KeyRow(
        id=public_id(Prefix.API_KEY, key.id),
        name=key.name,
        shown=f"kyc_{mode}_{key.lookup[:4]}…{key.last_four}",
        mode=mode,
        status=status,
        scopes=", ".join(key.scopes),
        created_at=iso(key.created_at),
        last_used_at=iso(key.last_used_at),
        is_active=status == "active",
    )


def _status(key: ApiKey, at: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= at else "active"
