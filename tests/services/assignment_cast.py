"""What tests of assignment share."""

from backoffice.db import Tenancy
from backoffice.models.members import Role
from backoffice.models.review_tasks import ReviewTask
from backoffice.models.reviewers import Availability
from backoffice.services import (
    reviewers,
)
from backoffice.services.reviewers import Skills
from tests.services.review_cast import front, in_review, make_cast, member
from tests.services.test_review_tasks import call, prioritise

EVERYONE = Tenancy.everyone()

AVAILABLE, AWAY = Availability.AVAILABLE, Availability.AWAY


async def people(*, cast=None):
    cast = cast or await make_cast()
    kim, joe = await member(cast, Role.REVIEWER, "Kim Berg"), await member(cast, Role.REVIEWER, "Joe Park")
    return cast, kim, joe, await member(cast, Role.REVIEW_LEAD, "Lena Lead")


async def available(actor, capacity: int = 5, **skills) -> None:
    lead = await member(await make_cast(), Role.REVIEW_LEAD)
    await call(reviewers.configure, lead, actor.id, Skills(**skills), capacity=capacity)
    await call(reviewers.set_availability, actor, actor.id, AVAILABLE)


async def urgent(cast, count: int = 1, **fields) -> list[ReviewTask]:
    place = front()
    tasks = [await in_review(cast, **fields) for _ in range(count)]
    for number, task in enumerate(tasks):
        await prioritise(task, place + number)
    return tasks
