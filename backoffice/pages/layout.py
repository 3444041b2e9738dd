"""The shell around every signed-in page: rail, top bar, drawer, bottom bar, landmarks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import reflex as rx

from backoffice.components.badge import count
from backoffice.components.connection import live_status, overlay
from backoffice.components.dialog import menu, nav_drawer
from backoffice.components.form import native_form
from backoffice.components.icon import icon
from backoffice.components.language import language_switch
from backoffice.components.looks import Content, Props
from backoffice.components.theme import density_switch, skip_link, theme_switch

STYLESHEETS = [
    "/tokens.css",
    "/css/base.css",
    "/css/layout.css",
    "/css/controls.css",
    "/css/table.css",
    "/css/data.css",
    "/css/overlay.css",
    "/css/review.css",
]
APP_WRAPS = {(5, "Overlay"): overlay}


def head() -> list[rx.Component]:
    """Give every page its theme before the first paint, its mark and its colours."""
    return [
        rx.el.script(src="/theme.js"),
        rx.el.link(rel="icon", href="/mark.svg", type="image/svg+xml"),
        rx.el.meta(name="theme-color", content="#f8fafc", media="(prefers-color-scheme: light)"),
        rx.el.meta(name="theme-color", content="#0b1220", media="(prefers-color-scheme: dark)"),
    ]


@dataclass(frozen=True)
class NavItem:
    """One place of a workspace; `command` is what "g d" and the like press, `amount` a small live count.

    `shown` hides it from who may not go there, `phone` says whether it is one of the four of the bottom bar.
    """

    label: str
    href: str
    icon: str
    command: str = ""
    amount: int | rx.Var[int] | None = None
    end: bool = False
    phone: bool | rx.Var[bool] = True
    shown: rx.Var[bool] | None = None


@dataclass(frozen=True)
class Me:
    """Who is signed in, as the user menu shows it; fields take values or Vars."""

    name: str | rx.Var[str]
    role: str | rx.Var[str]
    initials: str | rx.Var[str]
    email: str | rx.Var[str] = ""


def _here(item: NavItem, path: str | rx.Var[str]) -> Content:
    current = rx.Var.create(path).to(str)
    exact = (current == item.href) | (current == f"{item.href}/")
    if item.href.count("/") > 1:
        exact = exact | current.startswith(f"{item.href}/")
    return rx.cond(exact, "page", "false")


def _amount(item: NavItem) -> list[rx.Component]:
    return [count(item.amount, "alert")] if item.amount is not None else []


def _if_shown(item: NavItem, link: rx.Component) -> rx.Component:
    return link if item.shown is None else rx.cond(item.shown, link)


def _rail_link(item: NavItem, path: str | rx.Var[str]) -> rx.Component:
    props: dict[str, Props] = {"data_command": item.command} if item.command else {}
    link = rx.el.a(
        icon(item.icon, 18),
        rx.el.span(item.label, class_name="label"),
        *_amount(item),
        href=item.href,
        class_name="rail-link",
        aria_label=item.label,
        aria_current=_here(item, path),
        **props,
    )
    return _if_shown(item, link)


def mark(size: int = 28) -> rx.Component:
    """Draw the product's mark."""
    return rx.el.img(src="/mark.svg", alt="", width=str(size), height=str(size))


def _rail(nav: Sequence[NavItem], path: str | rx.Var[str], home: str) -> rx.Component:
    top = [_rail_link(item, path) for item in nav if not item.end]
    end = [_rail_link(item, path) for item in nav if item.end]
    logo = rx.el.a(mark(), href=home, class_name="mark", aria_label="Partner Backoffice, home")
    return rx.el.nav(logo, *top, rx.el.div(*end, class_name="rail-end"), class_name="rail", aria_label="Primary")


def _drawer(nav: Sequence[NavItem], path: str | rx.Var[str]) -> rx.Component:
    links = [
        _if_shown(
            item,
            rx.el.li(
                rx.el.a(icon(item.icon, 18), item.label, *_amount(item), href=item.href, aria_current=_here(item, path))
            ),
        )
        for item in nav
    ]
    return nav_drawer(rx.el.nav(rx.el.ul(*links, class_name="nav-list"), aria_label="All places"), title="Menu")


