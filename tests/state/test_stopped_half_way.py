"""A handler that runs while its session gets another secret elsewhere: it stops, and its person learns of it."""

from uuid import UUID

import pytest
import reflex as rx
from reflex.event import Event
from reflex.state import StateUpdate

from backoffice.db import Tenancy, transaction
from backoffice.errors import SecretChanged
from backoffice.i18n import speak
from backoffice.services import sessions
from backoffice.state import failures
from backoffice.state.account.sessions import AccountState
from backoffice.state.gate import CONFIRMED_ELSEWHERE, EventGate
from backoffice.state.notices import alarm
from backoffice.state.session import signed_in
from tests.state.review_screen import screen, sign_in


@pytest.fixture
async def stopped(database):
    """A tab whose handler was let in before the proof."""
    _, reference = await sign_in()
    state = await screen(AccountState, reference, "/account")
    async with transaction(Tenancy.everyone()) as session:
        await sessions.renew(session, UUID(reference))
    return state


async def judged(state: rx.State, event: Event) -> StateUpdate | None:
    return await EventGate(alarm).preprocess(None, state, event)


async def test_it_says_to_press_again_and_the_gate_lets_the_sentence_through(stopped):
    with pytest.raises(SecretChanged) as caught:
        await signed_in(stopped)
    [told] = Event.from_event_type(failures.tell(caught.value))
    assert told.payload == {"kind": "error", "text": CONFIRMED_ELSEWHERE}
    assert await judged(stopped, told) is None


async def test_nothing_else_passes_on_the_way(stopped):
    [other] = Event.from_event_type(alarm("What was read"))
    [told] = Event.from_event_type(alarm(CONFIRMED_ELSEWHERE))
    sent = Event(name=told.name, payload=told.payload, router_data={"pathname": "/account"})
    [refresh] = Event.from_event_type(AccountState.refresh())
    for event in (other, sent, refresh):
        assert await judged(stopped, event) == StateUpdate(), event.name


def test_it_is_said_in_french_too():
    speak("fr")
    try:
        [told] = Event.from_event_type(failures.tell(SecretChanged("")))
    finally:
        speak("")
    assert told.payload["text"].startswith("Vous avez confirmé")
