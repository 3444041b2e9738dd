"""What a partner's person sees of personal data before it is shown: masks, and the question what for."""

from typing import Any

import reflex as rx

from backoffice.components.box import callout, row, stack, text
from backoffice.components.button import button
from backoffice.components.dialog import dialog
from backoffice.components.foot import foot
from backoffice.components.form import field, text_area
from backoffice.components.time import countdown
from backoffice.models.reveals import MAX_NOTE
from backoffice.state.partner.document import DocumentState
from backoffice.state.partner.questions import QuestionsState
from backoffice.state.partner.revealing import RevealState
from backoffice.viewmodels.documents import PURPOSES

head: Any = DocumentState.head


def bar() -> rx.Component:
    """Say that values are hidden, with the way to see them; or until when they are shown."""
    show = button(
        "Show personal data",
        icon="eye",
        size="sm",
        keys="V",
        command="reveal",
        on_click=RevealState.ask(True),
        test_id="reveal-open",
    )
    why = "Names, numbers, dates and pictures are hidden until you say what you need them for."
    some = rx.cond(
        head.fields_until,
        rx.el.span(
            " What you had shown alone is hidden again in ",
            countdown(head.fields_until, done="now", on_done=DocumentState.show),
            ".",
        ),
    )
    hidden = callout(
        row(rx.el.span(why, some, style={"flex": "1 1 240px"}), show), tone="blue", icon="eye-off", data_testid="hidden"
    )
    left = countdown(head.shown_until, done="now", on_done=[DocumentState.show, QuestionsState.refresh])
    shown = callout(
        "Personal data is shown to you, and hidden again in ", left, ". Pictures carry your name.",
        tone="amber",
        icon="eye",
        data_testid="shown",
    )  # fmt: skip
    return rx.cond(head.is_hidden, hidden, rx.cond(head.shown_until, shown))


def one_button(name: str | rx.Var[str], label: str | rx.Var[str]) -> rx.Component:
    """Offer to show one value alone."""
    return button(
        "Show",
        icon="eye",
        size="sm",
        tone="ghost",
        aria_label=f"Show {label}",
        on_click=RevealState.ask_one(name),
        test_id="reveal-one",
    )


def question() -> rx.Component:
    """Ask what for; another purpose than those named needs words."""
    choices = [
        button(
            words,
            tone=rx.cond(RevealState.purpose == code, "primary", "default"),
            aria_pressed=rx.cond(RevealState.purpose == code, "true", "false"),
            on_click=RevealState.choose(code),
            test_id=f"purpose-{code}",
        )
        for code, words in PURPOSES.items()
    ]
    note = field(
        "note",
        rx.cond(RevealState.purpose == "other", "What for", "Note, if it helps an auditor"),
        text_area("note", rows=2, max_length=MAX_NOTE),
    )
    end = foot(
        "Show for 15 minutes",
        "reveal-confirm",
        cancel=RevealState.ask(False),
        type="submit",
        disabled=RevealState.purpose == "",
    )
    return dialog(
        rx.el.form(
            stack(
                rx.cond(RevealState.error, callout(RevealState.error, tone="red", icon="circle-alert")),
                text("Who looked, at what and what for is kept in your company's audit trail.", look="muted small"),
                rx.cond(RevealState.about, text("Shown is this value alone: ", rx.el.b(RevealState.about))),
                rx.el.div(*choices, class_name="row", role="group", aria_label="What you need it for"),
                rx.el.input(type="hidden", name="document", value=head.id),
                note,
                end,
            ),
            on_submit=RevealState.reveal,
        ),
        open=RevealState.is_asking,
        title="What do you need it for?",
        on_close=RevealState.ask(False),
        test_id="reveal-dialog",
    )
