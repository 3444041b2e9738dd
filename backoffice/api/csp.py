"""The content security policy: scripts of our own only, inline ones by their hash, never eval."""

import base64
import hashlib
import re
from pathlib import Path

SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<text>.*?)</script>", re.DOTALL | re.IGNORECASE)


def script_hashes(folder: Path) -> list[str]:
    """Hash every inline script of the compiled pages: they are the same for everybody, so a hash is enough."""
    found: set[str] = set()
    for page in folder.rglob("*.html"):
        for match in SCRIPT.finditer(page.read_text(encoding="utf-8")):
            if "src=" not in match["attributes"]:
                digest = hashlib.sha256(match["text"].encode()).digest()
                found.add(f"'sha256-{base64.b64encode(digest).decode()}'")
    return sorted(found)


def policy(hashes: list[str], origins: tuple[str, ...], files_url: str = "") -> str:
    """Write the policy; pictures also come from the files' own host where there is one.

    Styles stay inline because the component library sets them so.
    """
    sockets = [origin.replace("http", "ws", 1) for origin in origins]
    parts = {
        "default-src": ["'self'"],
        "script-src": ["'self'", *hashes],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:", *([files_url] if files_url else [])],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'", *sockets],
        "worker-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(values)}" for name, values in parts.items())
