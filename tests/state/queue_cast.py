"""What tests of the queue's screens share."""

from backoffice.db import Tenancy, transaction
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Role
from backoffice.models.review_tasks import ReviewTask
from backoffice.services.access import Actor
from backoffice.state.review.queue import QueueState
from tests.services.review_cast import front, in_review, make_cast
from tests.state.review_screen import screen

EVERYONE = Tenancy.everyone()


def actor_of(row) -> Actor:
    return Actor.member(id=row.id, name=row.name, role=Role(row.role), partner_id=row.partner_id)


async def call(function, *args, **options):
    async with transaction(EVERYONE) as session:
        return await function(session, *args, **options)


async def filled(count: int = 3, **fields):
    cast = await make_cast()
    place = front()
    tasks = [await in_review(cast, **fields) for _ in range(count)]
    async with transaction(EVERYONE) as session:
        for number, task in enumerate(tasks):
            (await session.get(ReviewTask, task.id)).priority = place + number
    return cast, tasks, public_id(Prefix.PARTNER, cast.partner.id)


async def open_queue(reference: str, query: str) -> QueueState:
    queue = await screen(QueueState, reference, f"/review/queue{query}")
    await queue.open()
    return queue


def ids(queue: QueueState) -> list[str]:
    return [row.task_id for row in queue.rows]
