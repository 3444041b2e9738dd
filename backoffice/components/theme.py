"""Theme and density, kept in the browser."""

import reflex as rx

from backoffice.components.client import client


class ThemeSwitch(rx.Component):
    """Light, dark or as the system."""

    library = client("theme")
    tag = "ThemeSwitch"


class DensitySwitch(rx.Component):
    """Compact, normal or relaxed tables."""

    library = client("theme")
    tag = "DensitySwitch"


class SkipLink(rx.Component):
    """The link that jumps over the navigation."""

    library = client("theme")
    tag = "SkipLink"


theme_switch = ThemeSwitch.create
density_switch = DensitySwitch.create
skip_link = SkipLink.create
