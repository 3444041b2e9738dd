"""`/ops/settings`: what this installation runs with, what is risky about it, and the versions; all read-only."""

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge
from backoffice.components.box import page_head, panel, stack
from backoffice.components.copyable import copyable
from backoffice.components.form import search_input
from backoffice.components.hotkeys import hotkeys
from backoffice.components.table import Column, cell, main_cell, table, table_row
from backoffice.components.tabs import filter_bar
from backoffice.state.ops.settings import InstallationState
from backoffice.viewmodels.installation import RiskRow, SettingGroup, SettingRow, VersionRow

VARIABLE = Column("Variable", width="310px")
COLUMNS = ("Setting", Column("Value", width="30%"), Column("From", width="120px"), VARIABLE)
RISKS = ("What", Column("How grave", width="90px"), Column("Do this", width="30%"), VARIABLE)


def settings() -> rx.Component:
    """Build the page."""
    return rx.fragment(
        page_head("Settings", "What this process runs with; it is changed in the environment, never here"),
        rx.cond(InstallationState.is_loaded, _loaded(), states.loading_rows(8, "Reading the settings")),
        hotkeys({"f": "search"}, {"search": "Search"}),
    )


def _loaded() -> rx.Component:
    none = states.filter_empty("No setting has these words.", InstallationState.clear)
    shown = rx.el.div(rx.foreach(InstallationState.groups, _group), class_name="stack")
    return stack(
        _risks(),
        _versions(),
        filter_bar(
            _search(), rx.el.span(InstallationState.shown, class_name="muted small", data_testid="settings-shown")
        ),
        rx.cond(InstallationState.groups.length() > 0, shown, none),
        gap=16,
    )


def _search() -> rx.Component:
    box = search_input("q", "Name, value or what it does", default_value=InstallationState.q)
    return rx.el.form(box, on_submit=InstallationState.search, key=InstallationState.q)


def _risks() -> rx.Component:
    shown = table(RISKS, rx.foreach(InstallationState.risks, _risk), caption="Values to look at, the grave ones first")
    nothing = states.empty("Nothing to look at", "No value of these settings is known to be risky.", icon="check")
    return panel("To look at", rx.cond(InstallationState.risks.length() > 0, shown, nothing), flush=True)


def _risk(one: RiskRow) -> rx.Component:
    return table_row(
        main_cell(one.says),
        cell(badge(one.words, one.tone), label="Weight"),
        cell(one.remedy, label="Do"),
        cell(copyable(one.variable), label="Variable"),
        key=one.variable,
        data_testid="risk-row",
        data_id=one.variable,
        data_tone=one.tone,
    )


def _versions() -> rx.Component:
    return panel("Versions", rx.el.dl(rx.foreach(InstallationState.versions, _version), class_name="dl"))


def _version(one: VersionRow) -> rx.Component:
    return rx.fragment(rx.el.dt(one.what), rx.el.dd(one.version, data_testid="version", data_id=one.what))


def _group(one: SettingGroup) -> rx.Component:
    return panel(one.name, table(COLUMNS, rx.foreach(one.rows, _row), caption=one.name), flush=True)


def _row(one: SettingRow) -> rx.Component:
    value = rx.el.code(one.value, class_name="small", data_testid="setting-value", style={"overflowWrap": "anywhere"})
    return table_row(
        main_cell(one.about),
        cell(value, label="Value"),
        cell(badge(one.source, one.source_tone), label="From"),
        cell(copyable(one.variable), label="Variable"),
        key=one.variable,
        data_testid="setting-row",
        data_id=one.variable,
        data_kind=one.kind,
    )
