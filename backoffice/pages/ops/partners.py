"""`/ops/partners`: every partner with what operators look at first."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge, status_badge
from backoffice.components.box import box, callout, page_head, row, stack, text
from backoffice.components.button import button, link_button
from backoffice.components.chart import sparkline
from backoffice.components.copyable import copyable
from backoffice.components.dialog import dialog
from backoffice.components.foot import foot
from backoffice.components.form import field, form, search_input, select, text_input
from backoffice.components.hotkeys import hotkeys
from backoffice.components.kpi import meter
from backoffice.components.rows import ROW_KEYS, ROW_WORDS, row_keys
from backoffice.components.table import Column, cell, main_cell, table, table_row, two_lines
from backoffice.components.tabs import chip, filter_bar, filter_menu, tab, tabs
from backoffice.models.partners import Plan
from backoffice.models.plans import PLAN_WORDS, PLANS
from backoffice.pages.ops.acts import act, looks_on
from backoffice.services.access import Permission
from backoffice.state.ops.onboarding import OnboardingState
from backoffice.state.ops.partners import PartnersState
from backoffice.viewmodels.documents import FilterChip
from backoffice.viewmodels.fleet import AmountChoice, FleetRow

KEYS = ROW_KEYS | {"f": "search", "n": "new"}
WORDS = ROW_WORDS | {"search": "Search", "new": "Take a partner on"}
CHOICES = [
    (str(plan), f"{PLAN_WORDS[plan]}: {PLANS[plan].documents_per_month:,} live documents a month") for plan in Plan
]
sort: Any = PartnersState.sort


def partners() -> rx.Component:
    """Build the page."""
    return rx.fragment(
        page_head("Partners", "Live data; the last seven days unless it says otherwise", actions=(_new(),)),
        looks_on(),
        tabs(rx.foreach(PartnersState.views, _view), label="Status"),
        filter_bar(
            _search(),
            filter_menu("Plan", PartnersState.plans),
            rx.cond(PartnersState.regions.length() > 0, filter_menu("Region", PartnersState.regions)),
            filter_menu("Needs somebody", PartnersState.needs),
            rx.foreach(PartnersState.chips, _chip),
        ),
        rx.match(
            PartnersState.status,
            ("loading", box(states.loading_rows(8, "Loading partners"))),
            ("empty", box(_nobody())),
            _list(),
        ),
        _dialog(),
        row_keys(),
        hotkeys(KEYS, WORDS),
    )


def _new() -> rx.Component:
    return act(
        "Take a partner on", Permission.PARTNERS_WRITE, icon="plus", tone="primary", keys="N", command="new",
        test_id="partner-new", on_click=OnboardingState.begin,
    )  # fmt: skip


def _nobody() -> rx.Component:
    return states.empty(
        "No partners", "Take the first one on: its administrator gets an invitation.", icon="building-2"
    )


def _view(one: AmountChoice) -> rx.Component:
    return tab(one.label, current=one.is_current, href=one.href, amount=one.amount)


def _search() -> rx.Component:
    box_ = search_input("q", "Name or short name", default_value=PartnersState.q)
    return rx.el.form(box_, on_submit=PartnersState.search, key=PartnersState.q)


def _chip(one: FilterChip) -> rx.Component:
    return chip(one.label, one.value, PartnersState.remove(one.name))


def _column(words: str, name: str, *, number: bool = True) -> Column:
    towards = rx.cond(sort == name, "ascending", rx.cond(sort == f"-{name}", "descending", "none"))
    return Column(words, number=number, sort=towards, on_sort=PartnersState.order(name))


def _list() -> rx.Component:
    columns = (
        _column("Partner", "name", number=False),
        "Plan, region",
        _column("Documents", "volume", number=False),
        _column("Approved", "approved"),
        _column("Errors", "errors"),
        _column("Webhooks", "webhooks"),
        _column("SLA", "sla"),
        _column("Quota", "quota", number=False),
        _column("Alerts", "alerts"),
    )
    shown = box(table(columns, rx.foreach(PartnersState.rows, _row), caption="Partners"), _pager())
    none = box(states.filter_empty("No partner matches these filters.", PartnersState.clear))
    return rx.cond(PartnersState.rows.length() > 0, shown, none)


def _row(one: FleetRow) -> rx.Component:
    name = rx.el.span(one.name, rx.cond(one.is_suspended, status_badge("suspended")), class_name="row")
    volume = row(rx.el.span(one.volume, class_name="num"), sparkline(one.days), gap=8, data_wrap="no")
    quota = stack(
        rx.el.span(one.quota, class_name="small nowrap"),
        meter(one.used, one.included, label="Documents of the month", tone=one.quota_tone),
        gap=4,
        style={"minWidth": "72px"},
        title=one.quota_words,
    )
    return table_row(
        main_cell(two_lines(name, one.slug), href=one.href),
        cell(two_lines(one.plan_words, one.region), label="Plan, region"),
        cell(two_lines(volume, one.trend), label="Documents, 7 d"),
        cell(one.approved, label="Approved", number=True),
        cell(rx.el.span(one.errors, class_name=one.errors_tone), label="Errors", number=True),
        cell(
            two_lines(
                rx.el.span(one.webhooks, class_name=one.webhooks_tone), rx.el.span(one.webhooks_note, class_name="bad")
            ),
            label="Webhooks",
            number=True,
        ),
        cell(
            two_lines(rx.el.span(one.sla, class_name=one.sla_tone), rx.el.span(one.sla_note, class_name="bad")),
            label="SLA",
            number=True,
        ),
        cell(quota, label="Quota"),
        cell(rx.cond(one.alerts > 0, badge(one.alerts_words, "amber", "bell"), "0"), label="Alerts", number=True),
        key=one.id,
        data_testid="partner-row",
        data_id=one.id,
        data_slug=one.slug,
        data_status=one.status,
    )


def _pager() -> rx.Component:
    newer = rx.cond(
        PartnersState.newer_url,
        link_button("Previous", PartnersState.newer_url, icon="chevron-left", size="sm", test_id="page-previous"),
    )
    older = rx.cond(
        PartnersState.older_url,
        link_button("Next", PartnersState.older_url, icon="chevron-right", size="sm", test_id="page-next"),
    )
    return rx.el.nav(
        rx.el.span(PartnersState.shown, class_name="grow"), newer, older, class_name="pager", aria_label="Pages"
    )


def _dialog() -> rx.Component:
    return dialog(
        rx.cond(OnboardingState.link, _made(), _form()),
        open=OnboardingState.is_asking,
        title=rx.cond(OnboardingState.link, OnboardingState.made_name, "Take a partner on"),
        on_close=OnboardingState.close,
        test_id="partner-dialog",
    )


def _wrong(name: str) -> rx.Var[str]:
    return rx.cond(OnboardingState.error_field == name, OnboardingState.error, "")


def _input(name: str, label: str, hint: str, *, optional: bool = False, **props: Any) -> rx.Component:  # noqa: ANN401 of an input
    control = text_input(name, error=_wrong(name), auto_complete="off", **props)
    return field(name, label, control, hint=hint, error=_wrong(name), optional=optional)


def _form() -> rx.Component:
    return form(
        _input("name", "Company", "As its people and its applicants know it.", max_length=80),
        _input("slug", "Short name", "For commands and to be sure: small letters, digits, hyphens.", max_length=40),
        field("plan", "Plan", select("plan", CHOICES, default_value=str(Plan.STANDARD))),
        _region(),
        _input("email", "First administrator's e-mail", "Gets a letter with a link, good for a week.", type="email"),
        _input("admin_name", "Their name", "Without it the address says.", optional=True, max_length=120),
        foot("Take on and invite", "partner-create", cancel=OnboardingState.close, type="submit"),
        on_submit=OnboardingState.onboard,
    )


def _region() -> rx.Component:
    choice = field(
        "region",
        "Region",
        select("region", rx.foreach(OnboardingState.regions, _place), error=_wrong("region")),
        hint="Where its files are and whose key seals its people's data. It never changes.",
        error=_wrong("region"),
    )
    return rx.cond(OnboardingState.regions.length() > 1, choice)


def _place(name: rx.Var[str]) -> rx.Component:
    return rx.el.option(name, value=name)


def _made() -> rx.Component:
    return stack(
        text("A letter is on its way to ", rx.el.b(OnboardingState.sent_to), ". The link works once, for a week."),
        callout("You see the link this one time; who has it can join in their place.", tone="amber"),
        copyable(OnboardingState.link, visible=True, test_id="invite-link"),
        rx.el.div(
            button("Done", tone="ghost", on_click=OnboardingState.close),
            link_button("Open its page", OnboardingState.made, tone="primary", test_id="partner-open"),
            class_name="row",
            data_justify="end",
        ),
    )
