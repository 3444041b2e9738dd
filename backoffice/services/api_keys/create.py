"""Makes keys."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters.derive import pepper_versions
from backoffice.clock import now
from backoffice.errors import NotAllowed
from backoffice.models.api_keys import ApiKey, ApiKeySecret, SecretState
from backoffice.services.access import Actor, ActorType, Permission
from backoffice.services.api_keys import rules
from backoffice.services.api_keys.telling import tell
from backoffice.services.api_keys.tokens import hmac_of, lookup_in, make_token


async def create(  # noqa: PLR0913 a key has this many properties
    session: AsyncSession,
    actor: Actor,
    *,
    name: str,
    livemode: bool,
    scopes: Collection[str],
    ip_allowlist: Collection[str] = (),
    denied_attributes: Collection[str] = (),
    expires_at: datetime | None = None,
    partner_id: UUID | None = None,
) -> tuple[ApiKey, str]:
    """Make a key and answer it with its secret, which nobody sees again.

    Staff name the partner; a partner's member makes keys for their own; nobody makes a live key that reads what they
    may not; a key makes keys of its own mode that may do no more than itself. Raises Invalid, NotAllowed.
    """
    actor.require(Permission.KEYS_WRITE)
    actor.require_fresh()
    maker = await rules.maker_of(session, actor)
    if maker and maker.livemode != livemode:
        raise NotAllowed("A test key makes test keys, a live key live ones.", code="wrong_mode")
    lookup, token = make_token(livemode=livemode)
    key = ApiKey(
        partner_id=_whose(actor, partner_id),
        name=rules.checked_name(name),
        livemode=livemode,
        lookup=lookup,
        last_four=token[-4:],
        scopes=rules.checked_scopes(scopes),
        ip_allowlist=rules.checked_addresses(ip_allowlist),
        denied_attributes=rules.checked_attributes(denied_attributes),
        expires_at=rules.checked_expiry(expires_at),
        created_by=actor.id if actor.type == ActorType.MEMBER else None,
    )
    rules.refuse_beyond_role(actor, key)
    if maker:
        _inherit(maker, key)
        rules.refuse_wider(maker, key)
    session.add(key)
    await session.flush()
    session.add(secret(key, token, SecretState.ACTIVE))
    await session.flush()
    told: dict[str, object] = {"scopes": key.scopes, "livemode": key.livemode, "denied": key.denied_attributes}
    await tell(session, actor, key, "created", told)
    return key, token


def _inherit(maker: rules.Maker, key: ApiKey) -> None:
    """Take over from the key that makes this one what was not said."""
    key.denied_attributes = sorted(set(key.denied_attributes) | set(maker.denied_attributes))
    key.ip_allowlist = key.ip_allowlist or list(maker.ip_allowlist)
    key.expires_at = key.expires_at or maker.expires_at


def secret(key: ApiKey, token: str, state: SecretState, *, grace_seconds: int = 0) -> ApiKeySecret:
    """Keep what proves a token, never the token."""
    pepper = pepper_versions()[0]
    return ApiKeySecret(
        partner_id=key.partner_id,
        key_id=key.id,
        lookup=lookup_in(token),
        secret_hmac=hmac_of(token, pepper),
        pepper_version=pepper,
        last_four=token[-4:],
        state=state,
        grace_seconds=grace_seconds,
        activated_at=now() if state == SecretState.ACTIVE else None,
    )


def _whose(actor: Actor, partner_id: UUID | None) -> UUID:
    if actor.is_staff and partner_id is not None:
        return partner_id
    own = actor.require_partner()
    if partner_id not in (None, own):
        raise NotAllowed("Keys are made for your own company only.")
    return own
