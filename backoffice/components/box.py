"""Layout primitives: with these a page needs no style sheet of its own."""

import reflex as rx

from backoffice.components.icon import icon as draw
from backoffice.components.looks import Content, Props, classes


def _gap(gap: int | None) -> dict[str, Props]:
    return {"style": {"gap": f"{gap}px"}} if gap is not None else {}


def stack(*children: Content, gap: int | None = None, **props: Props) -> rx.Component:
    """Put things under each other, 12 px apart unless said otherwise."""
    return rx.el.div(*children, **classes("stack", _gap(gap) | props))


def row(*children: Content, gap: int | None = None, justify: str = "start", **props: Props) -> rx.Component:
    """Put things beside each other, 8 px apart; justify is start, between or end."""
    return rx.el.div(*children, data_justify=justify, **classes("row", _gap(gap) | props))


def grid(*children: Content, least: int = 280, gap: int = 16, stretch: bool = True, **props: Props) -> rx.Component:
    """Fill the width with columns of at least `least` px."""
    style = {"--min": f"{least}px", "gap": f"{gap}px"}
    return rx.el.div(*children, data_stretch=stretch, style=style, **classes("grid", props))


def split(*children: Content, ratio: str = "2:1", **props: Props) -> rx.Component:
    """Put two things side by side from 1024 px on (2:1, 3:2, 1:1) and under each other below."""
    return rx.el.div(*children, data_ratio=ratio, **classes("split", props))


def with_peek(content: rx.Component, panel: rx.Component, is_open: bool | rx.Var[bool]) -> rx.Component:
    """Make room at the right for a side peek while it is open."""
    opened = rx.cond(is_open, "open", "closed")
    return rx.el.div(content, rx.cond(is_open, panel), class_name="split", data_peek=opened)


def panel(
    title: str | rx.Var[str],
    *children: Content,
    actions: tuple[rx.Component, ...] = (),
    flush: bool = False,
    foot: rx.Component | None = None,
    **props: Props,
) -> rx.Component:
    """Frame a part of a page under its heading; `flush` lets tables and lists reach the edges."""
    head = rx.el.div(rx.el.h2(title), *actions, class_name="panel-head")
    body = rx.el.div(*children, class_name="panel-body", data_flush=flush)
    end = [rx.el.div(foot, class_name="panel-foot")] if foot is not None else []
    return rx.el.section(head, body, *end, **classes("panel", props))


def box(*children: Content, **props: Props) -> rx.Component:
    """Frame something that has no heading, such as a full-width table."""
    return rx.el.div(*children, **classes("panel", props))


def page_head(
    title: str | rx.Var[str], *meta: Content, actions: tuple[rx.Component, ...] = (), **props: Props
) -> rx.Component:
    """Open a page: its only h1, facts beneath it, its actions at the right."""
    lines: list[Content] = [rx.el.h1(title)]
    if meta:
        known = [one if isinstance(one, rx.Component) else rx.el.span(one) for one in meta]
        lines.append(rx.el.div(*known, class_name="meta"))
    buttons = [rx.el.div(*actions, class_name="actions")] if actions else []
    return rx.el.div(rx.el.div(*lines, class_name="titles"), *buttons, **classes("page-head", props))


def callout(*children: Content, tone: str | rx.Var[str] = "blue", icon: str = "info", **props: Props) -> rx.Component:
    """Say something that matters on this page; tones blue, amber, red, green."""
    return rx.el.div(draw(icon), rx.el.div(*children, class_name="grow"), data_tone=tone, **classes("callout", props))


def facts(*pairs: tuple[Content, Content]) -> rx.Component:
    """List facts as term and value."""
    return rx.el.dl(*[rx.fragment(rx.el.dt(term), rx.el.dd(value)) for term, value in pairs], class_name="dl")


def text(*children: Content, look: str = "", **props: Props) -> rx.Component:
    """Write a paragraph; look is a list of classes such as `muted small`."""
    return rx.el.p(*children, class_name=look, **props)
