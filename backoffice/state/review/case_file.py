"""The case file of the document in the address: ordered by one click, for its orderer alone."""

from typing import Any

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import copies
from backoffice.services.access import Permission
from backoffice.state.gate import requires
from backoffice.state.notices import alarm, notice
from backoffice.state.session import signed_in


class CaseFileState(rx.State):
    """One tab's latest case file."""

    document_id: str = ""
    """Whose file it is: it is not offered beside another document."""
    link: str = ""

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def make(self) -> Any:  # noqa: ANN401 Reflex types a handler as a callback
        """Order the file; its bytes are made when the link is opened."""
        actor, self.link = await signed_in(self), ""
        name = self.router.url.path.rstrip("/").rpartition("/")[2]
        try:
            document_id = parse_public_id(Prefix.DOCUMENT, name)
            async with transaction(actor.tenancy) as session:
                self.link = await copies.file_case(session, actor, document_id)
        except BackofficeError as error:
            return alarm(str(error))
        self.document_id = name
        return notice("The case file is ready. Its link is good for five minutes.")
