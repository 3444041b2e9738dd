"""Screenings: what the pictures of a document show, read outside of any transaction and written in one.

A job may die anywhere and run again: beginning twice is harmless, pictures have one name each, and the end is
fenced by the document's status, so that a second run changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from logging import getLogger
from typing import Any, Protocol
from uuid import UUID, uuid5

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue
from backoffice.adapters.storage import Object
from backoffice.adapters.vision import vision
from backoffice.clock import now, shifted, wall
from backoffice.errors import Unavailable
from backoffice.models.applicants import Applicant
from backoffice.models.base import new_id
from backoffice.models.documents import Check, Document, DocumentStatus, File, Rendition
from backoffice.models.review_tasks import ReviewTask
from backoffice.screening.policy_rulings import POLICY_CHECK, Ruling
from backoffice.screening.risks import joined
from backoffice.screening.types import CHECK_NAMES, Declared, Derivative, Finding, Screening, SourceFile
from backoffice.services import (
    applicants,
    decisions,
    documents,
    engines,
    file_masks,
    files,
    fingerprints,
    magic_documents,
    reasons,
    regions,
    review_tasks,
    rulings,
    search_tokens,
    test_clocks,
    usage_records,
    vault,
)
from backoffice.services.access import Actor, Permission
from backoffice.services.file_masks import Looked
from backoffice.services.magic_documents import MagicDocument
from backoffice.services.provider_checks import Subject, consult
from backoffice.services.review_tasks import Brief
from backoffice.settings import DEFAULT_REGION, settings

log = getLogger(__name__)
EXTRACTED_COLUMN = "extracted_box"
SUMMARY_COLUMN = "summary_box"
WORST_FIRST = ("failed", "error", "warning")
UNRESOLVED = frozenset(WORST_FIRST)
DUE_WITHOUT_SLA = timedelta(hours=4)
MAX_FLAGS = 6
SCREEN_JOB = "document.screen"


class Screens(Protocol):
    """What reads documents; `screening/runner.py` has the real one."""

    async def screen(
        self,
        files: list[SourceFile],
        declared: Declared,
        *,
        today: date,
        timeout: float,  # noqa: ASYNC109 the reader ends its own child
    ) -> Screening:
        """Read one document."""
        ...


@dataclass(frozen=True, slots=True)
class Assignment:
    """What must be screened, and the key to it; never logged."""

    document_id: UUID
    files: tuple[File, ...]
    declared: Declared
    key: bytes = field(repr=False)
    document: Document = field(repr=False)
    ahead: timedelta = timedelta()
    """How far the document lives ahead of the present."""
    magic: MagicDocument | None = None
    number_token: bytes | None = field(default=None, repr=False)
    """The hash of a declared number that is kept masked."""


async def begin(session: AsyncSession, actor: Actor, document_id: UUID) -> Assignment | None:
    """Start screening, or go on after a crash; None when there is nothing to screen any more."""
    actor.require(Permission.SYSTEM)
    document = await documents.get(session, actor, document_id, lock=True)
    ahead = await test_clocks.lead(session, document.partner_id, livemode=document.livemode)
    if document.status == DocumentStatus.SUBMITTED:
        with shifted(ahead):
            await documents.change_status(session, actor, document, DocumentStatus.PROCESSING)
    if document.status != DocumentStatus.PROCESSING:
        return None
    return await assignment_of(session, actor, document, ahead)


async def assignment_of(
    session: AsyncSession, actor: Actor, document: Document, ahead: timedelta = timedelta()
) -> Assignment:
    """Put together what reading a document takes.

    Raises NotFound when its applicant was erased.
    """
    actor.require(Permission.SYSTEM)
    applicant = (
        await session.execute(select(Applicant).where(col(Applicant.id) == document.applicant_id))
    ).scalar_one()
    personal = (await applicants.personal(session, [applicant]))[applicant.id]
    sent = tuple((await documents.files_of(session, [document.id])).get(document.id, []))
    return Assignment(
        document_id=document.id,
        files=sent,
        declared=_declared(document, personal),
        key=await vault.data_key(session, document.applicant_id),
        document=document,
        ahead=ahead,
        magic=magic_documents.held_by(document, sent),
        number_token=applicant.number_token,
    )


async def postpone(session: AsyncSession, assignment: Assignment) -> bool:
    """Let a slow document of the sandbox lie in processing for a while, without keeping a worker from others."""
    if not assignment.magic or not assignment.magic.wait:
        return False
    row_id = assignment.document_id
    arguments = {"document_id": str(row_id), "has_waited": True}
    until = wall() + assignment.magic.wait
    await job_queue.enqueue(session, SCREEN_JOB, arguments, run_at=until, dedupe_key=f"{dedupe_key(row_id)}:waited")
    return True


def _declared(document: Document, personal: Mapping[str, Any]) -> Declared:
    names = ("given_names", "surname", "full_name", "nationality", "document_number")
    born, address = personal.get("date_of_birth"), personal.get("address")
    return Declared(
        type=document.type,
        issuing_country=document.issuing_country,
        date_of_birth=date.fromisoformat(born) if born else None,
        address=address if isinstance(address, str) else None,
        **{name: personal.get(name) for name in names},
    )


async def run(assignment: Assignment, screener: Screens, *, timeout: float) -> Screening:  # noqa: ASYNC109 passed on
    """Fetch, open and read the files; no transaction is open meanwhile.

    A reader that fails or is late gives a screening of errors: the document goes to a person, never to approval.
    Raises Unavailable when the storage does not answer: trying again later is right.
    """
    try:
        sources = [await _source(assignment, file) for file in assignment.files]
        with shifted(assignment.ahead):
            today = now().date()
        screening = await screener.screen(sources, assignment.declared, today=today, timeout=timeout)
        return await _provided(assignment, screening, today)
    except Unavailable:
        raise
    except Exception as error:  # whatever breaks, a person decides and nothing is approved
        log.exception("screening_failed", extra={"document_id": str(assignment.document_id)})
        return failed(f"The document could not be screened ({type(error).__name__}).")


async def _provided(assignment: Assignment, screening: Screening, today: date) -> Screening:
    """Let providers carry out the checks that the settings give them; the sandbox's own pictures cost nothing.

    The provider is one of the default region: what belongs to another one is read here and sent to nobody.
    """
    checks = settings().provided_checks
    if not checks or assignment.magic or await regions.of_partner(assignment.document.partner_id) != DEFAULT_REGION:
        return screening
    sides = tuple(file.side for file in assignment.files)
    return await consult(vision(), checks, Subject(screening, sides, assignment.declared, today))


async def _source(assignment: Assignment, file: File) -> SourceFile:
    box = await (await regions.storage_of(file.partner_id)).get(file.storage_key)
    return SourceFile(file.side, file.mime_type, files.open_file(assignment.key, file.id, box), file.is_masked)


def failed(summary: str) -> Screening:
    """Say that no check could run."""
    return Screening(
        findings=tuple(
            Finding(name=name, status="error", reasons=("check_unavailable",), summary=summary)
            for name in CHECK_NAMES
            if name != POLICY_CHECK
        ),
        risk_score=1.0,
    )


async def store_masked(assignment: Assignment, screening: Screening) -> list[Object]:
    """Keep the files that take the place of what was sent before any row names them."""
    return await file_masks.store(assignment.files, assignment.key, screening)


async def store_pictures(assignment: Assignment, screening: Screening) -> list[Rendition]:
    """Keep the re-encoded pictures before any row names them; each has one name, so a second run replaces it."""
    return [await _store(assignment, picture) for picture in screening.derivatives]


async def _store(assignment: Assignment, picture: Derivative) -> Rendition:
    file = assignment.files[picture.file_index]
    rendition_id = uuid5(file.id, f"{picture.page}:{picture.kind}")
    row = Rendition(
        id=rendition_id,
        partner_id=file.partner_id,
        file_id=file.id,
        page=picture.page,
        kind=picture.kind,
        width=picture.width,
        height=picture.height,
        storage_key=files.storage_key(assignment.document, rendition_id),
    )
    store = await regions.storage_of(row.partner_id)
    await store.put(row.storage_key, files.seal_rendition(assignment.key, row.id, picture.data))
    return row


async def complete(
    session: AsyncSession,
    actor: Actor,
    assignment: Assignment,
    screening: Screening,
    pictures: Sequence[Rendition] = (),
) -> ReviewTask | None:
    """Write what was found, and do as the policy rules: decide, or queue the human work.

    None when a policy decided, when somebody else was faster, or when the document moved on. The sandbox's own
    documents are decided by the sandbox.
    """
    actor.require(Permission.SYSTEM)
    looked = Looked(assignment.document_id, assignment.files, assignment.declared, screening)
    document = await file_masks.keep(session, actor, looked)
    if document.status != DocumentStatus.PROCESSING:
        return None
    magic = assignment.magic
    if magic and magic.are_checks_broken:
        screening = replace(failed("The sandbox lets every check fail."), derivatives=screening.derivatives)
    with await test_clocks.time_of(session, document.partner_id, livemode=document.livemode):
        screening = await _compared(session, document, assignment, screening)
        ruled = await rulings.rule(session, document, screening)
        await _write(session, document, assignment, ruled.screening, pictures)
        await engines.note(session, document, screening.findings, screening.challenges)
        await search_tokens.keep(session, document, assignment.declared, screening, assignment.number_token)
        await usage_records.screened(session, document, screening.findings)
        if not magic and ruled.ruling.outcome != "review":
            await decisions.by_policy(session, actor, document, ruled)
            return None
        await documents.change_status(session, actor, document, DocumentStatus.IN_REVIEW)
        if magic and magic.outcome:
            await decisions.impose(session, actor, document, magic.outcome, magic.reasons)
            return None
        brief = await _brief(session, document, screening, ruled.ruling)
        return await review_tasks.create(session, actor, document, brief)


async def _compared(
    session: AsyncSession, document: Document, assignment: Assignment, screening: Screening
) -> Screening:
    """Add what only the partner's other documents can say; under the document's lock, so that it is said once."""
    if screening.finding(fingerprints.CHECK):
        return screening
    if assignment.magic:
        return joined(screening, fingerprints.EXEMPT)
    return joined(screening, await fingerprints.compare(session, document, assignment.files, screening))


async def _write(
    session: AsyncSession,
    document: Document,
    assignment: Assignment,
    screening: Screening,
    pictures: Sequence[Rendition],
) -> None:
    document.risk_score = screening.risk_score
    document.type = document.type or screening.type_guess
    document.issuing_country = document.issuing_country or screening.country_guess
    document.extracted_box = vault.seal_json(
        assignment.key, _extracted(assignment, screening), row=document.id, column=EXTRACTED_COLUMN
    )
    await write_pictures(session, pictures)
    await _write_checks(session, assignment, screening)


async def unkept(
    session: AsyncSession, actor: Actor, pictures: Sequence[Rendition], masked: Sequence[Object] = ()
) -> list[Object]:
    """Name the objects of pictures that no row came to name, because the document was over before its screening."""
    actor.require(Permission.SYSTEM)
    left = await file_masks.unkept(session, actor, masked)
    statement = select(col(Rendition.id)).where(col(Rendition.id).in_([picture.id for picture in pictures]))
    kept = set((await session.execute(statement)).scalars())
    return left + [await regions.object_of(session, picture) for picture in pictures if picture.id not in kept]


async def write_pictures(session: AsyncSession, pictures: Sequence[Rendition]) -> None:
    """Write the rows of stored pictures; those that are there already stay."""
    if pictures:
        rows = [picture.model_dump() for picture in pictures]
        await session.execute(insert(Rendition).values(rows).on_conflict_do_nothing())


async def _write_checks(session: AsyncSession, assignment: Assignment, screening: Screening) -> None:
    document = assignment.document
    last = await session.execute(select(func.max(col(Check.run))).where(col(Check.document_id) == document.id))
    number = (last.scalar_one() or 0) + 1
    session.add_all(_check(assignment, finding, number) for finding in screening.findings)
    await session.flush()


def _check(assignment: Assignment, finding: Finding, number: int) -> Check:
    row = Check(
        id=new_id(),
        partner_id=assignment.document.partner_id,
        document_id=assignment.document_id,
        run=number,
        name=finding.name,
        status=finding.status,
        score=finding.score,
        threshold=finding.threshold,
        model=finding.model,
        reasons=list(finding.reasons),
        box=list(finding.box) if finding.box else None,
        file_id=_file_id(assignment, finding.file_index),
        page=finding.page,
        duration_ms=finding.duration_ms,
    )
    row.summary_box = vault.seal_json(assignment.key, finding.summary, row=row.id, column=SUMMARY_COLUMN)
    return row


def _file_id(assignment: Assignment, index: int | None) -> UUID | None:
    return assignment.files[index].id if index is not None else None


def _extracted(assignment: Assignment, screening: Screening) -> dict[str, dict[str, Any]]:
    """Keep each value with where it was read; `file_id` is the row's key, `box` fractions of the `view` picture."""
    values: dict[str, dict[str, Any]] = {}
    for item in screening.extracted:
        file_id = _file_id(assignment, item.file_index)
        value = asdict(item) | {"file_id": str(file_id) if file_id else None}
        for name in ("name", "file_index"):
            del value[name]
        if item.model is None:
            del value["model"]
        values.setdefault(item.name, value)
    return values


async def _brief(session: AsyncSession, document: Document, screening: Screening, ruling: Ruling) -> Brief:
    """Say in words why a person looks: what did not pass, the policy's first things first, or that everything did."""
    unresolved = sorted(
        (finding for finding in screening.findings if finding.status in UNRESOLVED),
        key=lambda finding: (finding.name not in ruling.first, WORST_FIRST.index(finding.status)),
    )
    flags = list(dict.fromkeys(code for finding in unresolved for code in finding.reasons or (finding.name,)))
    names = await reasons.labels(session)
    words = [names.get(flag, flag.replace("_", " ").capitalize()) for flag in flags]
    more = f" and {len(words) - 2} more" if len(words) > 2 else ""  # noqa: PLR2004 two fit on a row
    return Brief(
        why=ruling.why or (", ".join(words[:2]) + more if words else "All checks passed; a person confirms"),
        flags=flags[:MAX_FLAGS],
        band=ruling.priority,
        due_at=document.due_at or now() + DUE_WITHOUT_SLA,
        needs_second=ruling.needs_second,
    )


def dedupe_key(document_id: UUID) -> str:
    """Name the one screening of a document that may wait or run at a time."""
    return f"{SCREEN_JOB}:{document_id}"
