"""`/partner/developers/keys`: the keys with which a partner's server speaks to us."""

from functools import partial
from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import status_badge
from backoffice.components.box import box, callout, grid, page_head, panel, stack
from backoffice.components.button import button, link_button, text_link
from backoffice.components.copyable import copyable
from backoffice.components.dialog import dialog
from backoffice.components.foot import foot
from backoffice.components.form import checkbox, field, form, select, text_input
from backoffice.components.hotkeys import hotkeys
from backoffice.components.table import Column, cell, main_cell, table, table_row, two_lines
from backoffice.components.time import countdown, relative_time
from backoffice.components.workspace import folded
from backoffice.services.access import Permission
from backoffice.services.api_keys import DENIABLE, WRITTEN_ALONG
from backoffice.services.permissions import SCOPES
from backoffice.state.partner.keys import GRACES, LIVES, KeysState
from backoffice.state.session import SessionState
from backoffice.viewmodels.api_keys import KeyRow

COLUMNS = ("Name", "Key", "Data", "Status", "May", "Created", "Last used", Column("Act", hidden=True))
BOUND = frozenset({Permission.PERSONAL_READ, Permission.AUDIT_READ})
viewer: Any = SessionState.viewer
permissions: Any = viewer.permissions
may_write = permissions.contains("keys:write")
reads_personal = permissions.contains("personal:read")


def keys() -> rx.Component:
    """Build the page."""
    make = button(
        "New key", icon="plus", tone="primary", keys="N", command="new", test_id="key-new", on_click=KeysState.begin
    )
    return rx.fragment(
        page_head("API keys", "Your server signs its requests with one", actions=(rx.cond(may_write, make),)),
        rx.cond(KeysState.is_loaded, _list(), box(states.loading_rows(3, "Loading keys"))),
        _making(),
        _rotating(),
        _revoking(),
        hotkeys({"n": "new"}, {"new": "New key"}),
    )


def _list() -> rx.Component:
    shown = box(table(COLUMNS, rx.foreach(KeysState.rows, _row), caption="API keys, newest first"))
    nothing = states.empty(
        "No keys yet",
        "Make a sandbox key first: it costs nothing and touches no real data.",
        link_button("How to use a key", "/api/v1/docs"),
        icon="key-round",
    )
    return stack(rx.cond(KeysState.rows.length() > 0, shown, box(nothing)), _first_call(), gap=16)


def _first_call() -> rx.Component:
    """Show a developer the whole way from a key to an answer."""
    origin = rx.State.router.url.origin  # pyright: ignore[reportAttributeAccessIssue] a Var
    call = rx.el.pre(
        "curl -H 'Authorization: Bearer kyc_test_…' '",
        origin,
        "/api/v1/documents?limit=1'",
        class_name="mono",
        tab_index=0,
    )
    words = rx.el.p(
        "A sandbox key sees sandbox data only. Every call and its answer is in ",
        text_link("the API reference", "/api/v1/docs"),
        ".",
        class_name="muted small",
    )
    return panel("A first call", stack(call, words))


def _row(one: KeyRow) -> rx.Component:
    rotate = button("Rotate", size="sm", test_id="key-rotate", on_click=KeysState.ask_rotate(one.id))
    revoke = button("Revoke", size="sm", tone="reject", test_id="key-revoke", on_click=KeysState.ask(one.id))
    acts = rx.el.div(rotate, revoke, class_name="row", data_wrap="no", data_justify="end")
    return table_row(
        main_cell(two_lines(one.name, _ending(one))),
        cell(two_lines(rx.el.span(one.shown, class_name="mono small nowrap"), _rotation(one)), label="Key"),
        cell(status_badge(one.mode), label="Data"),
        cell(status_badge(one.status), label="Status"),
        cell(two_lines(rx.el.span(one.scopes, class_name="tiny muted"), _denied(one)), label="May", phone="hide"),
        cell(relative_time(one.created_at), label="Created", phone="hide"),
        cell(rx.cond(one.last_used_at, relative_time(one.last_used_at), "never"), label="Last used"),
        cell(rx.cond(may_write & one.is_active, acts)),
        key=one.id,
        data_testid="key-row",
        data_id=one.id,
        data_status=one.status,
        data_rotation=one.rotation,
    )


def _ending(one: KeyRow) -> rx.Component:
    """Say when the key expires, if it does."""
    return rx.cond(one.is_active & (one.expires_at != ""), rx.el.span("expires ", relative_time(one.expires_at)))


