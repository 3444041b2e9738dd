"""The button on a document's timeline that makes its case file."""

from typing import Any

import reflex as rx

from backoffice.components.box import row
from backoffice.components.button import button
from backoffice.state.review.case_file import CaseFileState


def case_file(head: Any) -> rx.Component:  # noqa: ANN401 a Var
    """Order the file, then offer it; an erased document has none."""
    make = button("Case file (PDF)", icon="file-text", test_id="case-make", on_click=CaseFileState.make)
    is_ready = (CaseFileState.link != "") & (CaseFileState.document_id == head.id)
    return rx.cond(head.status != "redacted", row(make, rx.cond(is_ready, _download())))


def _download() -> rx.Component:
    """Link to the file past the page's own router, which would look for a page of ours."""
    past: dict[str, Any] = {"reloadDocument": True}
    return rx.el.a(
        "Download the case file",
        href=CaseFileState.link,
        title="Five minutes, only in this browser",
        class_name="link",
        data_testid="case-link",
        custom_attrs=past,
    )
