"""The dialogs of retention: a rule with a look at what it deletes, its end, a hold and its release."""

from functools import partial
from typing import Any

import reflex as rx

from backoffice.components.badge import badge
from backoffice.components.box import callout, facts, stack, text
from backoffice.components.button import button
from backoffice.components.dialog import dialog
from backoffice.components.foot import foot
from backoffice.components.form import checkbox, field, form, select, text_area, text_input
from backoffice.components.table import Column, cell, main_cell, table, table_row
from backoffice.components.time import relative_time
from backoffice.models.documents import DocumentType
from backoffice.services.legal_holds import MAX_TEXT
from backoffice.services.retention_rules import MAX_BASIS
from backoffice.state.ops.retention import RetentionState
from backoffice.state.ops.retention_acts import RetentionActsState
from backoffice.viewmodels.retention import ENDINGS, GoingRow
from backoffice.viewmodels.words import TYPES

S = RetentionActsState
GOING = ("Partner", "Type", Column("Go", number=True), Column("Of these held", number=True))
wanted: Any = S.wanted
rule: Any = S.rule
preview: Any = S.preview
hold: Any = S.hold
"""Vars of view models: their attributes are Vars, which no type checker knows."""


def retention_dialogs() -> rx.Component:
    """Hold the dialogs."""
    return rx.fragment(_rule(), _preview(), _end(), _place(), _release())


def going_table(rows: Any) -> rx.Component:  # noqa: ANN401 a Var of rows
    """Show what goes by partner and type."""
    return table(GOING, rx.foreach(rows, _going), caption="Documents that go in 7 days, by partner and type")


def _going(one: GoingRow) -> rx.Component:
    return table_row(
        main_cell(one.partner),
        cell(one.type, label="Type"),
        cell(one.documents, label="Go", number=True),
        cell(one.held, label="Of these held", number=True),
        key=one.key,
        data_testid="going-row",
    )


def _wrong() -> rx.Component:
    return rx.cond(S.error, callout(S.error, tone="red", icon="circle-alert"))


_foot = partial(foot, cancel=S.close)


def _error(name: str) -> Any:  # noqa: ANN401 a Var
    return rx.cond(S.error_field == name, S.error, "")


def _rule() -> rx.Component:
    whose = rx.fragment(
        rx.el.option("Every partner", value=""),
        rx.foreach(RetentionState.partners, lambda one: rx.el.option(one[1], value=one[0])),
    )
    types = [("", "Any type"), *((kind, TYPES[kind]) for kind in DocumentType)]
    duty = checkbox(
        "A law asks for it: erasures wait until then, too", name="is_duty", value="yes",
        default_checked=wanted.is_duty, data_testid="rule-duty",
    )  # fmt: skip
    return dialog(
        form(
            _wrong(),
            field("partner", "For whom", select("partner", whose, default_value=wanted.partner_id)),
            rx.el.div(
                field(
                    "ending", "What ended", select("ending", list(ENDINGS.items()), default_value=wanted.ending_code)
                ),
                field("type", "Document", select("type", types, default_value=wanted.type_code)),
                field(
                    "place", "Issued in",
                    text_input("place", default_value=wanted.place_code, max_length=3, auto_complete="off"),
                    hint="FRA, EU or EEA. Empty: anywhere.",
                ),
                field(
                    "days", "Kept for days",
                    text_input("days", default_value=wanted.days, input_mode="numeric", auto_complete="off"),
                    hint="After it ended.",
                ),
                class_name="grid",
                style={"--min": "200px", "gap": "8px 16px"},
            ),
            field(
                "basis", "Why",
                text_input("basis", default_value=wanted.basis, max_length=MAX_BASIS, auto_complete="off"),
                hint="The law or promise, such as AMLR art. 77: 5 years. It stands in every proof.",
            ),
            duty,
            _foot("See what goes", "rule-look", type="submit"),
            on_submit=S.look,
        ),
        open=S.asking == "rule",
        title=rx.cond(rule.id, "Change a rule", "New rule"),
        on_close=S.close,
        test_id="rule-dialog",
    )  # fmt: skip


