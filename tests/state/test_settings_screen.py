"""The page of settings in its process: what it reads of disks keeps nobody else waiting."""

import threading

from backoffice.models.members import Role
from backoffice.services import setting_risks
from backoffice.state.ops.settings import InstallationState
from tests.state.review_screen import screen, sign_in


async def test_files_are_looked_at_beside_the_loop(database, monkeypatch):
    seen = []
    real = setting_risks.found
    monkeypatch.setattr(setting_risks, "found", lambda actor: seen.append(threading.current_thread()) or real(actor))
    _, reference = await sign_in(Role.OPERATOR)
    state = await screen(InstallationState, reference, "/ops/settings")
    await InstallationState.open.fn(state)
    assert state.is_loaded
    assert seen
    assert threading.main_thread() not in seen
