"""One number that matters, how it moves, and where it leads."""

from collections.abc import Sequence

import reflex as rx

from backoffice.components.button import kbd, link
from backoffice.components.chart import sparkline
from backoffice.components.icon import icon
from backoffice.components.looks import Content, Props


def kpi(
    label: str,
    value: Content,
    *,
    test_id: str,
    number: Content = None,
    unit: str = "",
    note: Content = None,
    trend: rx.Component | None = None,
    spark: Sequence[float] | rx.Var[list[float]] | None = None,
    href: str | rx.Var[str] | None = None,
    keys: str | None = None,
) -> rx.Component:
    """Show a number; `value` is what people read, `number` (else value) goes to data-value as a plain number.

    With `href` the card opens the list behind the number; `keys` is the digit that does the same.
    """
    plain = number if number is not None else value
    words = [rx.el.span(value, rx.el.small(unit) if unit else rx.fragment(), class_name="kpi-value")]
    line = [*words, *([sparkline(spark)] if spark is not None else [])]
    parts = [
        rx.el.div(label, *([kbd(keys)] if keys else []), class_name="kpi-label"),
        rx.el.div(*line, class_name="kpi-line"),
        rx.el.div(*([trend] if trend is not None else []), note if note is not None else "", class_name="kpi-note"),
    ]
    props: dict[str, Props] = {"class_name": "kpi", "data_testid": test_id, "data_value": plain}
    if href is None:
        return rx.el.div(*parts, **props)
    extra: dict[str, Props] = {"data_command": f"open-{keys}", "aria_keyshortcuts": keys} if keys else {}
    return link(*parts, href=href, **props, **extra)


def trend(change: float | rx.Var[float], words: str | rx.Var[str], *, good: bool | rx.Var[bool] = True) -> rx.Component:
    """Show a change against the period before; `good` colours it, the arrow gives its direction."""
    moved = rx.Var.create(change).to(float)
    arrow = rx.cond(moved > 0, "arrow-up", rx.cond(moved < 0, "arrow-down", "minus"))
    return rx.el.span(icon(arrow, 13), words, class_name="trend", data_good=good)


def kpis(*cards: rx.Component) -> rx.Component:
    """Line cards up: six in a row on a desktop, two on a phone."""
    return rx.el.section(*cards, class_name="grid kpis", aria_label="Key figures")


def flow(*steps: rx.Component) -> rx.Component:
    """Show where things are on their way, in order."""
    return rx.el.ol(*steps, class_name="flow")


def flow_step(
    name: str, amount: Content, note: Content = "", *, href: str | None = None, tone: str = "", **props: Props
) -> rx.Component:
    """Show one step of the way with how many are there."""
    parts = [rx.el.span(name, class_name="muted small"), rx.el.b(amount), rx.el.span(note, class_name="muted tiny")]
    extra: dict[str, Props] = {"class_name": "flow-step", "data_tone": tone}
    box = link(*parts, href=href, **extra) if href else rx.el.div(*parts, **extra)
    return rx.el.li(box, **props)


def meter(used: float | rx.Var[float], limit: float | rx.Var[float], *, label: str, tone: Content = "") -> rx.Component:
    """Show how much of a limit is used."""
    share = rx.Var.create(used).to(float) / rx.Var.create(limit).to(float) * 100
    filled = rx.cond(share > 100, 100, share)  # noqa: PLR2004 percent
    return rx.el.div(
        rx.el.span(style={"width": f"{filled}%"}),
        class_name="meter",
        custom_attrs={"role": "meter"},
        aria_label=label,
        aria_valuenow=used,
        aria_valuemin=0,
        aria_valuemax=limit,
        data_tone=tone,
    )
