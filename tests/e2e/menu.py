"""A hand at the command menu."""

from contextlib import suppress

from playwright.sync_api import Page, expect


def opened(page: Page) -> None:
    """Open the menu; a page that one has just come to may not listen yet, as a person would see."""
    box = page.get_by_test_id("command-input")
    for _ in range(10):
        page.keyboard.press("Control+k")
        with suppress(AssertionError):
            expect(box).to_be_focused(timeout=2_000)
            return
    expect(box).to_be_focused()


def option(page: Page, words: str):
    return page.get_by_test_id("command-option").filter(has_text=words)


def active(page: Page):
    return page.locator("[data-testid=command-option][aria-selected=true]")


def answered(page: Page, typed: str) -> None:
    """Wait for the answer to just these words."""
    expect(page.locator("[data-testid=command-menu] [role=listbox]")).to_have_attribute("data-answered", typed)


def sent_frames(page: Page) -> list[str]:
    """What the page sends over its socket from now on; loads it anew."""
    frames: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda data: frames.append(str(data))))
    page.reload()
    expect(page.get_by_test_id("live-status").first).to_have_text("Live")
    expect(page.get_by_test_id("kpi-received")).to_be_visible()
    return frames


def wait_sent(page: Page, frames: list[str], part: str, least: int = 1) -> list[str]:
    for _ in range(200):
        if len(found := [frame for frame in frames if part in frame]) >= least:
            return found
        page.wait_for_timeout(100)
    raise AssertionError(f"{part} was not sent")


def shut(page: Page) -> None:
    expect(page.get_by_test_id("command-menu")).to_be_hidden()
