"""`/partner/settings`: who may come in and how, what applicants read of the company, and one's own letters."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.box import box, callout, grid, page_head, panel, row, split, stack, text
from backoffice.components.button import button
from backoffice.components.changes import changes_dialog
from backoffice.components.form import checkbox, field, form, switch, text_area, text_input
from backoffice.components.hotkeys import hotkeys
from backoffice.components.looks import Props
from backoffice.components.save_bar import save_bar
from backoffice.models.workspace_settings import MAX_BRAND, MAX_CONTACT, MAX_SIGN_OFF
from backoffice.pages.partner.single_sign_on import single_sign_on
from backoffice.state.partner.letters import LettersState
from backoffice.state.partner.settings import SettingsState
from backoffice.state.session import SessionState
from backoffice.viewmodels.workspace_settings import LetterRow

held: Any = SettingsState.form
brand: Any = SettingsState.brand
permissions: Any = SessionState.viewer.permissions
reads, may_write = permissions.contains("members:read"), permissions.contains("members:write")
"""Vars of view models: their attributes are Vars, which no type checker knows."""


def settings() -> rx.Component:
    """Build the page."""
    loaded = rx.cond(SettingsState.is_loaded, _workspace(), box(states.loading_rows(8, "Loading settings")))
    return rx.fragment(
        page_head("Settings", "Who comes in, what applicants read, which letters you get"),
        rx.cond(SettingsState.is_stale, _stale()),
        stack(rx.cond(reads, loaded), single_sign_on(), rx.cond(SettingsState.is_loaded, _data()), _letters(), gap=16),
        _dialog(),
        hotkeys({}),
    )


def _stale() -> rx.Component:
    return callout(
        row(
            "Somebody saved other settings meanwhile. What you typed is still here; it cannot be saved over theirs.",
            button("Show theirs", size="sm", on_click=SettingsState.reload, test_id="settings-reload"),
            justify="between",
        ),
        tone="amber",
        icon="circle-alert",
        data_testid="settings-stale",
    )


def _workspace() -> rx.Component:
    return form(
        rx.el.fieldset(
            rx.el.legend("Settings of the workspace", class_name="visually-hidden"),
            stack(_security(), split(_brand(), _preview(), ratio="3:2"), gap=16),
            disabled=~may_write,
            class_name="plain-fieldset",
        ),
        save_bar(test_id="settings-save-bar"),
        on_submit=SettingsState.ask,
        style={"maxWidth": "none"},
        key=f"settings-{held.version}",
        data_testid="settings-form",
        data_version=held.version,
    )


def _wrong(name: str) -> Any:  # noqa: ANN401 a Var of words
    return rx.cond(SettingsState.error_field == name, SettingsState.error, "")


def _security() -> rx.Component:
    factor = rx.el.div(
        checkbox(
            "Everybody needs a second factor",
            name="requires_second_factor",
            default_checked=held.requires_second_factor,
        ),
        text("Admins always do. The others set theirs up at their next sign-in.", look="hint"),
        rx.cond(_wrong("requires_second_factor"), text(_wrong("requires_second_factor"), look="field-error")),
        class_name="field",
    )
    networks = field(
        "ip_allowlist",
        "Networks that people may come from",
        text_area(
            "ip_allowlist",
            default_value=held.ip_allowlist,
            error=_wrong("ip_allowlist"),
            rows=4,
            class_name="mono",
            spell_check=False,
        ),
        error=_wrong("ip_allowlist"),
        hint=rx.Var.create("One a line, such as 203.0.113.0/24. Empty: from everywhere. You come from ")
        + SettingsState.own_address
        + ". API keys have lists of their own.",
    )
    hours = field(
        "session_hours",
        "A session lasts at most (hours)",
        text_input(
            "session_hours", default_value=held.session_hours, input_mode="numeric", error=_wrong("session_hours")
        ),
        error=_wrong("session_hours"),
        hint=held.hours_hint,
    )
    idle = field(
        "idle_minutes",
        "Sign out when idle for (minutes)",
        text_input("idle_minutes", default_value=held.idle_minutes, input_mode="numeric", error=_wrong("idle_minutes")),
        error=_wrong("idle_minutes"),
        hint=held.idle_hint,
    )
    about = rx.el.span("Holds at once, also for pages that are open", class_name="muted small wide")
    return panel(
        "Security",
        split(stack(factor, grid(hours, idle, least=200), _alone(), gap=16), networks, ratio="1:1"),
        actions=(about,),
    )


def _alone() -> rx.Component:
    return field(
        "export_alone",
        "Documents that one person may export alone, a day",
        text_input("export_alone", default_value=held.export_alone, input_mode="numeric", error=_wrong("export_alone")),
        error=_wrong("export_alone"),
        hint=rx.Var.create("Beyond, a second person has to approve. A higher number counts after a day. ")
        + held.alone_hint,
    )


def _brand() -> rx.Component:
    def line(name: str, label: str, most: int, hint: str, **props: Props) -> rx.Component:
        given = text_input(name, default_value=getattr(held, name), max_length=most, error=_wrong(name), **props)
        return field(name, label, given, error=_wrong(name), hint=hint, optional=True)

    return panel(
        "What applicants read of you",
        stack(
            grid(
                line("brand_name", "Name", MAX_BRAND, "As applicants know you."),
                line(
                    "brand_color", "Colour", 7, "Dark enough for white text.", class_name="mono", placeholder="#1e3a8a"
                ),
                least=200,
            ),
            line("support_contact", "Support contact", MAX_CONTACT, "An address, a number or a page."),
            line("sign_off", "Sign-off", MAX_SIGN_OFF, "The last line of a message."),
            gap=16,
        ),
    )


def _preview() -> rx.Component:
    """Show a message as it is signed now."""
    band = rx.el.div(
        brand.name, class_name="brand-band", style={"background": rx.cond(brand.color, brand.color, "#334155")}
    )
    words = "The picture is blurred. Hold the camera still and take it again in good light."
    contact = rx.cond(brand.support_contact, rx.el.p("Questions? ", brand.support_contact, class_name="small"))
    letter = rx.el.div(
        band,
        rx.el.div(
            rx.el.p(words), rx.cond(brand.sign_off, rx.el.p(brand.sign_off)), contact, class_name="stack brand-words"
        ),
        class_name="brand-letter",
        data_testid="brand-preview",
    )
    ratio = rx.cond(brand.contrast, text("White on your colour: ", brand.contrast, ".", look="muted small"))
    about = text("As it is saved now. Your server gets it with each decision, as decision.sender.", look="muted small")
    return panel("How it looks", stack(letter, ratio, about))


def _data() -> rx.Component:
    """Say where the data of applicants are; nobody chooses it here."""
    where = rx.match(SettingsState.region, ("default", "The region of this installation"), SettingsState.region)
    about = (
        "Files, pictures, exports and evidence packs of your applicants are stored in this region only, and a key of "
        "this region alone opens their personal data. It is never searched together with another region's."
    )
    return panel(
        "Data",
        stack(
            row(text("Region", look="muted"), rx.el.b(where, data_testid="settings-region"), gap=12),
            text(about),
            text("It was chosen when your company began here, and does not change.", look="hint"),
            gap=8,
        ),
        data_testid="settings-data",
    )


def _letters() -> rx.Component:
    about = text("Letters about your own login always come.", look="muted small")
    return panel("Your e-mails", stack(rx.foreach(LettersState.rows, _letter), about), data_testid="letters")


def _letter(one: LetterRow) -> rx.Component:
    words = rx.el.span(rx.el.b(one.label), rx.el.br(), rx.el.span(one.about, class_name="muted small"))
    return switch(
        words,
        checked=one.is_on,
        on_change=lambda wanted: LettersState.choose(one.kind, wanted),
        data_testid="letter-switch",
        data_kind=one.kind,
        key=one.kind,
    )


def _dialog() -> rx.Component:
    consequence = callout(
        rx.el.ul(rx.foreach(SettingsState.effects, rx.el.li), data_testid="settings-effects"), tone="amber"
    )
    return changes_dialog(
        SettingsState.changes,
        rx.cond(SettingsState.effects.length() > 0, consequence),
        name="settings",
        title="Save these settings?",
        open=SettingsState.is_asking,
        on_close=SettingsState.close,
        on_save=SettingsState.save,
    )
