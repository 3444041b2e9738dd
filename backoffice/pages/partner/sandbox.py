"""`/partner/developers/sandbox`: pictures that decide themselves, outcomes by hand, the test clock, test events."""

from dataclasses import replace
from typing import Any

import reflex as rx

from backoffice.api.portal.snippets import FILE, Call, snippets
from backoffice.components import states
from backoffice.components.badge import badge, status_badge
from backoffice.components.box import box, callout, grid, page_head, panel, split, stack
from backoffice.components.button import button, link_button
from backoffice.components.copyable import copyable, short_id
from backoffice.components.dialog import dialog
from backoffice.components.form import checkbox, field, form, select, text_input
from backoffice.components.hotkeys import hotkeys
from backoffice.components.rows import ROW_KEYS, ROW_WORDS, row_keys
from backoffice.components.table import Column, cell, main_cell, table, table_row
from backoffice.components.tabs import segment
from backoffice.components.time import exact_time, relative_time
from backoffice.pages.layout import env_strip
from backoffice.services import magic_documents
from backoffice.services.simulations import FROM
from backoffice.state.partner.clock import ClockState
from backoffice.state.partner.sandbox import SandboxState
from backoffice.state.partner.simulating import SimulationState
from backoffice.viewmodels.documents import DocumentRow
from backoffice.viewmodels.sandbox import MagicCard, ReasonChip
from backoffice.viewmodels.webhook_endpoints import EndpointView

BASE = "https://base.invalid"
"""Stands for this installation's address, which the page knows only once it runs."""
COLUMNS = ("Document", "Id", "Status", "Received", Column("Act", hidden=True))
STEPS = (("1 hour", 3_600), ("1 day", 86_400), ("30 days", 2_592_000))
UNITS = (("minutes", "minutes"), ("hours", "hours"), ("days", "days"))
UNDECIDED: Any = rx.Var.create(sorted({str(one) for some in FROM.values() for one in some}))
"""Statuses that something can still become of."""
clock: Any = ClockState.clock


def sandbox() -> rx.Component:
    """Build the page."""
    loading = box(states.loading_rows(8, "Loading the sandbox"))
    return rx.fragment(
        rx.el.div(env_strip(), class_name="page-strip"),
        page_head(
            "Sandbox",
            "The same API and the same screening, on test data",
            actions=(
                link_button("Test events", "/partner/developers/events?mode=test", icon="zap"),
                link_button("Test requests", "/partner/developers/requests?mode=test", icon="clipboard-list"),
            ),
        ),
        rx.cond(SandboxState.is_read, _ready(), loading),
        _simulation(),
        _advance(),
        row_keys(),
        hotkeys(ROW_KEYS, ROW_WORDS),
    )


def _ready() -> rx.Component:
    left = stack(_pictures(), _documents(), gap=16)
    beside = split(left, stack(_clock(), _endpoints(), gap=16), ratio="2:1")
    return stack(beside, _code(), gap=16, data_testid="sandbox")


def _pictures() -> rx.Component:
    words = rx.el.p(
        "Each is screened for real and then decided as its card says. Send them as often as you like; "
        "nothing is billed.",
        class_name="muted small",
    )
    cards = grid(rx.foreach(SandboxState.cards, _card), least=216, gap=12)
    return panel("Documents that decide themselves", stack(words, cards))


def _card(one: MagicCard) -> rx.Component:
    send = button(
        "Send", icon="send", size="sm", tone="primary", test_id=f"send-{one.name}",
        aria_label=rx.Var.create("Send ") + one.title, on_click=SandboxState.send(one.name, SandboxState.ticket),
    )  # fmt: skip
    code = button(
        "Code", icon="code", size="sm", tone="ghost", aria_label=rx.Var.create("Code for ") + one.title,
        on_click=SandboxState.choose(one.name),
    )  # fmt: skip
    became = rx.el.a(
        status_badge(one.status), rx.el.span(short_id(one.document_id), class_name="mono small"), href=one.href,
        class_name="link row",
        data_testid="sandbox-became", data_status=one.status, data_id=one.document_id,
    )  # fmt: skip
    return rx.el.article(
        rx.el.img(src=one.picture, alt="", loading="lazy", width="216", height="136"),
        rx.el.div(
            rx.el.h3(one.title),
            rx.el.div(status_badge(one.outcome), class_name="row"),
            rx.el.p(one.says, class_name="small"),
            rx.cond(one.reasons, rx.el.p("Reason: ", one.reasons, class_name="muted small")),
            rx.el.p(
                rx.el.span(one.applicant, custom_attrs={"translate": "no"}),
                ", born ",
                one.born,
                class_name="muted small",
            ),
            class_name="magic-words",
        ),
        rx.el.div(
            rx.cond(one.document_id, became),
            rx.el.div(send, code, class_name="row", data_justify="between"),
            class_name="magic-foot",
        ),
        class_name="magic",
        data_testid="magic-card",
        data_name=one.name,
        key=one.name,
    )


