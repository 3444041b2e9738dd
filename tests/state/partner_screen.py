"""Opens a partner's screen without a browser: a real session, a real state tree, real services."""

from uuid import uuid4

from backoffice.db import Tenancy, transaction
from backoffice.models.members import Member, Role
from backoffice.services import sessions
from backoffice.services.sessions import Visitor


async def sign_in(cast, role: Role = Role.PARTNER_ADMIN) -> str:
    """Make a member of the cast's partner with a living session; answers the reference that the guard would write."""
    partner_id = cast.partner.id if role.startswith("partner_") else None
    row = Member(
        partner_id=partner_id, email=f"{uuid4().hex}@test.example", name="Amina Diallo", role=role, password_hash="-"
    )
    async with transaction(Tenancy.everyone()) as session:
        session.add(row)
        await session.flush()
        opened, _ = await sessions.begin(session, row, Visitor(), is_complete=True)
    return str(opened.id)


def shown(state) -> str:
    """Everything that the browser gets of one screen."""
    return str({name: getattr(state, name) for name in type(state).vars if name in type(state).base_vars})
