"""The product's own web app with its safeguards taken out: what `safeguards` compares with, and nothing else starts.

No personal column and no file is encrypted, no audit entry is written, and no transaction says whose rows it may see.
The database that it is given has no row-level security. Everything else is the product's code as it is.
"""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters import cipher

_BARE = cipher.VERSION + bytes(cipher.NONCE_BYTES)
_really_open = cipher.open_


def _plain(key: bytes, plaintext: bytes, aad: bytes) -> bytes:  # noqa: ARG001 the form of `cipher.seal`
    return _BARE + plaintext + bytes(cipher.TAG_BYTES)


def _opened(key: bytes, box: bytes, aad: bytes) -> bytes:
    """Read what was written here, and what the product had sealed before."""
    if box.startswith(_BARE):
        return box[len(_BARE) : -cipher.TAG_BYTES]
    return _really_open(key, box, aad)


cipher.seal, cipher.open_ = _plain, _opened  # before whoever imports them by name

from backoffice import db  # noqa: E402
from backoffice.services import audit  # noqa: E402


async def _unseen(session: AsyncSession, _tenancy: db.Tenancy) -> None:
    await session.connection()


async def _unwritten(*_given: Any, **_said: Any) -> None:  # noqa: ANN401 the form of `audit.record`
    return


db._see, audit.record = _unseen, _unwritten  # noqa: SLF001

from backoffice.backoffice import app  # noqa: E402, F401 what granian serves
