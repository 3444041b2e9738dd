"""What the account page says of sessions and of known browsers."""

from uuid import uuid4

import pytest

from backoffice.clock import now
from backoffice.i18n import speaking
from backoffice.i18n.browsers import browser_words, named
from backoffice.models.known_browsers import KnownBrowser
from backoffice.models.members import Session
from backoffice.viewmodels.sessions import browser_row, session_row


@pytest.mark.parametrize(("way", "said"), [("sso", "by single sign-on"), ("", ""), ("something else", "")])
def test_a_session_says_how_it_began_only_where_it_knows(way, said):
    row = Session(member_id=uuid4(), token_hash="-", last_seen_at=now(), expires_at=now(), way=way)
    assert session_row(row, current=None, at=now()).way == said


def test_a_known_browser_says_what_it_is_and_which_is_this_one():
    known = KnownBrowser(member_id=uuid4(), secret_hash="-", browser="Firefox", system="Linux")
    assert browser_row(known, current=known.id).is_this
    shown = browser_row(known, current=None)
    assert (shown.device, shown.is_this) == ("Firefox on Linux", False)
    assert "secret" not in str(shown)
    with speaking("fr"):
        assert browser_row(known, current=None).device == "Firefox sur Linux"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("Firefox/1", "Firefox"),
        ("curl/8", "A program"),
        ("", "A program"),
    ],
)
def test_browsers_are_named_by_what_they_say_of_themselves(agent, words):
    assert browser_words(*named(agent)) == words