def _documents() -> rx.Component:
    every = link_button("All test documents", "/partner/documents?mode=test", icon="file-text", size="sm")
    rows = table(COLUMNS, rx.foreach(SandboxState.rows, _row), caption="Latest test documents, newest first")
    nothing = states.empty("No test documents yet", "Send one above, or with a test key.", icon="flask-conical")
    return panel(
        "Latest test documents", rx.cond(SandboxState.rows.length() > 0, rows, nothing), actions=(every,), flush=True
    )


def _row(one: DocumentRow) -> rx.Component:
    decide = button(
        "Decide", icon="scale", size="sm", test_id="sandbox-decide",
        aria_label=rx.Var.create("Decide ") + one.id, on_click=SimulationState.begin(one.id),
    )  # fmt: skip
    return table_row(
        main_cell(one.kind, href=one.href),
        cell(rx.el.span(short_id(one.id), class_name="mono small muted nowrap", title=one.id), label="Id"),
        cell(status_badge(one.status), label="Status"),
        cell(relative_time(one.created_at), label="Received"),
        cell(rx.cond(UNDECIDED.contains(one.status), decide)),
        key=one.id,
        data_testid="sandbox-row",
        data_id=one.id,
        data_status=one.status,
    )


def _clock() -> rx.Component:
    ahead = rx.cond(
        clock.ahead,
        badge(rx.Var.create("Ahead by ") + clock.ahead, "amber", "clock"),
        badge("In the present", "gray", "clock"),
    )
    amount = text_input("amount", input_mode="numeric", placeholder="e.g. 4", style={"width": "96px"})
    steps = [
        button(words, icon="plus", size="sm", test_id=f"clock-{seconds}", on_click=ClockState.ask_for(seconds))
        for words, seconds in STEPS
    ]
    own = form(
        rx.el.div(
            field("amount", "Advance by", amount),
            field("unit", "Unit", select("unit", UNITS)),
            button("Advance", type="submit", icon="skip-forward", test_id="clock-ask"),
            class_name="row clock-form",
        ),
        rx.cond(ClockState.error, rx.el.p(ClockState.error, class_name="bad small", role="alert")),
        on_submit=ClockState.ask,
        data_testid="clock-form",
    )
    words = (
        "Deadlines, expiry and retries of your test data go by this clock. Live data and other companies do not notice."
    )
    return panel(
        "Test clock",
        stack(
            rx.el.div(exact_time(clock.now), ahead, class_name="row", data_testid="clock-now"),
            rx.el.p(words, class_name="muted small"),
            rx.el.div(*steps, class_name="row"),
            own,
        ),
        data_testid="test-clock",
        data_ahead=clock.ahead,
    )


def _advance() -> rx.Component:
    words = rx.el.p(
        "What becomes due in that time happens within moments: reviews are late, requests expire, webhooks are tried "
        "again."
    )
    never = callout("The clock never goes back. Nobody can undo this.", tone="amber", icon="triangle-alert")
    go = button(
        "Advance the clock", tone="primary", test_id="clock-confirm", on_click=ClockState.advance(ClockState.ticket)
    )
    return dialog(
        stack(words, never),
        open=ClockState.by != "",
        title=rx.Var.create("Let ") + ClockState.by + " pass?",
        on_close=ClockState.close,
        actions=(button("Leave it", on_click=ClockState.close), go),
        test_id="clock-dialog",
    )


def _endpoints() -> rx.Component:
    make = link_button("Webhooks", "/partner/developers/webhooks", icon="webhook", size="sm")
    nothing = states.empty(
        "No test endpoint",
        "An endpoint of test data gets the events of this page, signed and retried like live ones.",
        link_button("Add an endpoint", "/partner/developers/webhooks", icon="plus"),
        icon="webhook",
    )
    lines = rx.el.ul(rx.foreach(SandboxState.endpoints, _endpoint), class_name="tellings")
    return panel("Test event", rx.cond(SandboxState.endpoints.length() > 0, lines, nothing), actions=(make,))


