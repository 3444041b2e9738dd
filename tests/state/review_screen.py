"""Opens a reviewer's screen without a browser: a real session, a real state tree, real services."""

from typing import TypeVar
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import reflex as rx
from reflex.istate.data import RouterData

from backoffice.db import Tenancy, transaction
from backoffice.models.members import Member, Role, Session
from backoffice.services import sessions
from backoffice.services.sessions import MARK_HEADER, REFERENCE_HEADER, Visitor

S = TypeVar("S", bound=rx.State)


async def sign_in(role: Role = Role.REVIEWER, name: str = "Kim Berg") -> tuple[Member, str]:
    """Make a person with a living session; answers the reference that the socket's guard would write."""
    row = Member(email=f"{uuid4().hex}@test.example", name=name, role=role, password_hash="-")
    async with transaction(Tenancy.everyone()) as session:
        session.add(row)
        await session.flush()
        opened, _ = await sessions.begin(session, row, Visitor(), is_complete=True)
    return row, str(opened.id)


async def screen(state: type[S], reference: str, url: str) -> S:
    """Answer the state of one tab at this address."""
    root = rx.State(_reflex_internal_init=True)
    await go(root, reference, url)
    return await root.get_state(state)


async def _mark(reference: str) -> str:
    """Tell the session's secret as the socket's guard would."""
    async with transaction(Tenancy.everyone()) as session:
        row = await session.get(Session, UUID(reference)) if reference else None
    return sessions.mark_of(row.token_hash) if row else ""


async def go(state: rx.State, reference: str, url: str) -> None:
    """Let the tab be at another address."""
    root = state._get_root_state()
    headers = {REFERENCE_HEADER: reference, MARK_HEADER: await _mark(reference), "origin": "http://localhost:8000"}
    data = {
        "token": getattr(root, "_test_token", None) or uuid4().hex,
        "headers": headers,
        "asPath": url,
        "pathname": urlsplit(url).path,
        "ip": "127.0.0.1",
    }
    root.router_data = data
    root.router = RouterData.from_router_data(data)
