"""Single sign-on on the settings page: the provider, the mail domains, a test, and the switch."""

from functools import partial
from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge
from backoffice.components.box import box, callout, facts, panel, row, split, stack, text
from backoffice.components.button import button, text_link
from backoffice.components.copyable import copyable
from backoffice.components.dialog import dialog
from backoffice.components.foot import foot
from backoffice.components.form import checkbox, field, form, select, text_input
from backoffice.components.icon import icon
from backoffice.components.looks import Content
from backoffice.models.single_sign_on import MAX_CLIENT, MAX_DOMAIN, MAX_ISSUER, MAX_SECRET
from backoffice.pages.partner import saml_fields
from backoffice.pages.partner.saml_fields import wrong
from backoffice.state.partner.single_sign_on import SsoState
from backoffice.state.session import SessionState
from backoffice.viewmodels.single_sign_on import KINDS, DomainRow, FindingRow

view: Any = SsoState.view
permissions: Any = SessionState.viewer.permissions
reads, may_write = permissions.contains("members:read"), permissions.contains("members:write")
"""Vars of view models: their attributes are Vars, which no type checker knows."""
Fact = tuple[Content, Content]
ROLES = (("partner_analyst", "Analyst"), ("partner_developer", "Developer"))


def single_sign_on() -> rx.Component:
    """Build the panel and its dialogs."""
    shown = rx.cond(SsoState.is_loaded, _panel(), box(states.loading_rows(4, "Loading single sign-on")))
    return rx.fragment(rx.cond(reads, shown), _connection(), _switching_off(), _removing())


def _panel() -> rx.Component:
    return panel(
        "Single sign-on",
        rx.cond(view.is_set, split(_set(), _domains(), ratio="1:1"), _nothing()),
        actions=(badge(view.status, view.tone),),
        data_testid="sso-panel",
        id="single-sign-on",
    )


def _nothing() -> rx.Component:
    begin = button(
        "Set up single sign-on", tone="primary", icon="key-round", test_id="sso-begin",
        on_click=SsoState.ask("connection"),
    )  # fmt: skip
    return states.empty(
        "People sign in with passwords",
        "Let them sign in with the accounts that your company gives them: Entra ID, Okta, Google, Keycloak, or any "
        "other provider that speaks OpenID Connect or SAML 2.0.",
        rx.cond(may_write, begin, text("Your administrators can set it up.", look="muted small")),
        text_link("How to set it up", "/api/v1/docs#guide-single-sign-on"),
        icon="key-round",
    )


def _set() -> rx.Component:
    acts = row(
        button("Test this connection", size="sm", test_id="sso-test", on_click=SsoState.test),
        button("Change", size="sm", test_id="sso-change", on_click=SsoState.ask("connection")),
        rx.cond(
            view.is_on,
            button("Switch off", size="sm", tone="reject", test_id="sso-off", on_click=SsoState.ask("off")),
        ),
    )
    found = rx.el.div(
        rx.el.ul(rx.foreach(SsoState.findings, _finding), class_name="plain-list", data_testid="sso-findings"),
        role="status",
    )
    return stack(
        rx.cond(view.kind == "saml", facts(*_of_saml(), *_of_all()), facts(*_of_oidc(), *_of_all())),
        rx.cond(may_write, acts),
        rx.cond(SsoState.findings.length() > 0, found),
        gap=16,
    )


def _of_all() -> tuple[Fact, ...]:
    return (
        ("New people become", view.role_words),
        ("Second factor", view.factor_words),
        ("People", view.people),
        ("Where they sign in", copyable(view.sign_in_url, visible=True)),
    )


def _of_oidc() -> tuple[Fact, ...]:
    return (
        ("Provider", view.kind_words),
        ("Issuer", rx.el.span(view.issuer, class_name="mono small")),
        ("Client ID", rx.el.span(view.client_id, class_name="mono small")),
    )


def _of_saml() -> tuple[Fact, ...]:
    return (
        ("Provider", view.kind_words),
        ("Entity ID", rx.el.span(view.issuer, class_name="mono small")),
        ("Sign-in address", rx.el.span(view.saml.saml_url, class_name="mono small")),
        ("Certificates", saml_fields.certificates()),
        ("Our entity ID and metadata", copyable(view.entity_id, visible=True)),
        ("Our ACS URL", copyable(view.acs_url, visible=True)),
    )


def _finding(one: FindingRow) -> rx.Component:
    mark = rx.cond(one.is_good, icon("circle-check", label="Good"), icon("circle-alert", label="Wrong"))
    return rx.el.li(
        row(rx.el.span(mark, class_name=rx.cond(one.is_good, "good", "bad")), rx.el.span(one.words), data_wrap="no"),
        data_testid="sso-finding",
        data_good=one.is_good,
    )


def _domains() -> rx.Component:
    claim = form(
        field(
            "domain",
            "Mail domain",
            text_input(
                "domain", error=wrong("domain"), max_length=MAX_DOMAIN, placeholder="example.com", spell_check=False
            ),
            error=wrong("domain"),
            hint="Only addresses of a proven domain are let in.",
        ),
        row(button("Claim", type="submit", size="sm", test_id="sso-claim"), justify="end"),
        on_submit=SsoState.claim,
        key=SsoState.domains.length().to_string(),
        data_testid="sso-claim-form",
    )
    rows = rx.el.ul(rx.foreach(SsoState.domains, _domain), class_name="plain-list stack", data_testid="sso-domains")
    none = text("No domain yet: nobody is let in.", look="muted small")
    return stack(rx.cond(SsoState.domains.length() > 0, rows, none), rx.cond(may_write, claim), gap=16)


