"""Light charts of our own: SVG, no library, each with the same numbers as a table."""

from collections.abc import Sequence
from dataclasses import dataclass

import reflex as rx

from backoffice.components.client import client
from backoffice.components.looks import Props


@dataclass(frozen=True)
class Series:
    """One line or one part of the bars; tones are brand, good, warn, bad and mute."""

    name: str
    values: list[float]
    tone: str = "brand"


class Sparkline(rx.Component):
    """A line without axes."""

    library = client("chart")
    tag = "Sparkline"

    values: rx.Var[list[float]]
    label: rx.Var[str]


class Chart(rx.Component):
    """Lines or stacked bars over labels."""

    library = client("chart")
    tag = "Chart"

    labels: rx.Var[list[str]]
    series: rx.Var[list[Series]]
    kind: rx.Var[str]
    caption: rx.Var[str]
    unit: rx.Var[str]
    across: rx.Var[str]
    height: rx.Var[int]


def sparkline(values: Sequence[float] | rx.Var[list[float]], **props: Props) -> rx.Component:
    """Show how a number moved; decorative unless it has a label."""
    return Sparkline.create(values=values, **props)


def chart(
    labels: Sequence[str] | rx.Var[list[str]],
    series: Sequence[Series] | rx.Var[list[Series]],
    *,
    caption: str,
    kind: str = "line",
    **props: Props,
) -> rx.Component:
    """Draw series over labels; kind is line or bar, the caption names the chart and its table, `across` the labels."""
    return Chart.create(labels=labels, series=series, caption=caption, kind=kind, **props)