def _bottom_bar(nav: Sequence[NavItem], path: str | rx.Var[str]) -> rx.Component:
    always = [item for item in nav if item.phone is True]  # the style sheet shows the first four that are there
    sometimes = [replace(item, shown=item.phone) for item in nav if not isinstance(item.phone, bool)]
    links = [_if_shown(item, _bottom_link(item, path)) for item in (*always, *sometimes)]
    return rx.el.nav(*links, class_name="bottombar", aria_label="Main places")


def _bottom_link(item: NavItem, path: str | rx.Var[str]) -> rx.Component:
    return rx.el.a(
        icon(item.icon, 20),
        item.label,
        *_amount(item),
        href=item.href,
        class_name="bottom-link",
        aria_current=_here(item, path),
    )


def user_menu(me: Me, *extra: rx.Component, has_languages: bool | rx.Var[bool] = False) -> rx.Component:
    """Show who is signed in, the language where screens have several, the theme, the account and the way out."""
    who = rx.el.div(
        rx.el.div(me.name, class_name="strong truncate"),
        rx.el.div(me.role, class_name="muted small truncate"),
        class_name="menu-text",
    )
    look = rx.el.div(theme_switch(), class_name="menu-text")
    density = rx.el.div(density_switch(), class_name="menu-text")
    spoken: list[rx.Component] = []
    if has_languages is not False:
        spoken = [rx.cond(has_languages, rx.el.div(language_switch(), class_name="menu-text"))]
    leave = native_form(
        rx.el.button(icon("log-out"), "Sign out", type="submit", custom_attrs={"data-testid": "sign-out"}),
        action="/auth/logout",
    )
    return menu(
        who,
        rx.el.hr(),
        *spoken,
        look,
        density,
        rx.el.hr(),
        rx.el.a(icon("settings"), "Account", href="/account"),
        rx.el.button(
            icon("keyboard"), "Keyboard shortcuts", type="button", custom_attrs={"data-hotkeys-sheet": "true"}
        ),
        *extra,
        rx.el.hr(),
        leave,
        label="Account and settings",
        icon=me.initials,
        test_id="user-menu",
    )


def workspace_switch(current: str | rx.Var[str], *places: Content) -> rx.Component:
    """Offer the workspaces that the roles allow, as links; leave it out with one workspace."""
    return menu(*places, label="Switch workspace", text=current, caret=True, side="left", test_id="workspace-switch")


def env_strip(words: str | rx.Var[str] = "Sandbox: test data only, nothing here is billed or real") -> rx.Component:
    """Mark the sandbox in words and colour."""
    return rx.el.div(icon("code", 14), words, class_name="env-strip")


def shell(
    *content: Content,
    nav: Sequence[NavItem],
    path: str | rx.Var[str],
    me: Me,
    title: Content = None,
    switch: rx.Component | None = None,
    environment: rx.Component | None = None,
    strip: rx.Component | None = None,
    search: rx.Component | None = None,
    tools: Sequence[rx.Component] = (),
    paused: bool | rx.Var[bool] = False,
    home: str = "/",
    flush: bool = False,
    has_languages: bool | rx.Var[bool] = False,
    after: Sequence[rx.Component] = (),
) -> rx.Component:
    """Put a page into the shell.

    `path` is the current path (rx.State.router.url.path), `switch` the workspace switcher, `environment` what stands
    beside it, `strip` a full-width line such as env_strip(), `search` the command menu,
    `tools` buttons before the user menu (the bell),
    `has_languages` offers to choose one, `after` holds hotkeys, toasts and dialogs,
    `flush` gives the content the whole area without padding.
    """
    beside = rx.el.span(environment, class_name="wide") if environment is not None else None
    here = [part for part in (switch, beside) if part is not None]
    named = [rx.el.span(title, class_name="strong truncate")] if title is not None else []
    bar = rx.el.header(
        skip_link(),
        _drawer(nav, path),
        *here,
        *named,
        rx.el.div(*([search] if search is not None else []), class_name="grow topbar-middle"),
        live_status(paused),
        *tools,
        user_menu(me, has_languages=has_languages),
        class_name="topbar",
    )
    lines = [strip] if strip is not None else []
    main = rx.el.main(*content, id="main", tab_index=-1, class_name="main", data_flush=flush)
    body = rx.el.div(*lines, main, class_name="body")
    return rx.el.div(_rail(nav, path, home), bar, body, _bottom_bar(nav, path), *after, class_name="shell")
