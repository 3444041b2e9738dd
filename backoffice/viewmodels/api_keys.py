"""API keys as their partner sees them: never the secret, which is shown once by the dialog that made it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backoffice.i18n import gettext, number
from backoffice.models.api_keys import ApiKey, ApiKeySecret, SecretState
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
    denied: str
    """What it never reads; empty when it reads whatever its scopes allow."""
    created_at: str
    last_used_at: str
    expires_at: str
    is_active: bool
    rotation: str = ""
    """pending while a new secret waits for its first use, retiring while an old one still works."""
    other_shown: str = ""
    """The secret that comes or goes."""
    late_uses: str = ""
    late_at: str = ""
    ends_at: str = ""


def key_row(key: ApiKey, secrets: Sequence[ApiKeySecret], *, at: datetime) -> KeyRow:
    """Show one key with what goes on with its secrets; the newest secret comes first."""
    status = _status(key, at)
    mode = "live" if key.livemode else "test"
    others = [one for one in secrets if one.state != SecretState.ACTIVE] if status == "active" else []
    other = others[0] if others else None
    is_retiring = other is not None and other.state == SecretState.RETIRING
    return KeyRow(
        id=public_id(Prefix.API_KEY, key.id),
        name=key.name,
        shown=f"kyc_{mode}_{key.lookup[:4]}…{key.last_four}",
        mode=mode,
        status=status,
        scopes=", ".join(key.scopes),
        denied=", ".join(key.denied_attributes),
        created_at=iso(key.created_at),
        last_used_at=iso(key.last_used_at),
        expires_at=iso(key.expires_at),
        is_active=status == "active",
        rotation=other.state if other else "",
        other_shown=f"…{other.last_four}" if other else "",
        late_uses=_times(other.late_uses) if other and is_retiring else "",
        late_at=iso(other.last_used_at) if other and is_retiring and other.late_uses else "",
        ends_at=iso(other.ends_at) if other else "",
    )


def _times(count: int) -> str:
    if count > 1:
        return gettext("used {count} times since", count=number(count))
    return gettext("used once since") if count else gettext("not used since")


def _status(key: ApiKey, at: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= at else "active"
