"""Screens the demo's planned documents with the real pipeline and keeps what it read (`make demo-history`)."""

import asyncio
from datetime import date

from backoffice.demo import recorded, specimen
from backoffice.demo.plan import YEAR, history
from backoffice.models.documents import DocumentStatus
from backoffice.screening.runner import Screener
from backoffice.screening.types import CHALLENGER_NAMES, Declared, SourceFile

TODAY = date(YEAR, 11, 23)
TIMEOUT_SECONDS = 60.0


async def main() -> None:
    """Screen every planned document that gets as far as screening."""
    screener = Screener(challengers=CHALLENGER_NAMES)
    found: dict[int, recorded.Recording] = {}
    for planned in history():
        if planned.ending == DocumentStatus.AWAITING_UPLOAD:
            continue
        pages = specimen.files(planned.kind, planned.seed, planned.condition)
        sources = [SourceFile(page.side, page.mime_type, page.data) for page in pages]
        typed = specimen.applicant(planned.kind, planned.seed)
        declared = Declared(
            type=planned.kind,
            given_names=typed["given_names"],
            surname=typed["surname"],
            date_of_birth=date.fromisoformat(typed["date_of_birth"]),
            nationality=typed["nationality"],
            document_number=typed.get("document_number"),
            address=typed["address"],
        )
        screening = await screener.screen(sources, declared, today=TODAY, timeout=TIMEOUT_SECONDS)
        found[planned.number] = recorded.record(screening, sources)
        print(planned.number, planned.kind, planned.condition, [(f.name, f.status) for f in screening.findings])
    await screener.close()
    recorded.write(found)


asyncio.run(main())