def _domain(one: DomainRow) -> rx.Component:
    remove = button("Remove", size="sm", tone="ghost", test_id="sso-remove", on_click=SsoState.ask(one.domain))
    record = stack(
        text("Publish this TXT record, then tell us: we look it up and confirm it.", look="muted small"),
        copyable(one.record_name, visible=True, test_id="sso-record-name"),
        copyable(one.record_text, visible=True, test_id="sso-record-text"),
        gap=4,
    )
    return rx.el.li(
        row(rx.el.b(one.domain), badge(one.status, one.tone), rx.cond(may_write, remove), justify="between"),
        rx.cond(one.is_proven, rx.fragment(), record),
        key=one.domain,
        data_testid="sso-domain",
        data_domain=one.domain,
        data_proven=one.is_proven,
    )


def _said() -> rx.Component:
    is_elsewhere = (SsoState.error != "") & (SsoState.error_field == "")
    return rx.cond(is_elsewhere, callout(SsoState.error, tone="red", icon="circle-alert"))


_buttons = partial(foot, cancel=SsoState.close)


def _connection() -> rx.Component:
    is_saml = SsoState.kind == "saml"
    chosen = select("kind", tuple(KINDS.items()), value=SsoState.kind, on_change=SsoState.choose)
    return dialog(
        stack(
            field("kind", "Your provider speaks", chosen, error=wrong("kind")),
            rx.cond(is_saml, saml_fields.metadata_form()),
            form(
                _said(),
                rx.cond(is_saml, saml_fields.provider_fields(), _client()),
                field("role", "New people become", select("role", ROLES, default_value=view.role)),
                _switches(),
                rx.cond(is_saml, saml_fields.ours(), _redirect()),
                _buttons("Save", "sso-save", type="submit"),
                on_submit=SsoState.save,
                key=f"sso-{view.version}-{SsoState.asking}",
            ),
            gap=16,
        ),
        open=SsoState.asking == "connection",
        title="Single sign-on",
        on_close=SsoState.close,
        test_id="sso-dialog",
    )


def _redirect() -> rx.Component:
    return stack(text("Tell your provider this redirect URI:", look="hint"), copyable(view.redirect_uri, visible=True))


def _client() -> rx.Component:
    plain = {"auto_complete": "off", "spell_check": False}
    is_kept = view.is_set & (view.kind == "oidc")
    kept = rx.cond(is_kept, "Leave it empty to keep the one that is there.", "As your provider shows it once.")
    issuer = rx.cond(view.kind == "oidc", view.issuer, "")
    return rx.el.div(
        field(
            "issuer",
            "Issuer",
            text_input("issuer", default_value=issuer, error=wrong("issuer"), max_length=MAX_ISSUER, **plain),
            error=wrong("issuer"),
            hint="The address of your provider, exactly as it writes it: https://…",
        ),
        field(
            "client_id",
            "Client ID",
            text_input(
                "client_id", default_value=view.client_id, error=wrong("client_id"), max_length=MAX_CLIENT, **plain
            ),
            error=wrong("client_id"),
        ),
        field(
            "secret",
            "Client secret",
            text_input(
                "secret", type="password", error=wrong("secret"), max_length=MAX_SECRET, auto_complete="new-password"
            ),
            error=wrong("secret"),
            hint=kept,
        ),
        class_name="form",
    )


def _switches() -> rx.Component:
    return stack(
        checkbox(
            "The provider asks for a second factor", name="asks_second_factor", default_checked=view.asks_second_factor
        ),
        text("Then none is asked for here. Leave it off unless it does so for everybody.", look="hint"),
        checkbox("Only single sign-on", name="is_only_way", default_checked=view.is_only_way),
        text(
            "Passwords stop working, and people who came with one are signed out. Administrators keep theirs, with "
            "their second factor, for the day your provider is away; each use is in your audit trail.",
            look="hint",
        ),
        rx.cond(wrong("is_only_way"), text(wrong("is_only_way"), look="field-error")),
        gap=4,
    )


def _switching_off() -> rx.Component:
    return dialog(
        stack(
            _said(),
            text(
                "Everybody who came by it is signed out. Who never had a password here asks for one by letter, with "
                "“Forgot your password?”."
            ),
            _buttons("Switch off", "sso-off-confirm", tone="danger", on_click=SsoState.switch_off),
        ),
        open=SsoState.asking == "off",
        title="Switch single sign-on off?",
        on_close=SsoState.close,
        test_id="sso-off-dialog",
    )


def _removing() -> rx.Component:
    is_domain = (SsoState.asking != "") & (SsoState.asking != "connection") & (SsoState.asking != "off")
    return dialog(
        stack(
            text("People with an address there are not let in any more. Another company may claim the domain then."),
            _buttons("Remove", "sso-remove-confirm", tone="danger", on_click=SsoState.remove),
        ),
        open=is_domain,
        title=rx.Var.create("Remove ") + SsoState.asking + "?",
        on_close=SsoState.close,
        test_id="sso-remove-dialog",
    )
