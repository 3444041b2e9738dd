"""The choice of a language: an ordinary form, since the pages of another language are other files."""

import reflex as rx

from backoffice.components.client import client
from backoffice.i18n.catalogue import catalogues


class LanguageSwitch(rx.Component):
    """One button for each language, each in its own words."""

    library = client("language")
    tag = "LanguageSwitch"
    languages: rx.Var[list[tuple[str, str]]]


def language_switch() -> rx.Component:
    """Offer every language that we have a file of."""
    return LanguageSwitch.create(languages=[(one.code, one.name) for one in catalogues().values()])
