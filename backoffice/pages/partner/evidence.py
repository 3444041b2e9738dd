"""The evidence pack of one document: the button that asks for it, how far it is, and where it is fetched."""

from typing import Any

import reflex as rx

from backoffice.components.badge import badge
from backoffice.components.box import callout, row
from backoffice.components.button import button, link_button
from backoffice.components.time import countdown
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
    fetch = link_button(
        "Download",
        one.href,
        icon="download",
        size="sm",
        tone="primary",
        test_id="evidence-fetch",
        custom_attrs={"reloadDocument": True},
    )
    left = rx.el.span("here for ", countdown(one.expires_at, done="a moment"), class_name="muted small")
    stop = button("Stop", size="sm", on_click=EvidenceState.stop)
    holds = rx.cond(
        one.has_personal,
        "A ZIP with a PDF, its JSON and a signed list of hashes; personal data is in it, and it is for you alone.",
        "A ZIP with a PDF, its JSON and a signed list of hashes; no personal data is in it, because it was hidden.",
    )
    return callout(
        row(
            rx.el.span("Evidence pack ", badge(one.words, one.tone), role="status"),
            rx.el.span(rx.cond(one.failure, one.failure, holds), class_name="small", style={"flex": "1 1 240px"}),
            rx.cond(one.href, row(left, fetch), rx.cond(one.is_under_way, stop)),
        ),
        icon="archive",
        data_testid="evidence-pack",
        data_status=one.status,
    )
