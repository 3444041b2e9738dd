"""From which networks each API key was used, written down the first time and never again."""

from collections import OrderedDict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.db import NewRow, after_commit
from backoffice.models.security_alerts import KeyNetwork
from backoffice.services.networks import network_of

MOST_KNOWN = 20_000
_known = OrderedDict[tuple[UUID, str], None]()
"""What this process has written for good or found: a key that stays where it is costs nothing."""


async def note(session: AsyncSession, lines: Sequence[NewRow]) -> None:
    """Write down the networks of answered requests that this process does not know yet."""
    fresh: dict[tuple[UUID, str], NewRow] = {}
    for line in lines:
        network = network_of(str(line.values["ip"]))
        pair = (line.values["key_id"], network)
        if network and pair not in _known:
            fresh.setdefault(pair, line)
    if not fresh:
        return
    values = [
        {
            "key_id": key_id, "network": network, "partner_id": line.values["partner_id"],
            "first_seen_at": line.values["created_at"], "request_id": line.values["request_id"],
        }
        for (key_id, network), line in sorted(fresh.items(), key=lambda one: (str(one[0][0]), one[0][1]))
    ]  # fmt: skip
    await session.execute(insert(KeyNetwork).values(values).on_conflict_do_nothing())

    async def remember() -> None:
        for pair in fresh:
            _known[pair] = None
        while len(_known) > MOST_KNOWN:
            _known.popitem(last=False)

    after_commit(session, remember)