def _endpoint(one: EndpointView) -> rx.Component:
    test = button(
        "Send test event", icon="zap", size="sm", test_id="sandbox-test-event",
        on_click=SandboxState.send_test(one.id, SandboxState.ticket), disabled=~rx.Var.create(one.is_enabled).to(bool),
    )  # fmt: skip
    return rx.el.li(
        rx.el.div(
            rx.el.a(one.name, href=one.href, class_name="link truncate"),
            rx.el.div(class_name="grow"),
            status_badge(one.status),
            class_name="row",
            data_wrap="no",
        ),
        rx.el.div(
            rx.el.span(one.events, class_name="muted small"), rx.el.div(class_name="grow"), test, class_name="row"
        ),
        data_testid="sandbox-endpoint",
        key=one.id,
    )


def _code() -> rx.Component:
    languages = segment(
        ("curl", SandboxState.language == "bash", SandboxState.speak("bash")),
        ("Python", SandboxState.language == "python", SandboxState.speak("python")),
        ("JavaScript", SandboxState.language == "javascript", SandboxState.speak("javascript")),
        label="Language",
    )
    calls = {one.name: _call(one) for one in magic_documents.shipped()}
    chosen = [
        rx.match(SandboxState.chosen, *[(name, codes[index]) for name, codes in calls.items()], "")
        for index in range(3)
    ]
    text: Any = rx.match(SandboxState.language, ("python", chosen[1]), ("javascript", chosen[2]), chosen[0])
    text = text.to(str).replace(BASE, SandboxState.base)
    words = rx.el.p(
        "Put a test key of yours in the place of ", rx.el.code("kyc_test_…"), ". ",
        rx.el.a("Make one", href="/partner/developers/keys", class_name="link"), class_name="muted small",
    )  # fmt: skip
    bar = rx.el.div(
        languages,
        rx.el.span(SandboxState.chosen, class_name="mono small muted"),
        rx.el.div(class_name="grow"),
        copyable(text, shown="Copy", label="Copy the call", visible=True, test_id="sandbox-copy"),
        class_name="row",
    )
    code = rx.el.pre(text, class_name="mono small", tab_index=0, data_testid="sandbox-code")
    return panel("The same call from your server", stack(words, bar, code))


def _call(one: magic_documents.MagicDocument) -> list[str]:
    """Write the call that sends one picture in every language, after fetching the picture."""
    picture = f"{BASE}/api/v1/docs/sandbox/{one.name}.jpg"
    call = Call(
        "POST", f"{BASE}/api/v1/documents", is_once=True, form={"files": [FILE], "applicant": dict(one.applicant)}
    )
    bash, python, javascript = (code.text.replace(FILE, f"{one.name}.jpg") for code in snippets(replace(call)))
    return [
        f"curl -sO {picture}\n\n{bash}",
        f"# The picture: {picture}\n{python}",
        f"// The picture: {picture}\n{javascript}",
    ]


def _simulation() -> rx.Component:
    one: Any = SimulationState
    choices = rx.el.div(rx.foreach(one.fates, _fate), class_name="stack", role="radiogroup", aria_label="Outcome")
    reasons = rx.el.fieldset(
        rx.el.legend("Reasons", class_name="strong small"),
        rx.el.p("None gives the usual one.", class_name="muted small"),
        rx.el.div(rx.foreach(one.catalogue, _reason), class_name="reason-list region", tab_index=0, role="group",
                  aria_label="Reasons"),
    )  # fmt: skip
    nothing = rx.el.p(
        "It has been decided, or was withdrawn. Send another one to decide it yourself.", data_testid="simulate-nothing"
    )
    body = rx.cond(
        one.fates.length() > 0,
        stack(choices, rx.cond(one.takes_reasons, reasons)),
        nothing,
    )
    go = rx.cond(
        one.fates.length() > 0,
        button("Decide", tone="primary", test_id="simulate-confirm", on_click=SimulationState.simulate),
    )
    return dialog(
        rx.el.p(short_id(one.document_id), class_name="mono small muted"),
        body,
        rx.cond(one.error, callout(one.error, tone="red", icon="circle-alert")),
        open=one.document_id != "",
        title="What becomes of this test document?",
        on_close=SimulationState.close,
        actions=(button("Close", on_click=SimulationState.close), go),
        test_id="simulate-dialog",
    )


def _fate(name: Any) -> rx.Component:  # noqa: ANN401 a Var of a status
    return checkbox(
        status_badge(name),
        type="radio",
        name="fate",
        checked=SimulationState.fate == name,
        on_change=SimulationState.choose(name),
        data_testid=rx.Var.create("fate-") + name,
    )


def _reason(one: ReasonChip) -> rx.Component:
    return checkbox(
        one.label,
        checked=SimulationState.codes.contains(one.code),
        on_change=SimulationState.tick(one.code),
        data_testid=rx.Var.create("reason-") + one.code,
    )
