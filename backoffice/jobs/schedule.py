"""What happens by the clock: each sweep mends what a lost job or a closed laptop left behind."""

from datetime import timedelta

from backoffice import clock
from backoffice.db import transaction
from backoffice.services import decisions, lost_screenings, questions, review_claims
from backoffice.services.access import Actor

VERDICT_LATE = timedelta(seconds=2)
"""How long the verdict's own job may take before the sweep does its work."""


async def release_claims() -> None:
    """Give back the tasks whose reviewers went away."""
    actor = Actor.system(name="claims")
    async with transaction(actor.tenancy) as session:
        await review_claims.release_expired(session, actor)


async def resume_waiting() -> None:
    """Put back what was put aside until now, and what waits for an answer in vain."""
    actor = Actor.system(name="reviews")
    async with transaction(actor.tenancy) as session:
        await review_claims.wake(session, actor)
        overdue = await questions.overdue(session, actor)
    for question_id, ahead in overdue:
        with clock.shifted(ahead):
            async with transaction(actor.tenancy) as session:
                await questions.give_up(session, actor, question_id)


async def finalize_overdue() -> None:
    """Make verdicts final whose own job was lost or ran a moment too early."""
    actor = Actor.system(name="decisions")
    async with transaction(actor.tenancy) as session:
        late = await decisions.overdue(session, actor, late=VERDICT_LATE)
    for task_id, verdict_id in late:
        async with transaction(actor.tenancy) as session:
            await decisions.finalize(session, actor, task_id, verdict_id)


async def enqueue_unscreened() -> None:
    """Screen again what was submitted a while ago and never finished; what fails for too long goes to a person."""
    actor = Actor.system(name="screening")
    async with transaction(actor.tenancy) as session:
        hopeless = await lost_screenings.enqueue_unscreened(session, actor)
    for document_id in hopeless:
        async with transaction(actor.tenancy) as session:
            await lost_screenings.give_up(session, actor, document_id)
