"""`/ops/policies`: what is decided without a person, by which version, and for whom."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import status_badge
from backoffice.components.box import box, callout, page_head, panel, split, stack
from backoffice.components.button import button, text_link
from backoffice.components.chart import Series, chart
from backoffice.components.dialog import dialog
from backoffice.components.form import field, form, select, switch, text_input
from backoffice.components.hotkeys import hotkeys
from backoffice.components.kpi import kpi, kpis
from backoffice.components.table import Column, cell, main_cell, table, table_row, two_lines
from backoffice.components.time import relative_time
from backoffice.state.ops.policies import PoliciesState
from backoffice.state.session import SessionState
from backoffice.viewmodels.policies import PartnerRow, VersionView

COLUMNS = ("Version", "For", "Status", "Written by", "Published", "What changes")
STARTS = (
    ("current", "What rules now"),
    ("recommended", "The recommended policy"),
    ("everything_to_people", "Everything goes to a person"),
)
CHART_HEIGHT = 220
in_force: Any = PoliciesState.in_force
shadow: Any = PoliciesState.shadow
decided: Any = PoliciesState.decided
"""Vars of view models: their attributes are Vars, which no type checker knows."""
may_write = SessionState.viewer.permissions.contains("policies:write")  # pyright: ignore[reportAttributeAccessIssue] a Var


def policies() -> rx.Component:
    """Build the page."""
    return rx.fragment(
        page_head("Policies", "What is decided without a person, and by which rules", actions=(_new(),)),
        rx.cond(PoliciesState.is_loaded, _loaded(), states.loading_cards(4)),
        _dialog(),
        hotkeys({"n": "new"}, {"new": "New draft"}),
    )


def _new() -> rx.Component:
    make = button(
        "New draft",
        icon="plus",
        tone="primary",
        keys="N",
        command="new",
        test_id="policy-new",
        on_click=PoliciesState.begin,
    )
    return rx.cond(may_write, make)


def _loaded() -> rx.Component:
    return stack(_figures(), split(_chart(), _partners(), ratio="3:2"), _versions(), gap=16)


def _figures() -> rx.Component:
    ruling = rx.cond(in_force.title, in_force.title, "None")
    since = rx.cond(in_force.title, rx.el.span("since ", relative_time(in_force.published_at)), "people decide all")
    trying = rx.cond(shadow.title, shadow.title, "None")
    tried = rx.cond(shadow.title, rx.el.span("since ", relative_time(shadow.shadow_since)), "nothing is tried")
    return kpis(
        kpi("Rules now", ruling, test_id="policy-in-force", number=in_force.number, note=since, href=in_force.href),
        kpi(
            "Decided without a person",
            decided.share,
            test_id="policy-share",
            number=decided.share_percent,
            note=rx.el.span("of ", decided.week, " in 7 days"),
        ),
        kpi("Open drafts", PoliciesState.drafts, test_id="policy-drafts", note="a second person publishes them"),
        kpi("In shadow", trying, test_id="policy-shadow", number=shadow.number, note=tried, href=shadow.href),
    )


def _chart() -> rx.Component:
    series = [Series("By policy", decided.by_policy, "brand"), Series("By people", decided.by_people, "mute")]
    return panel(
        "Who decides",
        chart(
            decided.labels, series, caption="Documents decided per day, last 30 days", kind="bar", height=CHART_HEIGHT
        ),
    )


def _partners() -> rx.Component:
    columns = ("Partner", "Policy", Column("Without a person", number=True), "A person every time")
    rows = rx.foreach(PoliciesState.partners, _partner)
    shown = table(columns, rows, caption="Partners, and what rules their documents")
    none = states.empty("No partners yet", "A partner can have a policy of its own.", icon="building-2")
    return panel("Partners", rx.cond(PoliciesState.partners.length() > 0, shown, none), flush=True)


def _partner(one: PartnerRow) -> rx.Component:
    named = rx.cond(one.href, text_link(one.policy, one.href), rx.el.span(one.policy))
    every_time = switch(
        rx.el.span("A person every time for ", one.name, class_name="visually-hidden"),
        checked=one.wants_person,
        disabled=~may_write,
        on_change=lambda wanted: PoliciesState.want_person(one.id, wanted),
        data_testid="want-person",
        data_id=one.id,
    )
    return table_row(
        main_cell(one.name),
        cell(named, label="Policy"),
        cell(one.share, label="Without a person", number=True),
        cell(every_time, label="A person every time"),
        key=one.id,
        current=rx.State.router.url.query.contains(one.id),
    )


def _versions() -> rx.Component:
    shown = table(COLUMNS, rx.foreach(PoliciesState.rows, _version), caption="Versions of policies, newest first")
    nothing = states.empty(
        "No policy yet",
        "People decide every document. Begin with the recommended policy, look at its back-test, "
        "and let somebody else publish it.",
        icon="scale",
    )
    return rx.cond(PoliciesState.rows.length() > 0, panel("Versions", shown, flush=True), box(nothing))


def _version(one: VersionView) -> rx.Component:
    published = rx.cond(
        one.published_at,
        two_lines(relative_time(one.published_at), rx.el.span("by ", one.publisher)),
        rx.el.span("Not yet", class_name="muted"),
    )
    return table_row(
        main_cell(rx.el.span(one.title, class_name="nowrap"), href=one.href),
        cell(one.scope, label="For"),
        cell(status_badge(one.status), label="Status"),
        cell(one.authors, label="Written by"),
        cell(published, label="Published"),
        cell(rx.el.span(one.note, class_name="muted"), label="What changes", phone="hide"),
        key=one.id,
        data_testid="policy-row",
        data_id=one.href,
        data_status=one.status,
    )


def _dialog() -> rx.Component:
    whose = rx.fragment(
        rx.el.option("The house: every partner without a policy of its own", value=""),
        rx.foreach(PoliciesState.partners, lambda one: rx.el.option(one.name, value=one.id)),
    )
    return dialog(
        form(
            rx.cond(PoliciesState.error, callout(PoliciesState.error, tone="red", icon="circle-alert")),
            field("whose", "For whom", select("whose", whose)),
            field("start", "Begin with", select("start", STARTS)),
            field(
                "note",
                "What changes, and why",
                text_input("note", max_length=500, auto_complete="off"),
                hint="Whoever publishes it reads this first.",
                optional=True,
            ),
            rx.el.div(
                button("Begin the draft", tone="primary", type="submit", test_id="policy-create"),
                class_name="row",
                data_justify="end",
            ),
            on_submit=PoliciesState.create,
        ),
        open=PoliciesState.is_creating,
        title="New draft",
        on_close=PoliciesState.close,
        test_id="policy-dialog",
    )
