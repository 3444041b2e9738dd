"""Counts in the browser what a decision takes: times, keys and clicks; never which keys."""

import reflex as rx

from backoffice.components.client import client
from backoffice.components.looks import Props


def _told(verdict: rx.Var[str], counts: rx.Var[dict[str, int]]) -> tuple[rx.Var[str], rx.Var[dict[str, int]]]:
    return verdict, counts


class Tally(rx.Component):
    """Listens beside everything else on the page and touches nothing."""

    library = client("tally")
    tag = "Tally"

    task: rx.Var[str]
    page: rx.Var[int]
    selected: rx.Var[str]
    verdict: rx.Var[str]
    verdict_task: rx.Var[str]

    on_tally: rx.EventHandler[_told]


def tally(task: str | rx.Var[str], **props: Props) -> rx.Component:
    """Count while `task` is on the screen; `on_tally` gets the id of its verdict and the counts, once each.

    `page` and `selected` are what the viewer shows now, `verdict` and `verdict_task` the last verdict and its task.
    """
    return Tally.create(task=task, **props)
