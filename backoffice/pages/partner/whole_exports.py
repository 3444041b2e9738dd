"""An export that is made and fetched where it was asked for: how far it is, what is in it, until when it is there."""

import reflex as rx

from backoffice.components.badge import badge
from backoffice.components.box import callout, row
from backoffice.components.button import button, link_button
from backoffice.components.looks import Content, Props
from backoffice.components.time import countdown
from backoffice.viewmodels.exports import ExportRow


def whole_export(
    one: ExportRow, title: str, holds: Content, *, icon: str, on_stop: Props, test_id: str
) -> rx.Component:
    """Show one; `test_id` names the bar, and with `-fetch` its link."""
    fetch = link_button(
        "Download",
        one.href,
        icon="download",
        size="sm",
        tone="primary",
        test_id=f"{test_id}-fetch",
        custom_attrs={"reloadDocument": True},
    )
    left = rx.el.span("here for ", countdown(one.expires_at, done="a moment"), class_name="muted small")
    stop = button("Stop", size="sm", on_click=on_stop)
    return callout(
        row(
            rx.el.span(title, " ", badge(one.words, one.tone), role="status"),
            rx.el.span(rx.cond(one.failure, one.failure, holds), class_name="small", style={"flex": "1 1 240px"}),
            rx.cond(one.href, row(left, fetch), rx.cond(one.is_under_way, stop)),
        ),
        icon=icon,
        data_testid=f"{test_id}-pack",
        data_status=one.status,
    )
