"""People who write and publish policies, and documents that a policy can rule."""

from dataclasses import replace

from backoffice.db import Tenancy, transaction
from backoffice.models.members import Role
from backoffice.models.policies import PolicyVersion
from backoffice.screening.policy_rulings import POLICY_CHECK
from backoffice.screening.types import CHECK_NAMES, Finding, Screening
from backoffice.services import policies, screenings
from backoffice.services.access import Actor
from tests.services.review_cast import CLEAN, SYSTEM, Cast, member, submitted

EVERYONE = Tenancy.everyone()
APPROVES = """language: policy/v1
required: [file_safety, text]
rules:
  - name: good
    when: {checks: every, status: [passed, not_applicable]}
    then: {outcome: approved}
  - name: old
    when: {check: expiry, reason: document_expired}
    then: {outcome: rejected, reasons: [document_expired]}
  - name: blurred
    when: {check: image_quality, reason: image_blurred}
    then: {outcome: resubmission_requested, reasons: [image_blurred]}
  - name: differs
    when: {check: applicant_match, status: failed}
    then: {outcome: review, priority: urgent, first: [applicant_match]}
"""
ALONE = tuple(name for name in CHECK_NAMES if name not in {POLICY_CHECK, "duplicate"})
DUPLICATE = Finding("duplicate", "passed")
GOOD = replace(CLEAN, findings=(*(Finding(name, "passed", 0.9, 0.5) for name in ALONE), DUPLICATE), risk_score=0.0)


def shown(*findings: Finding) -> Screening:
    """A good screening, but for these findings."""
    named = {one.name: one for one in findings}
    return replace(GOOD, findings=tuple(named.get(one.name, one) for one in GOOD.findings))


EXPIRED = shown(Finding("expiry", "failed", 0.0, 1.0, reasons=("document_expired",)))
BLURRED = shown(Finding("image_quality", "failed", 0.1, 0.5, reasons=("image_blurred",)))
DIFFERS = shown(
    Finding("image_quality", "warning", 0.4, 0.5, reasons=("image_glare",)),
    Finding("applicant_match", "failed", 0.4, 0.86, reasons=("name_mismatch",)),
)
UNSURE = shown(Finding("age", "warning", 0.5, 0.9))


async def two(cast: Cast) -> tuple[Actor, Actor]:
    """One who writes and one who publishes."""
    return await member(cast, Role.OPERATOR, "Omar Haddad"), await member(cast, Role.REVIEW_LEAD, "Lena Hoffmann")


async def drafted(actor: Actor, cast: Cast, source: str = APPROVES, note: str = "") -> PolicyVersion:
    async with transaction(EVERYONE) as session:
        return await policies.draft(session, actor, source=source, note=note, partner_id=cast.partner.id)


async def published(cast: Cast, source: str = APPROVES) -> PolicyVersion:
    """A policy of this partner's own, so that tests do not rule each other's documents."""
    writer, publisher = await two(cast)
    version = await drafted(writer, cast, source)
    async with transaction(EVERYONE) as session:
        return await policies.publish(session, publisher, version.id)


async def screened(cast: Cast, screening: Screening = GOOD, **fields):
    """Send one document through screening; answers its id and its task, if there is one."""
    document_id = await submitted(cast, **fields)
    async with transaction(EVERYONE) as session:
        assignment = await screenings.begin(session, SYSTEM, document_id)
    pictures = await screenings.store_pictures(assignment, screening)
    async with transaction(EVERYONE) as session:
        return document_id, await screenings.complete(session, SYSTEM, assignment, screening, pictures)
