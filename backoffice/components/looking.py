"""The band over every page of a partner's workspace while one of our people looks at it."""

import reflex as rx

from backoffice.components.button import button
from backoffice.components.icon import icon
from backoffice.components.time import countdown, exact_time

Text = str | rx.Var[str]


def look_banner(*, company: Text, who: Text, until: Text, href: Text, on_stop: rx.event.EventType[()]) -> rx.Component:
    """Say who looks at whom until when, and offer the way out."""
    words = rx.el.div(
        icon("eye", 16),
        rx.el.span(
            rx.el.b(who), ", you look at ", rx.el.a(company, href=href), " as an operator. Nothing can be changed. ",
            "Until ", exact_time(until), " (", countdown(until), ")",
        ),
        class_name="look-words",
    )  # fmt: skip
    stop = button("Stop looking", size="sm", test_id="view-as-stop", on_click=on_stop)
    return rx.el.section(
        words, stop, class_name="look-strip", aria_label="Viewing as partner", data_testid="view-as-banner"
    )
