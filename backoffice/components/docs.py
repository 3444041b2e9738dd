"""The API's documentation inside a page."""

import reflex as rx

from backoffice.components.client import client


class Docs(rx.Component):
    """Fetches the documentation's text and brings it to life; its children stand beside the first call."""

    library = client("docs")
    tag = "Docs"

    address: rx.Var[str]
    script: rx.Var[str]
    api_key: rx.Var[str]


def docs(*beside_first_call: rx.Component, address: str, script: str, api_key: str | rx.Var[str]) -> rx.Component:
    """Show the documentation; `api_key` stands in every snippet as long as it is set."""
    return Docs.create(*beside_first_call, address=address, script=script, api_key=api_key)