def _denied(one: KeyRow) -> rx.Component:
    return rx.cond(one.denied, rx.el.span("never reads ", one.denied, class_name="tiny"))


def _rotation(one: KeyRow) -> rx.Component:
    """Say what the secret beside the active one does: the coming one waits, the old one still works."""
    pending = rx.el.span(status_badge("rotating"), " new ", one.other_shown, " waits for its first use")
    retiring = rx.el.span(
        status_badge("rotating"),
        " old ",
        one.other_shown,
        " ",
        one.late_uses,
        rx.cond(one.late_at, rx.fragment(", last ", relative_time(one.late_at))),
        ", ends ",
        countdown(one.ends_at, before="in ", after=""),
    )
    return rx.cond(one.rotation == "pending", pending, rx.cond(one.rotation == "retiring", retiring))


def _making() -> rx.Component:
    return dialog(
        rx.cond(KeysState.secret, _secret(), _form()),
        open=KeysState.is_creating,
        title=rx.cond(KeysState.secret, "Keep this key now", "New API key"),
        on_close=KeysState.close,
        test_id="key-dialog",
    )


def _rotating() -> rx.Component:
    return dialog(
        rx.cond(
            KeysState.secret,
            _secret("The old secret works on until this one is used for the first time, and then through its grace."),
            _grace(),
        ),
        open=KeysState.rotating != "",
        title=rx.cond(KeysState.secret, "Keep this secret now", "Rotate this key"),
        on_close=KeysState.close,
        test_id="rotate-dialog",
    )


def _grace() -> rx.Component:
    words = "Nothing breaks: the old secret works until your server uses the new one, and then for as long as you say."
    return form(
        rx.el.p(words),
        field("grace", "After that, the old secret", select("grace", tuple(GRACES.items()), default_value="24")),
        _buttons("Make a new secret", "rotate-confirm"),
        on_submit=KeysState.rotate,
    )


_buttons = partial(foot, cancel=KeysState.close, type="submit")


def _secret(more: str = "") -> rx.Component:
    return stack(
        callout("You see it this one time. Keep it where your server's other secrets are.", tone="amber"),
        *([rx.el.p(more, class_name="muted small")] if more else []),
        copyable(KeysState.secret, visible=True, test_id="key-secret"),
        rx.el.div(
            button("I stored it", tone="primary", test_id="key-stored", on_click=KeysState.close),
            class_name="row",
            data_justify="end",
        ),
    )


def _form() -> rx.Component:
    attributes = [checkbox(name, name=f"deny:{name}") for name in sorted(DENIABLE)]
    # A new key may do everything at first, but nothing that its maker may not.
    scopes = [checkbox(scope, name=f"scope:{scope}", default_checked=_may_give(scope)) for scope in sorted(SCOPES)]
    return form(
        field("name", "Name", text_input("name", error=KeysState.error, max_length=80), error=KeysState.error),
        grid(
            field("mode", "Data", select("mode", (("test", "Sandbox"), ("live", "Live data")))),
            field("expires", "Expires", select("expires", tuple(LIVES.items()))),
            least=180,
        ),
        rx.el.fieldset(rx.el.legend("Scopes"), grid(*scopes, least=180, gap=4), _limits()),
        folded(
            "Never read some attributes", rx.el.fieldset(grid(*attributes, least=180, gap=4)), data_testid="key-deny"
        ),
        _buttons("Create", "key-create"),
        on_submit=KeysState.create,
    )


def _may_give(scope: Permission) -> bool | rx.Var[bool]:
    """Say what is ticked at first; who has a role of the company's own hands on what that one grants."""
    if scope in BOUND:
        return permissions.contains(str(scope))
    needed = Permission.DOCUMENTS_WRITE if scope in WRITTEN_ALONG else scope
    return (viewer.role_name == "") | permissions.contains(str(needed))


def _limits() -> rx.Component:
    words = (
        "Your role reads neither personal data nor the audit trail: "
        "only your sandbox keys can have personal:read, and none audit:read."
    )
    return rx.cond(reads_personal, rx.fragment(), rx.el.p(words, class_name="muted small"))


def _revoking() -> rx.Component:
    return dialog(
        rx.el.p("The next request with this key is refused. This cannot be undone."),
        button("Revoke", tone="danger", test_id="key-revoke-confirm", on_click=KeysState.revoke),
        open=KeysState.revoking != "",
        title="Revoke this key?",
        on_close=KeysState.close,
    )
