"""What Reflex needs to know; our own settings are in `backoffice/settings.py`."""

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import reflex as rx
from reflex_base.plugins import Plugin
from reflex_components_radix.plugin import RadixThemesPlugin

from backoffice.i18n import pages
from backoffice.settings import settings

os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
os.environ.setdefault("REFLEX_USE_NPM", "1")
os.environ.setdefault("NPM_CONFIG_OMIT_LOCKFILE_REGISTRY_RESOLVED", "true")  # the lock names no host
os.environ.setdefault("NPM_CONFIG_AUDIT", "false")
os.environ.setdefault("NPM_CONFIG_FUND", "false")
os.environ.setdefault("REFLEX_CHECK_LATEST_VERSION", "false")
os.environ.setdefault("REFLEX_SOCKET_TIMEOUT", "20s")

DAY_SECONDS = 24 * 60 * 60
BAKED = re.compile(r"""(["'`])(http|ws)s?://[^/"'`]+(/[^"'`]*)\1""")

SCRIPT = '<link rel="modulepreload"'
SCRIPT_LATER = '<link fetchpriority="low" rel="modulepreload"'


class SlimRadix(RadixThemesPlugin):
    """Bring Radix Themes only when a page uses it, and without its 30 stock scales: tokens.css has ours."""

    def get_stylesheet_paths(self, **_: Any) -> tuple[str, ...]:  # noqa: ANN401 Reflex's signature
        """Name the style sheets in the order of the cascade."""
        sheets = ("tokens/base.css", "components.css", "utilities.css")
        return tuple(f"@radix-ui/themes/{sheet}" for sheet in sheets) if self.enabled else ()


class Fonts(Plugin):
    """Bundle the fonts from packages, so that no page asks another host."""

    def get_frontend_dependencies(self, **_: Any) -> tuple[str, ...]:  # noqa: ANN401 Reflex's signature
        """Name the font packages, pinned."""
        return (
            "@fontsource-variable/inter@5.3.0",
            "@fontsource-variable/source-sans-3@5.3.0",
            "@fontsource/fira-code@5.3.0",
        )

    def get_stylesheet_paths(self, **_: Any) -> Sequence[str]:  # noqa: ANN401 Reflex's signature
        """Name the style sheets whose files Vite hashes."""
        return (
            "@fontsource-variable/inter/wght.css",
            "@fontsource-variable/source-sans-3/wght.css",
            "@fontsource/fira-code/latin-400.css",
        )


class Languages(Plugin):
    """Build the pages in every language; `Product` marks the texts before Vite bundles them."""

    def post_build(self, *, static_dir: Path, **_: Any) -> None:  # noqa: ANN401 Reflex's signature
        """Write the pages of each language, before they are compressed."""
        pages.translate(static_dir)


class PaintFirst(Plugin):
    """Let browsers fetch styles and fonts before the scripts: the pages hold their first look without any."""

    def post_build(self, *, static_dir: Path, **_: Any) -> None:  # noqa: ANN401 Reflex's signature
        """Say so in the pages, before they are copied and compressed."""
        for page in static_dir.rglob("*.html"):
            whole = page.read_text(encoding="utf-8")
            page.write_text(whole.replace(SCRIPT, SCRIPT_LATER), encoding="utf-8")


class SameOrigin(Plugin):
    """Let one build serve any host and port: Reflex bakes the backend's address in, we ask the browser instead."""

    def post_build(self, *, static_dir: Path, **_: Any) -> None:  # noqa: ANN401 Reflex's signature
        """Replace the baked addresses in the environment's chunk, before it is compressed."""
        for chunk in static_dir.rglob("reflex-env-*.js"):
            chunk.write_text(BAKED.sub(_from_location, chunk.read_text()))


def _from_location(match: re.Match[str]) -> str:
    origin = "location.origin" if match[2] == "http" else 'location.origin.replace("http","ws")'
    return f"({origin}+{match[3]!r})"


redis = settings().redis_url

config = rx.Config(
    app_name="backoffice",
    api_url=settings().url,
    deploy_url=settings().url,
    backend_host=settings().host,
    backend_port=settings().port,
    frontend_port=settings().port,
    redis_url=redis.get_secret_value() if redis else None,
    redis_token_expiration=DAY_SECONDS,
    cors_allowed_origins=settings().origins,
    trusted_proxy_hops=settings().trusted_proxy_hops,
    telemetry_enabled=False,
    show_built_with_reflex=False,
    disable_plugins=[rx.plugins.SitemapPlugin],
    plugins=[
        SlimRadix(enabled=False, theme=rx.theme(accent_color="indigo", gray_color="slate", radius="medium")),
        Fonts(),
        SameOrigin(),
        PaintFirst(),
        Languages(),
    ],
)
