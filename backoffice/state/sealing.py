"""Whether the audit log is as it was sealed: the last check, and a new one with its progress."""

import asyncio

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError
from backoffice.i18n import gettext
from backoffice.services import audit_checks
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.notices import alarm, notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.audit_log import SealView, seal_view

_turn = asyncio.Semaphore(1)
"""One check at a time in a process: each walks the whole log and holds a connection meanwhile."""
_running: set[str] = set()
"""Tabs whose check runs in this process; what a process took with it runs no more."""


class SealingState(rx.State):
    """One tab's view of the seal; staff check everything, a partner its own entries."""

    seal: SealView = SealView()
    percent: int = 0
    is_verifying: bool = False
    is_read: bool = False

    @rx.event
    @requires(Permission.AUDIT_READ)
    async def open(self) -> None:
        """Read what the last check found."""
        self.is_verifying = self.router.session.client_token in _running
        await self._read(await signed_in(self))

    @rx.event(background=True)
    @requires(Permission.AUDIT_READ)
    async def verify(self):  # noqa: ANN201 an event of Reflex's
        """Compute everything again, and say how far it is."""
        async with self:
            actor, token = await signed_in(self), self.router.session.client_token
            if token in _running:
                return
            _running.add(token)
            self.is_verifying, self.percent = True, 0
        try:
            async with _turn:
                is_good = await self._verify(actor)
        except BackofficeError as error:
            yield alarm(str(error))
        else:
            said = gettext("The log is as it was sealed."), gettext("The log is not as it was sealed.")
            yield notice(said[0]) if is_good else alarm(said[1])
        finally:
            _running.discard(token)
            async with self:
                self.is_verifying = False
                await self._read(actor)

    async def _verify(self, actor: Actor) -> bool:
        async with transaction(actor.tenancy) as session:
            head = await audit_checks.begin(session, actor)
        async with transaction(actor.tenancy) as session:
            report = await audit_checks.verify(session, actor, head, self._tell)
        async with transaction(actor.tenancy) as session:
            await audit_checks.keep(session, actor, report)
        return report.is_good

    async def _tell(self, done: int, size: int) -> None:
        percent = 100 * done // max(size, 1)
        if percent != self.percent:
            async with self:
                self.percent = percent

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            self.seal = seal_view(await audit_checks.newest(session, actor))
        self.is_read = True
