"""Lays a workspace out as the desk that screens show."""

from collections.abc import Sequence
from dataclasses import replace

from backoffice.clock import now
from backoffice.services.access import Actor
from backoffice.services.files import file_link
from backoffice.services.workspaces import Workspace
from backoffice.viewmodels.reopenings import past_view, question_view
from backoffice.viewmodels.workspaces import DeskView, PageView, desk, in_language


def desk_of(found: Workspace, actor: Actor, keep: Sequence[PageView]) -> DeskView:
    """Lay the desk out; the pictures to keep have the address that the browser has already, so nothing flickers."""
    known = {page.id: page for page in keep}
    shown = desk(
        found.task,
        found.document,
        partner=found.partner,
        given=found.given,
        extracted=found.extracted,
        checks=found.checks,
        files=found.files,
        renditions=found.renditions,
        reasons=found.reasons,
        notice=found.notice,
        link=lambda row: known[str(row.id)].src if str(row.id) in known else file_link(actor, row),
        at=now(),
        ahead=found.ahead,
    )
    past = [past_view(one.reopening, one.decision, one.why, one.by, found.labels) for one in found.past]
    asked = [question_view(one.question, one.text, one.answer) for one in found.questions]
    return replace(in_language(shown, found.language, found.messages), past=past, questions=asked)
