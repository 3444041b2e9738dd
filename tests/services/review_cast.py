"""People and documents for the tests of review: every test has a partner of its own."""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from uuid import UUID, uuid4

from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.models.documents import Document, File
from backoffice.models.members import Member, Role
from backoffice.models.partners import Partner
from backoffice.models.review_tasks import ReviewTask
from backoffice.models.verifications import Verification
from backoffice.screening.types import Derivative, Extracted, Finding, Screening
from backoffice.services import applicants, documents, files, regions, screenings
from backoffice.services.access import Actor

_priorities = count(-1_000, -1_000)
SYSTEM = Actor.system(name="test")
CLEAN = Screening(
    findings=(
        Finding("file_safety", "passed"),
        Finding("image_quality", "passed", 0.91, 0.5),
        Finding("applicant_match", "failed", 0.61, 0.86, reasons=("name_mismatch",), summary="Okafor is not Okonkwo."),
    ),
    extracted=(
        Extracted("surname", "Okafor", 0.98, "text", (0.1, 0.2, 0.3, 0.05), 0),
        Extracted("document_number", "P1234567", 0.99, "mrz", (0.1, 0.8, 0.3, 0.05), 0),
    ),
    type_guess="passport",
    country_guess="NGA",
    risk_score=0.3,
    masking=("none",) * 6,
    derivatives=(
        Derivative(0, 0, "view", 40, 30, b"\xff\xd8view"),
        Derivative(0, 0, "thumbnail", 20, 15, b"\xff\xd8thumb"),
    ),
)


@dataclass
class Cast:
    """One partner with what belongs to it."""

    partner: Partner
    members: dict[Role, Actor] = field(default_factory=dict)

    @property
    def api(self) -> Actor:
        return Actor.system(self.partner.id, name="intake")


def front() -> int:
    """Answer a priority before all that earlier tests left in the queue; the next few belong to the same test."""
    return next(_priorities)


async def make_cast(region: str = "default") -> Cast:
    slug = f"p-{uuid4().hex[:12]}"
    async with transaction(Tenancy.everyone()) as session:
        partner = Partner(name=slug, slug=slug, region=region)
        session.add(partner)
    return Cast(partner)


async def member(cast: Cast, role: Role, name: str = "Kim Berg") -> Actor:
    """Make somebody with a login who has proved who they are, and whose proof lasts over the clocks of tests."""
    partner_id = cast.partner.id if role.startswith("partner_") else None
    row = Member(partner_id=partner_id, email=f"{uuid4().hex}@test.example", name=name, role=role, password_hash="-")
    async with transaction(Tenancy.everyone()) as session:
        session.add(row)
    return Actor.member(
        id=row.id,
        name=name,
        role=role,
        partner_id=partner_id,
        session_id=uuid4(),
        confirmed_at=now() + timedelta(days=40_000),
    )


async def submitted(
    cast: Cast, *, data: bytes = b"\xff\xd8picture", mime_type: str = "image/jpeg", livemode: bool = True, **fields
) -> UUID:
    """Store and commit one document as intake does, without asking for the job."""
    actor = cast.api
    draft = await applicants.draft(actor, {"surname": "Okonkwo", "given_names": "Amara", "date_of_birth": "1991-04-02"})
    draft.applicant.livemode = livemode
    document = Document(partner_id=cast.partner.id, livemode=livemode, applicant_id=draft.applicant.id, **fields)
    verification = Verification(partner_id=cast.partner.id, livemode=livemode, applicant_id=draft.applicant.id)
    document.verification_id = verification.id
    file = File(
        partner_id=cast.partner.id, document_id=document.id, position=0, side="front", mime_type=mime_type,
        bytes=len(data), sha256=hashlib.sha256(data).hexdigest(), width=1000, height=700, storage_key="",
    )  # fmt: skip
    file.storage_key = files.storage_key(document, file.id)
    store = await regions.storage_of(cast.partner.id)
    await store.put(file.storage_key, files.seal_file(draft.key, file.id, data))
    async with transaction(actor.tenancy) as session:
        await applicants.add(session, actor, draft)
        for row in (verification, document, file):
            session.add(row)
            await session.flush()
        document.submitted_at = document.created_at
        await documents.announce_created(session, actor, document)
    return document.id


async def in_review(cast: Cast, screening: Screening = CLEAN, **fields) -> ReviewTask:
    """Take one document through screening with a given result."""
    document_id = await submitted(cast, **fields)
    async with transaction(SYSTEM.tenancy) as session:
        assignment = await screenings.begin(session, SYSTEM, document_id)
    pictures = await screenings.store_pictures(assignment, screening)
    async with transaction(SYSTEM.tenancy) as session:
        return await screenings.complete(session, SYSTEM, assignment, screening, pictures)
