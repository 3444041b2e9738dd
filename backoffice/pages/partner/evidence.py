"""The evidence pack of one document: the button that asks for it, how far it is, and where it is fetched."""

from typing import Any

import reflex as rx

from backoffice.components.box import callout
from backoffice.components.button import button
from backoffice.pages.partner.whole_exports import whole_export
from backoffice.state.partner.document import DocumentState
from backoffice.state.partner.evidence import EvidenceState
from backoffice.viewmodels.exports import ExportRow

head: Any = DocumentState.head


def evidence_button() -> rx.Component:
    """Ask for the pack; of an erased document there is none."""
    ask = button(
        "Evidence pack", icon="archive", keys="E", command="evidence", on_click=EvidenceState.ask, test_id="evidence"
    )
    return rx.cond(~head.is_redacted, ask)


def evidence_bar() -> rx.Component:
    """Say how far the pack is, what is in it, and until when it can be fetched."""
    wrong = callout(EvidenceState.error, tone="red", icon="circle-alert")
    return rx.fragment(rx.cond(EvidenceState.error, wrong), rx.foreach(EvidenceState.pack, _pack))


def _pack(one: ExportRow) -> rx.Component:
    holds = rx.cond(
        one.has_personal,
        "A ZIP with a PDF, its JSON and a signed list of hashes; personal data is in it, and it is for you alone.",
        "A ZIP with a PDF, its JSON and a signed list of hashes; no personal data is in it, because it was hidden.",
    )
    return whole_export(one, "Evidence pack", holds, icon="archive", on_stop=EvidenceState.stop, test_id="evidence")
