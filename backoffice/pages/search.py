"""`/search`: everything that the viewer may read of what matches, group by group."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import count, status_badge
from backoffice.components.box import box, callout, page_head, panel, stack
from backoffice.components.button import button, text_link
from backoffice.components.form import search_input
from backoffice.components.hotkeys import hotkeys
from backoffice.components.icon import icon
from backoffice.components.tabs import tab, tabs
from backoffice.state.search import SearchState
from backoffice.viewmodels.searches import Hit


def search() -> rx.Component:
    """Build the page."""
    fresh = SearchState.read_for == rx.State.router.url.query
    return rx.fragment(
        page_head("Search", rx.cond(fresh & SearchState.is_asked, rx.el.span(SearchState.said, role="status"))),
        stack(
            _asking(),
            _modes(),
            _regions(),
            rx.cond(
                SearchState.refusal != "", callout(SearchState.refusal, icon="globe", data_testid="search-refused")
            ),
            rx.cond(fresh, _found(), box(states.loading_rows(8, "Searching"))),
            gap=16,
        ),
        hotkeys({"f": "search"}, {"search": "Search"}),
    )


def _asking() -> rx.Component:
    box_ = search_input(
        "q",
        "Name, number, id, key, webhook, request…",
        default_value=SearchState.q,
        max_length=200,
        data_testid="search-q",
    )
    go = button("Search", tone="primary", type="submit", test_id="search-submit")
    return rx.el.form(box_, go, on_submit=SearchState.search, key=SearchState.q, class_name="search-page")


def _modes() -> rx.Component:
    """Let partners' people look at the other mode; who sees every partner knows no modes."""
    is_live: Any = SearchState.mode == "live"
    live = tab("Live data", current=is_live, href=SearchState.live_url)
    test = tab("Sandbox", current=~is_live, href=SearchState.test_url)
    return rx.cond(SearchState.live_url != "", tabs(live, test, label="Mode of documents and applicants"))


def _regions() -> rx.Component:
    """Let our own people choose where to look: regions are not searched together."""
    choices = rx.foreach(SearchState.regions, lambda one: tab(one.label, current=one.is_current, href=one.href))
    return rx.cond(SearchState.regions.length() > 0, tabs(choices, label="Region of documents"))


def _found() -> rx.Component:
    idle = states.empty("Nothing asked yet", SearchState.said, icon="search")
    nothing: Any = states.empty(
        rx.fragment("Nothing matches ", rx.el.q(SearchState.q)),
        "Names and numbers are found by whole words; ids as they are, documents also by the beginning of your own id. "
        "What your role may not read is not looked for.",
        icon="search",
    )
    groups = stack(rx.foreach(SearchState.groups, _group), gap=16)
    return rx.cond(SearchState.is_asked, rx.cond(SearchState.groups.length() > 0, groups, box(nothing)), box(idle))


def _group(one: Any) -> rx.Component:  # noqa: ANN401 a group of lines in a Var
    more = rx.cond(one.more_href, text_link("Show all", one.more_href, data_testid="search-more"))
    rows = rx.el.ul(rx.foreach(one.hits, lambda hit: _hit(hit, one.icon)), class_name="hits")
    return panel(
        one.label,
        rows,
        actions=(count(one.count), rx.el.span(class_name="grow"), more),
        flush=True,
        data_testid="search-group",
        data_kind=one.kind,
    )


def _hit(one: Hit, picture: Any) -> rx.Component:  # noqa: ANN401 a Var of the group
    words = rx.el.span(
        rx.el.span(one.title, class_name="truncate"),
        rx.cond(one.detail, rx.el.small(one.detail, class_name="muted truncate")),
        class_name="option-words",
    )
    link = rx.el.a(
        icon(picture, 16),
        words,
        rx.cond(one.is_test, status_badge("test")),
        rx.cond(one.status, status_badge(one.status)),
        href=one.href,
        class_name="hit",
        data_testid="search-hit",
        data_id=one.id,
    )
    return rx.el.li(link, key=one.id)
