"""`/partner/documents/[id]`: one document, from its result to who was told of it."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge, status_badge
from backoffice.components.box import box, callout, facts, grid, page_head, panel, split, stack
from backoffice.components.button import button, link_button, text_link
from backoffice.components.copyable import copyable, short_id
from backoffice.components.hotkeys import hotkeys
from backoffice.components.kv import field_row, field_table
from backoffice.components.table import Column, cell, main_cell, table, table_row
from backoffice.components.tabs import tab, tabs
from backoffice.components.time import countdown, elapsed, exact_time, relative_time
from backoffice.components.timeline import timeline, timeline_item
from backoffice.components.workspace import check_item
from backoffice.pages.partner import beside, evidence, person, questions, revealing, tagging
from backoffice.state.partner.document import DocumentState
from backoffice.state.session import SessionState
from backoffice.viewmodels.deliveries import DeliveryRow
from backoffice.viewmodels.documents import FileRow
from backoffice.viewmodels.events import EventRow
from backoffice.viewmodels.times import NOTHING
from backoffice.viewmodels.workspaces import CheckView, FieldView, PageView

PLACE = "/partner/documents"
TABS = (
    ("overview", "Overview"),
    ("files", "Files"),
    ("checks", "Checks"),
    ("timeline", "Timeline"),
    ("deliveries", "Deliveries"),
    ("raw", "Raw"),
)
KEYS = {
    **{str(number): f"tab-{number}" for number in range(1, 7)},
    "c": "copy-id",
    "v": "reveal",
    "t": "tag",
    "e": "evidence",
    "[": "before",
    "]": "after",
}
WORDS = {
    **{f"tab-{number}": words for number, (_, words) in enumerate(TABS, 1)},
    "copy-id": "Copy the id",
    "reveal": "Show personal data",
    "tag": "Add a tag",
    "evidence": "Evidence pack",
    "before": "Previous document of the list",
    "after": "Next document of the list",
}
CHECK_COLUMNS = ("Check", "Result", Column("Score", number=True), "What was found")
DELIVERY_COLUMNS = (
    "Event",
    "Endpoint",
    "State",
    Column("Attempts", number=True),
    "Answer",
    "Next try",
    Column("Resend", hidden=True),
)
head: Any = DocumentState.head
viewer: Any = SessionState.viewer


def document() -> rx.Component:
    """Build the page."""
    is_this = rx.State.router.url.path.contains(head.id)
    ready = rx.cond(is_this, _ready(), _loading())
    content = rx.match(DocumentState.status, ("ready", ready), ("missing", _missing()), _loading())
    return rx.fragment(content, questions.appeal_dialog(), revealing.question(), hotkeys(KEYS, WORDS))


def _loading() -> rx.Component:
    return box(states.loading_rows(8, "Loading the document"))


def _missing() -> rx.Component:
    back = link_button("All documents", PLACE, icon="arrow-left")
    return box(states.not_found("No such document", "There is no document with this id among yours.", back))


def _ready() -> rx.Component:
    body = rx.match(
        DocumentState.tab,
        ("files", _files()),
        ("checks", _checks()),
        ("timeline", _timeline()),
        ("deliveries", _deliveries()),
        ("raw", _raw()),
        _overview(),
    )
    return stack(
        _head(),
        tagging.bar(),
        questions.questions(),
        revealing.bar(),
        evidence.evidence_bar(),
        person.person_bar(),
        _tabs(),
        body,
        gap=16,
        data_testid="document",
        data_id=head.id,
        data_status=head.status,
    )


def _head() -> rx.Component:
    due = rx.cond(head.due_at, countdown(head.due_at, before="due in ", after="late by", soon=1800))
    working = rx.cond(head.is_open & (head.submitted_at != ""), rx.el.span("since ", elapsed(head.submitted_at)))
    return page_head(
        head.title,
        status_badge(head.status, size="lg", test_id="document-status"),
        copyable(head.id, shown=short_id(head.id), visible=True, command="copy-id"),
        rx.cond(head.reference, rx.el.span(head.reference)),
        rx.cond(head.mode == "test", status_badge("test")),
        due,
        working,
        actions=(questions.appeal_button(), evidence.evidence_button(), person.person_button(), beside.links()),
    )


def _tabs() -> rx.Component:
    place = f"{PLACE}/{head.id}"
    items = [
        tab(
            words,
            current=DocumentState.tab == key,
            href=f"{place}?tab={key}",
            keys=str(number),
            data_testid=f"tab-{key}",
        )
        for number, (key, words) in enumerate(TABS, 1)
    ]
    return tabs(*items, label="Parts of this document")


def _overview() -> rx.Component:
    beside = stack(_about(), rx.cond(DocumentState.checks.length() > 0, _findings()), gap=16)
    return stack(_result(), split(_data(), beside, ratio="2:1"), gap=16)


def _result() -> rx.Component:
    why = rx.foreach(head.reasons, lambda words: badge(words, "gray"))
    decided = rx.cond(head.decided_by, rx.el.span("Decided ", head.decided_by, ", ", relative_time(head.decided_at)))
    line = rx.el.div(rx.el.span(head.sentence, class_name="lead strong"), why, class_name="row")
    how = rx.el.div(rx.el.span(head.checks_passed), decided, class_name="row muted", style={"gap": "16px"})
    title = rx.el.h2("Result", class_name="visually-hidden")
    return rx.el.section(title, line, how, class_name="panel result")


def _findings() -> rx.Component:
    return panel("Checks", rx.foreach(DocumentState.checks, _finding))


def _finding(one: CheckView) -> rx.Component:
    words = rx.cond((one.status == "passed") | (one.status == "not_applicable"), "", one.words)
    return check_item(one.name, one.label, one.status, score=one.score, words=words, engine=one.engine)


def _data() -> rx.Component:
    masked = callout(
        "Personal data is hidden for your role. Your partner admin can open it to you.",
        tone="amber",
        icon="lock",
        data_testid="masked",
    )
    erased = callout("The personal data of this document has been erased.", tone="amber", icon="trash-2")
    nothing = rx.el.p("Nothing has been read yet.", class_name="muted panel-body")
    rows = field_table(rx.foreach(DocumentState.fields, _field), caption="Read from the document and given by you")
    shown = rx.cond(DocumentState.fields.length() > 0, rows, nothing)
    return panel("Data", rx.cond(head.is_masked, masked, rx.cond(head.is_erased, erased, shown)), flush=True)


def _field(one: FieldView) -> rx.Component:
    show = rx.cond(head.is_hidden & ~head.shown_fields.contains(one.name), revealing.one_button(one.name, one.label))
    return field_row(
        one.name, one.label, document=one.document, given=one.given, mrz=one.mrz, match=one.match, action=show
    )


def _about() -> rx.Component:
    return panel(
        "About",
        facts(
            ("Received", exact_time(head.created_at)),
            ("Completed", exact_time(head.completed_at)),
            ("Attempt", head.attempt),
            ("Risk score", rx.cond(head.risk, rx.fragment(head.risk, " of 1"), NOTHING)),
            ("Applicant", copyable(head.applicant_id, shown=short_id(head.applicant_id), visible=True)),
            ("Verification", copyable(head.verification_id, shown=short_id(head.verification_id), visible=True)),
        ),
    )


def _files() -> rx.Component:
    pictures = grid(rx.foreach(DocumentState.pages, _picture), least=400)
    columns = ("Side", "Kind", "Size", "Pixels", "SHA-256")
    rows = table(columns, rx.foreach(DocumentState.files, _file), caption="Files as they were sent")
    hidden = callout("Pictures are hidden for your role.", tone="amber", icon="lock")
    later = states.empty("Pictures are hidden", "Say what you need them for, above.", icon="eye-off")
    return stack(
        rx.cond(
            head.is_masked,
            hidden,
            rx.cond(head.is_hidden, later, rx.cond(DocumentState.pages.length() > 0, panel("Pictures", pictures))),
        ),
        panel("Files as sent", rows, flush=True),
        gap=16,
    )


def _picture(one: PageView) -> rx.Component:
    image = rx.el.img(src=one.src, alt=one.label, loading="lazy")
    return rx.el.figure(image, rx.el.figcaption(one.label, class_name="muted small"), class_name="picture", key=one.id)


def _file(one: FileRow) -> rx.Component:
    return table_row(
        main_cell(one.side),
        cell(one.mime_type, label="Kind"),
        cell(one.size, label="Size"),
        cell(one.pixels, label="Pixels"),
        cell(copyable(one.sha256, shown=one.sha256[:12] + "…"), label="SHA-256", phone="hide"),
    )


def _checks() -> rx.Component:
    rows = table(CHECK_COLUMNS, rx.foreach(DocumentState.checks, _check), caption="What screening found")
    nothing = states.empty("No checks yet", "Screening has not finished with this document.", icon="scan-line")
    return panel("Checks", rx.cond(DocumentState.checks.length() > 0, rows, nothing), flush=True)


def _check(one: CheckView) -> rx.Component:
    return table_row(
        main_cell(one.label),
        cell(status_badge(one.status), label="Result"),
        cell(rx.cond(one.score, one.score, NOTHING), label="Score", number=True),
        cell(one.words, label="Found"),
        data_testid=f"check-{one.name}",
    )


def _timeline() -> rx.Component:
    return panel(
        "Timeline", timeline(rx.foreach(DocumentState.timeline, _happened), label="What happened, newest first")
    )


def _happened(one: EventRow) -> rx.Component:
    more = rx.cond(one.detail, rx.el.span(one.detail, " "), rx.fragment())
    detail = rx.fragment(more, rx.el.span(one.type, class_name="mono tiny muted"))
    return timeline_item(
        one.words, one.at, icon=one.icon, tone=one.tone, detail=detail, data_testid="timeline-item", data_type=one.type
    )


def _deliveries() -> rx.Component:
    rows = table(DELIVERY_COLUMNS, rx.foreach(DocumentState.deliveries, _delivery), caption="Who was told of what")
    nothing = states.empty("Nobody was told", "No webhook endpoint asked for these events.", icon="send")
    shown = rx.cond(DocumentState.deliveries.length() > 0, rows, nothing)
    denied = states.denied("webhooks:read", "A partner admin or developer has it.")
    return panel("Deliveries", rx.cond(viewer.permissions.contains("webhooks:read"), shown, denied), flush=True)


def _delivery(one: DeliveryRow) -> rx.Component:
    again = button("Resend", size="sm", on_click=DocumentState.resend(one.id))
    return table_row(
        main_cell(one.type, href=one.href),
        cell(one.endpoint, label="Endpoint"),
        cell(status_badge(one.state), label="State"),
        cell(one.attempts, label="Attempts", number=True),
        cell(one.result, label="Answer"),
        cell(
            countdown(one.next_at, before="in ", after=""),
            label="Next try",
            data_phone=rx.cond(one.next_at, "", "hide"),
        ),
        cell(rx.cond(viewer.permissions.contains("webhooks:write"), again)),
        key=one.id,
        data_testid="delivery-row",
        data_id=one.id,
        data_state=one.state,
    )


def _raw() -> rx.Component:
    words = rx.el.p(
        "What events tell of this document; ",
        text_link("the API", "/api/v1/docs"),
        " tells the rest to a key that may read it.",
        class_name="muted small",
    )
    return panel("Raw", stack(words, rx.el.pre(DocumentState.raw, class_name="mono", tab_index=0)))