def _preview() -> rx.Component:
    more = rx.cond(preview.is_capped, "At least ", "")
    said = callout(
        more, rx.el.b(preview.documents), " documents would be deleted in the next 7 days because of this rule, ",
        preview.held, " more are held. Counted ", relative_time(preview.counted_at), ".",
        tone=rx.cond(preview.documents > 0, "amber", "blue"), icon="trash-2", data_testid="rule-preview",
        data_value=preview.documents,
    )  # fmt: skip
    duty = rx.cond(wanted.is_duty, badge("erasures wait", "amber", "lock"))
    back = button("Back", tone="ghost", test_id="rule-back", on_click=S.back)
    sure = button("Put in force", tone="primary", test_id="rule-save", on_click=S.commit)
    return dialog(
        stack(
            _wrong(),
            facts(
                ("For", wanted.partner),
                ("What ended", wanted.ending),
                ("Document", rx.el.span(wanted.type, ", ", wanted.place)),
                (
                    "Kept",
                    rx.el.span(wanted.keeps, " ", duty),
                ),
                ("Why", wanted.basis),
            ),
            said,
            rx.cond(preview.rows.length() > 0, going_table(preview.rows)),
            rx.el.div(back, sure, class_name="row", data_justify="end"),
        ),
        open=S.asking == "preview",
        title="What this rule deletes",
        on_close=S.close,
        test_id="preview-dialog",
    )


def _end() -> rx.Component:
    return dialog(
        stack(
            _wrong(),
            rx.el.p(rule.partner, ": ", rule.ending, ", ", rule.type, ", kept for ", rule.keeps, "."),
            text("The next rule that fits counts then. Where none does, nothing is deleted by time.", look="muted"),
            _foot("End the rule", "rule-end-confirm", tone="danger", on_click=S.end),
        ),
        open=S.asking == "end",
        title="End this rule?",
        on_close=S.close,
        test_id="rule-end-dialog",
    )


def _place() -> rx.Component:
    return dialog(
        form(
            _wrong(),
            field(
                "subject", "What to keep",
                text_input("subject", max_length=40, auto_complete="off", class_name="mono"),
                hint="The id of a document (doc_…), an applicant (app_…) or a partner (ptr_…).",
            ),
            field("owner", "Owner", text_input("owner", max_length=MAX_TEXT, auto_complete="off"),
                  hint="Who asked for it and answers questions."),
            field("basis", "Basis", text_input("basis", max_length=MAX_TEXT, auto_complete="off"),
                  hint="The law or order. The partner is told this when an erasure waits."),
            field("reason", "Reason", text_area("reason", rows=2, max_length=MAX_TEXT),
                  hint="For our own people; the partner never sees it."),
            field("ends_at", "Last day", text_input("ends_at", type="date"), hint="Empty: until it is released.",
                  optional=True),
            _foot("Place the hold", "hold-save", type="submit"),
            on_submit=S.place,
        ),
        open=S.asking == "hold",
        title="Place a legal hold",
        on_close=S.close,
        test_id="hold-dialog",
    )  # fmt: skip


def _release() -> rx.Component:
    return dialog(
        form(
            _wrong(),
            rx.el.p(hold.kind, " ", rx.el.span(hold.subject, class_name="mono small"), ", ", hold.basis),
            text("What is past its time is deleted within minutes, and erasures that waited go on.", look="muted"),
            field("why", "Why it ends", text_input("why", max_length=MAX_TEXT, auto_complete="off")),
            _foot("Release", "hold-release-confirm", tone="danger", type="submit"),
            on_submit=S.release,
        ),
        open=S.asking == "release",
        title="Release this hold?",
        on_close=S.close,
        test_id="release-dialog",
    )
