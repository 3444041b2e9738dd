"""The client modules: every .jsx beside this file, linked into one folder so that they can import each other."""

from pathlib import Path

import reflex as rx

_MODULES = {path.stem: rx.asset(path.name, shared=True) for path in sorted(Path(__file__).parent.glob("*.jsx"))}


def client(name: str) -> str:
    """Answer the import path of a client module."""
    return _MODULES[name].importable_path
