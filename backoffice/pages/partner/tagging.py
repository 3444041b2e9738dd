"""The tags of one document, and of a row: words of the partner's own."""

from typing import Any

import reflex as rx

from backoffice.components.badge import badge
from backoffice.components.button import button
from backoffice.components.icon import icon
from backoffice.models.document_tags import LONGEST_TAG
from backoffice.state.partner.document import DocumentState
from backoffice.state.partner.tagging import TaggingState
from backoffice.state.session import SessionState

head: Any = DocumentState.head
viewer: Any = SessionState.viewer
turn: Any = TaggingState.turn
tags_there = viewer.permissions.contains("documents:tag")
HINT = "Add a tag"


def tag_badges(tags: Any) -> rx.Component:  # noqa: ANN401 a list in a Var
    """Show the tags of a row; one without any shows nothing."""
    return rx.cond(
        tags.length() > 0,
        rx.el.span(rx.foreach(tags, lambda tag: badge(tag, "indigo", data_testid="document-tag")), class_name="tags"),
    )


def bar() -> rx.Component:
    """Show the document's tags, with a box for another one."""
    tags = head.tags.to(list[str])
    return rx.el.div(
        icon("tag", 15),
        rx.foreach(tags, _chip),
        rx.cond(
            tags_there & ~head.is_redacted,
            _box(),
            rx.cond(tags.length() == 0, rx.el.span("No tags", class_name="muted small")),
        ),
        rx.cond(TaggingState.error, rx.el.span(TaggingState.error, class_name="field-error", role="alert")),
        class_name="row tag-bar",
        role="group",
        aria_label="Tags",
        data_testid="document-tags",
    )


def _chip(tag: Any) -> rx.Component:  # noqa: ANN401 a word in a Var
    mode: Any = rx.cond(head.mode == "test", "&mode=test", "")
    cross = rx.el.button(
        icon("x", 13),
        type="button",
        aria_label=f"Remove tag {tag}",
        on_click=TaggingState.remove(head.id, tag),
    )
    return rx.el.span(
        rx.el.a(tag, href=rx.Var.create("/partner/documents?tag=") + tag + mode, class_name="link"),
        rx.cond(tags_there, cross),
        class_name="chip",
        data_testid="document-tag",
    )


def _box() -> rx.Component:
    written = rx.el.input(
        name="tag",
        id="tag",
        class_name="input",
        aria_label=HINT,
        placeholder=HINT,
        max_length=LONGEST_TAG,
        auto_complete="off",
        list="known-tags",
        data_command="tag",
        key=head.id.to(str) + "-" + turn.to_string(),
        title="Words of your own, such as vip or batch-7; no personal data",
    )
    known = rx.el.datalist(rx.foreach(TaggingState.known, lambda tag: rx.el.option(value=tag)), id="known-tags")
    return rx.el.form(
        rx.el.input(type="hidden", name="document", value=head.id),
        written,
        known,
        button("Add", size="sm", type="submit", keys="T", test_id="tag-add"),
        on_submit=TaggingState.add,
        class_name="row",
    )
