"""A signature that a receiver refuses, looked at beside its endpoint."""

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import Invalid
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.signature_findings import Received
from backoffice.services import signature_checks
from backoffice.services.access import Permission
from backoffice.state.gate import requires
from backoffice.state.session import signed_in
from backoffice.viewmodels.signature_findings import SignatureView, signature_view

FIELDS = ("id", "timestamp", "signature", "computed")


class SignatureState(rx.State):
    """One tab's question; what is pasted is not kept."""

    is_open: bool = False
    findings: SignatureView = SignatureView()
    error: str = ""

    @rx.event
    @requires(Permission.WEBHOOKS_READ)
    async def begin(self) -> None:
        """Open the dialog with nothing in it."""
        self.is_open, self.findings, self.error = True, SignatureView(), ""

    @rx.event
    @requires(Permission.WEBHOOKS_READ)
    async def close(self) -> None:
        """Close the dialog."""
        self.is_open, self.findings, self.error = False, SignatureView(), ""

    @rx.event
    @requires(Permission.WEBHOOKS_READ)
    async def check(self, form: dict[str, str]) -> None:
        """Look at what a receiver got, for the endpoint that the URL names."""
        actor = await signed_in(self)
        given = {name: form.get(name, "").encode(errors="replace") for name in (*FIELDS, "body")}
        received = Received(**{name: given[name].decode().strip() for name in FIELDS}, body=given["body"])
        endpoint_id = parse_public_id(Prefix.WEBHOOK_ENDPOINT, self.router.url.path.rstrip("/").rpartition("/")[2])
        self.findings, self.error = SignatureView(), ""
        try:
            async with transaction(actor.tenancy) as session:
                found = await signature_checks.check(session, actor, endpoint_id, received)
            self.findings = signature_view(found)
        except Invalid as error:
            self.error = str(error)
