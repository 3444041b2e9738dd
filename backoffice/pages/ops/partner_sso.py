"""Single sign-on on one partner's page: its domains, each with the record to look for."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge
from backoffice.components.box import panel, stack, text
from backoffice.components.copyable import copyable
from backoffice.components.dialog import dialog
from backoffice.components.foot import foot
from backoffice.components.table import Column, cell, main_cell, table, table_row
from backoffice.components.time import relative_time
from backoffice.pages.ops.acts import act
from backoffice.services.access import Permission
from backoffice.state.ops.partner_sso import PartnerSsoState
from backoffice.viewmodels.single_sign_on import DomainRow

view: Any = PartnerSsoState.view
"""A Var of a view model: its attributes are Vars, which no type checker knows."""
COLUMNS = ("Mail domain", "State", "TXT record", Column("Act", hidden=True))


def single_sign_on() -> rx.Component:
    """Show how the partner's people sign in, and which domains wait."""
    shown = table(COLUMNS, rx.foreach(PartnerSsoState.domains, _domain), caption="Mail domains of this partner")
    none = states.empty(
        "No domain is claimed", "The partner's administrators claim them in their settings.", icon="key-round"
    )
    return rx.fragment(
        panel(
            "Single sign-on",
            rx.cond(PartnerSsoState.domains.length() > 0, shown, none),
            flush=True,
            actions=(badge(view.status, view.tone),),
            foot=rx.cond(
                view.issuer, text(view.kind_words, " ", rx.el.span(view.issuer, class_name="mono small"), look="hint")
            ),
            data_testid="partner-sso",
        ),
        _confirming(),
    )


def _domain(one: DomainRow) -> rx.Component:
    confirm = act(
        "Confirm", Permission.PARTNERS_WRITE, size="sm", test_id="sso-confirm",
        on_click=PartnerSsoState.ask(one.domain),
    )  # fmt: skip
    when = rx.el.span("by ", one.confirmed_by, ", ", relative_time(one.confirmed_at), class_name="muted small")
    record = stack(copyable(one.record_name, visible=True), copyable(one.record_text, visible=True), gap=4)
    return table_row(
        main_cell(one.domain),
        cell(badge(one.status, one.tone), label="State"),
        cell(rx.cond(one.is_proven, when, record), label="TXT record"),
        cell(rx.cond(one.is_proven, rx.fragment(), confirm)),
        key=one.domain,
        data_testid="sso-domain",
        data_domain=one.domain,
        data_proven=one.is_proven,
    )


def _confirming() -> rx.Component:
    return dialog(
        stack(
            text(
                "Look its TXT record up yourself, for instance with dig +short TXT and the name that stands in the "
                "table. Confirm only when the text is the same, letter by letter: whoever holds the domain decides who "
                "signs in as this partner's people."
            ),
            foot(
                "I have seen the record",
                "sso-confirm-yes",
                cancel=PartnerSsoState.close,
                on_click=PartnerSsoState.confirm,
            ),
        ),
        open=PartnerSsoState.asking != "",
        title=rx.Var.create("Is ") + PartnerSsoState.asking + " theirs?",
        on_close=PartnerSsoState.close,
        test_id="sso-confirm-dialog",
    )  # fmt: skip
