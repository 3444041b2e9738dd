"""Layout primitives: with these a page needs no style sheet of its own."""

import reflex as rx

from backoffice.components.icon import icon as draw
from backoffice.components.looks import classes


def _gap(gap: int | None) -> dict[str, object]:
    return {"style": {"--gap": f"{gap}px"}} if gap is not None else {}


def stack(*children: object, gap: int | None = None, **props: object) -> rx.Component:
    """Put things under each other, 12 px apart unless said otherwise."""
    return rx.el.div(*children, **classes("stack", _gap(gap) | props))


def row(*children: object, gap: int | None = None, justify: str = "start", **props: object) -> rx.Component:
    """Put things beside each other, 8 px apart; justify is start, between or end."""
    return rx.el.div(*children, data_justify=justify, **classes("row", _gap(gap) | props))


def grid(*children: object, least: int = 280, gap: int = 16, stretch: bool = True, **props: object) -> rx.Component:
    """Fill the width with columns of at least `least` px."""
    style = {"--min": f"{least}px", "--gap": f"{gap}px"}
    return rx.el.div(*children, data_stretch=stretch, style=style, **classes("grid", props))


def split(*children: object, ratio: str = "2:1", **props: object) -> rx.Component:
    """Put two things side by side from 1024 px on (2:1, 3:2, 1:1) and under each other below."""
    return rx.el.div(*children, data_ratio=ratio, **classes("split", props))


def with_peek(content: rx.Component, panel: rx.Component, is_open: bool | rx.Var[bool]) -> rx.Component:
    """Make room at the right for a side peek while it is open."""
    opened = rx.cond(is_open, "open", "closed")
    return rx.el.div(content, rx.cond(is_open, panel), class_name="split", data_peek=opened)


def panel(
    title: str | rx.Var[str],
    *children: object,
    actions: tuple[rx.Component, ...] = (),
    flush: bool = False,
    foot: rx.Component | None = None,
    **props: object,
) -> rx.Component:
    """Frame a part of a page under its heading; `flush` lets tables and lists reach the edges."""
    head = rx.el.div(rx.el.h2(title), *actions, class_name="panel-head")
    body = rx.el.div(*children, class_name="panel-body", data_flush=flush)
    end = [rx.el.div(foot, class_name="panel-foot")] if foot is not None else []
    return rx.el.section(head, body, *end, **classes("panel", props))


def box(*children: object, **props: object) -> rx.Component:
    """Frame something that has no heading, such as a full-width table."""
    return rx.el.div(*children, **classes("panel", props))


def page_head(
    title: str | rx.Var[str], *meta: object, actions: tuple[rx.Component, ...] = (), **props: object
) -> rx.Component:
    """Open a page: its only h1, facts beneath it, its actions at the right."""
    lines: list[object] = [rx.el.h1(title)]
    if meta:
        lines.append(rx.el.div(*meta, class_name="meta"))
    buttons = [rx.el.div(*actions, class_name="actions")] if actions else []
    return rx.el.div(rx.el.div(*lines, class_name="titles"), *buttons, **classes("page-head", props))


def callout(*children: object, tone: str = "blue", icon: str = "info", **props: object) -> rx.Component:
    """Say something that matters on this page; tones blue, amber, red, green."""
    return rx.el.div(draw(icon), rx.el.div(*children, class_name="grow"), data_tone=tone, **classes("callout", props))


def facts(*pairs: tuple[object, object]) -> rx.Component:
    """List facts as term and value."""
    return rx.el.dl(*[rx.fragment(rx.el.dt(term), rx.el.dd(value)) for term, value in pairs], class_name="dl")


def text(*children: object, look: str = "", **props: object) -> rx.Component:
    """Write a paragraph; look is a list of classes such as `muted small`."""
    return rx.el.p(*children, class_name=look, **props)
