"""The parts of the single sign-on panel that only SAML has: metadata to paste, three fields, and who we are."""

from typing import Any

import reflex as rx

from backoffice.components.box import callout, row, stack, text
from backoffice.components.button import button, text_link
from backoffice.components.copyable import copyable
from backoffice.components.form import field, form, text_area, text_input
from backoffice.components.icon import icon
from backoffice.components.time import relative_time
from backoffice.models.single_sign_on import MAX_ISSUER, MISSING
from backoffice.state.partner.single_sign_on import SsoState
from backoffice.viewmodels.single_sign_on import CertificateRow

MAX_METADATA, MAX_CERTIFICATES = 250_000, 20_000
view: Any = SsoState.view
fields: Any = SsoState.fields
"""Vars of view models: their attributes are Vars, which no type checker knows."""


def wrong(name: str) -> rx.Var[str]:
    """Say what is wrong with one field."""
    return rx.cond(SsoState.error_field == name, SsoState.error, "")


def metadata_form() -> rx.Component:
    """Take the metadata of a provider, which fills the fields below."""
    return form(
        field(
            "metadata",
            "Metadata of your provider",
            text_area(
                "metadata", rows=3, error=wrong("metadata"), max_length=MAX_METADATA, spell_check=False,
                placeholder="<EntityDescriptor …>",
            ),
            error=wrong("metadata"),
            hint="Paste the XML, and the fields below are filled in. Or type them by hand.",
        ),
        row(button("Fill in the fields", type="submit", size="sm", test_id="saml-read"), justify="end"),
        on_submit=SsoState.read_metadata,
        key=SsoState.asking,
    )  # fmt: skip


def provider_fields() -> rx.Component:
    """Ask for what we have to know of a provider."""
    plain = {"auto_complete": "off", "spell_check": False}
    return rx.el.div(
        rx.cond(view.has_saml, rx.fragment(), callout(MISSING, tone="amber", icon="circle-alert")),
        field(
            "issuer",
            "Entity ID of your provider",
            text_input("issuer", default_value=fields.issuer, error=wrong("issuer"), max_length=MAX_ISSUER, **plain),
            error=wrong("issuer"),
        ),
        field(
            "saml_url",
            "Sign-in address",
            text_input(
                "saml_url", default_value=fields.saml_url, error=wrong("saml_url"), max_length=MAX_ISSUER, **plain
            ),
            error=wrong("saml_url"),
            hint="Of the HTTP-Redirect binding: https://…",
        ),
        field(
            "certificates",
            "Signing certificate",
            text_area(
                "certificates", rows=4, default_value=fields.certificates, error=wrong("certificates"),
                max_length=MAX_CERTIFICATES, spell_check=False, placeholder="-----BEGIN CERTIFICATE-----",
                class_name="mono small",
            ),
            error=wrong("certificates"),
            hint="Two, one after the other, while your provider changes from one to the next.",
        ),
        class_name="form",
        key=fields.number,
    )  # fmt: skip


def ours() -> rx.Component:
    """Show what the provider has to know of us."""
    return stack(
        text("Tell your provider who we are:", look="hint"),
        _named("Entity ID, which is also where our metadata is", copyable(view.entity_id, visible=True)),
        _named("Where answers come (ACS URL, HTTP-POST)", copyable(view.acs_url, visible=True)),
        text_link("Open our metadata", view.entity_id, target="_blank", rel="noopener"),
        gap=8,
    )


def _named(words: str, value: rx.Component) -> rx.Component:
    return stack(text(words, look="muted small"), value, gap=4)


def certificates() -> rx.Component:
    """Show with which certificates the provider signs, and until when."""
    return rx.el.ul(
        rx.foreach(SsoState.certificates, _certificate), class_name="plain-list stack", data_testid="saml-certificates"
    )


def _certificate(one: CertificateRow) -> rx.Component:
    warning = row(
        rx.el.span(icon("circle-alert"), class_name="bad"), rx.el.span(one.warning), data_wrap="no", role="status"
    )
    return rx.el.li(
        stack(
            rx.el.span(one.words),
            rx.el.span("Ends ", relative_time(one.ends), class_name="muted small"),
            rx.cond(one.warning != "", warning),
            gap=4,
        ),
        key=one.fingerprint,
        data_testid="saml-certificate",
        data_warns=one.warning != "",
    )
