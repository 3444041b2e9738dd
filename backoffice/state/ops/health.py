"""The machinery: asked again with every sign of life of a worker, and what failed answered one by one."""

import reflex as rx

from backoffice.adapters import beats
from backoffice.db import transaction
from backoffice.errors import BackofficeError
from backoffice.services import health, job_desks
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import alarm, notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.health import (
    FailedRow,
    PartRow,
    QueueRow,
    WorkerRow,
    failed_row,
    part_rows,
    queue_rows,
    whole,
    worker_rows,
)

QUESTIONS = {"retry": job_desks.retry, "discard": job_desks.discard}
DONE = {"retry": "runs again.", "discard": "is discarded."}


class HealthState(rx.State):
    """One tab's view of the machinery."""

    status: str = ""
    """ok, degraded or down; empty before the first look."""
    parts: rx.Field[list[PartRow]] = rx.field(default_factory=list)
    workers: rx.Field[list[WorkerRow]] = rx.field(default_factory=list)
    queues: rx.Field[list[QueueRow]] = rx.field(default_factory=list)
    failed: rx.Field[list[FailedRow]] = rx.field(default_factory=list)
    asking: str = ""
    """retry or discard while its dialog is open."""
    one: FailedRow = FailedRow()
    """The job that is asked about."""

    @rx.event
    @requires(Permission.JOBS_READ)
    async def open(self) -> None:
        """Ask every part, and again with every sign of life."""
        await watch(self, beats.TOPIC, on_change=HealthState.refresh)
        self.asking, self.one = "", FailedRow()
        await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.JOBS_READ)
    async def refresh(self) -> None:
        """Ask again."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.JOBS_WRITE)
    async def ask(self, question: str, job_id: int) -> None:
        """Open one of the questions about one job."""
        self.one = next((row for row in self.failed if row.id == job_id), FailedRow())
        self.asking = question if question in QUESTIONS and self.one.id else ""

    @rx.event
    @requires(Permission.JOBS_READ)
    async def close(self) -> None:
        """Leave it as it is."""
        self.asking, self.one = "", FailedRow()

    @rx.event
    @requires(Permission.JOBS_WRITE)
    async def answer(self) -> rx.event.EventType[()]:
        """Do what was asked about."""
        actor, asked, job_id = await signed_in(self), self.asking, self.one.id
        self.asking, self.one = "", FailedRow()
        if asked not in QUESTIONS:
            return []
        try:
            async with transaction(actor.tenancy) as session:
                name = await QUESTIONS[asked](session, actor, job_id)
        except BackofficeError as error:
            return alarm(str(error))
        await self._read(actor)
        return notice(f"{name} {DONE[asked]}")

    async def _read(self, actor: Actor) -> None:
        parts, workers = await health.parts(actor), await health.workers(actor)
        async with transaction(actor.tenancy) as session:
            queues, failed = await job_desks.queues(session, actor), await job_desks.failed(session, actor)
        self.parts, self.workers = part_rows(parts), worker_rows(workers)
        self.queues, self.failed = queue_rows(queues), [failed_row(job) for job in failed]
        self.status = whole(parts)
