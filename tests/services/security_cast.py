"""What tests of detection share: alerts and letters about one subject, failures, and rules as they ship."""

import pytest
from sqlalchemy import select, text

from backoffice.db import Tenancy, transaction
from backoffice.errors import BackofficeError
from backoffice.models.security_alerts import SecurityAlert
from backoffice.services import audit, sign_in
from backoffice.services.sessions import Visitor

EVERYONE = Tenancy.everyone()


async def found(kind, subject) -> list[SecurityAlert]:
    async with transaction(EVERYONE) as session:
        statement = select(SecurityAlert).where(SecurityAlert.kind == kind, SecurityAlert.subject == str(subject))
        return list((await session.execute(statement.order_by(SecurityAlert.id))).scalars())


async def letters_of(alert) -> set[str]:
    async with transaction(EVERYONE) as session:
        rows = await session.execute(
            text("select convert_from(payload, 'utf8') from pgqueuer where entrypoint = 'security.mail'")
        )
        return {row[0] for row in rows if str(alert.id) in row[0]}


@pytest.fixture
async def rules(database):
    """Leave every rule as it ships."""
    yield
    async with transaction(EVERYONE) as session:
        await session.execute(text("delete from security_rules"))


async def fail(email: str, who: Visitor) -> None:
    with pytest.raises(BackofficeError):
        await sign_in.with_password(email, "not the password at all", who)


async def refused(actor, *, unwritten=0):
    changes = {"event": "x", "reason": "permission"} | ({"unwritten": unwritten} if unwritten else {})
    async with transaction(EVERYONE) as session:
        await audit.record(session, actor, "event.refused", result="denied", changes=changes)
