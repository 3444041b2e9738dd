"""What the desk says of values, scores and places."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from backoffice.models.documents import Check, Document, File, Rendition
from backoffice.models.review_tasks import ReviewTask
from backoffice.viewmodels.review_tasks import queue_row, queue_tabs
from backoffice.viewmodels.times import due_in, span
from backoffice.viewmodels.workspaces import boxes, check_view, compare, desk, field_rows, page_of, pages

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "read", "given", "match"),
    [
        ("surname", "Okafor", "OKAFOR", "match"),
        ("full_name", "Müller Jörg", "Joerg Mueller", "match"),
        ("surname", "Okafor", "Lindqvist", "mismatch"),
        ("date_of_birth", "1991-04-02", "1991-04-02", "match"),
        ("date_of_birth", "1991-04-02", "1991-02-04", "mismatch"),
        ("document_number", "P1234567", "p 123-4567", "match"),
        ("document_number", "", "P1234567", "missing"),
        ("document_number", "P1234567", "", ""),
    ],
)
def test_values_are_compared_as_people_would(name, read, given, match):
    assert compare(name, read, given) == match


def test_fields_that_nobody_filled_stay_away_and_a_full_name_is_put_together():
    extracted = {"full_name": {"value": "Amara Okafor", "source": "mrz"}, "sex": {"value": "F", "source": "text"}}
    rows = {row.name: row for row in field_rows({"given_names": "Amara", "surname": "Okafor"}, extracted)}
    assert set(rows) == {"full_name", "sex"}
    assert (rows["full_name"].mrz, rows["full_name"].match) == ("Amara Okafor", "match")
    assert (rows["sex"].document, rows["sex"].mrz, rows["sex"].match) == ("F", "", "")


def test_a_given_value_that_was_not_read_is_shown_as_missing():
    rows = {row.name: row for row in field_rows({"given_names": "Amara", "document_number": "P1"}, {})}
    assert rows["given_names"].match == "missing"
    assert rows["document_number"].given == "P1"


def test_scores_stand_against_their_threshold():
    ids = {"partner_id": uuid4(), "document_id": uuid4(), "model": "x@1"}
    low = Check(name="applicant_match", status="failed", score=0.81, threshold=0.9, **ids)
    none = Check(name="expiry", status="passed", **ids)
    assert check_view(low, "why").score == "0.81 < 0.90"
    assert check_view(none, "").score == ""


def make_desk(**task):
    partner_id, document_id, file_id = uuid4(), uuid4(), uuid4()
    file = File(
        id=file_id, partner_id=partner_id, document_id=document_id, position=0, side="back", mime_type="image/jpeg",
        bytes=1, sha256="", width=1, height=1, storage_key="k", pages=1,
    )  # fmt: skip
    pictures = [
        Rendition(partner_id=partner_id, file_id=file_id, page=0, kind=kind, width=9, height=9, storage_key=kind)
        for kind in ("thumbnail", "view")
    ]
    check = Check(
        partner_id=partner_id, document_id=document_id, name="mrz", status="failed", model="m", box=[0, 0, 1, 1],
        file_id=file_id,
    )  # fmt: skip
    fine = Check(partner_id=partner_id, document_id=document_id, name="expiry", status="passed", model="m")
    extracted = {"surname": {"value": "Okafor", "source": "text", "box": [0.1, 0.1, 0.2, 0.1], "file_id": str(file_id)}}
    document = Document(
        id=document_id, partner_id=partner_id, livemode=False, applicant_id=uuid4(), verification_id=uuid4(),
        type="passport", issuing_country="NGA", external_id="user-1", submitted_at=AT - timedelta(minutes=9), **task,
    )  # fmt: skip
    row = ReviewTask(partner_id=partner_id, document_id=document_id, due_at=AT + timedelta(minutes=14), why="Why")
    shown = desk(
        row, document, partner="Acme", given={"surname": "Okonkwo"}, extracted=extracted,
        checks=[(fine, ""), (check, "Wrong digit.")], files=[file], renditions=pictures, reasons=[], notice="",
        link=lambda one: f"/files/{one.kind}", at=AT,
    )  # fmt: skip
    return row, document, shown


def test_the_desk_puts_unresolved_checks_first_and_knows_where_each_box_is():
    _, _, shown = make_desk(attempt=3)
    assert [one.name for one in shown.unresolved] == ["mrz"]
    assert [one.name for one in shown.passed] == ["expiry"]
    assert (shown.kind, shown.partner, shown.attempt) == ("Passport NGA", "Acme · test", "Attempt 3 of 3")
    assert shown.is_last_attempt
    assert [(page.label, page.src, page.thumbnail) for page in shown.pages] == [
        ("Back", "/files/view", "/files/thumbnail")
    ]
    assert {box.id: box.tone for box in shown.pages[0].boxes} == {"surname": "red", "check-mrz": "red"}
    assert page_of(shown, "surname") == 0
    assert page_of(shown, "address") == -1


def test_nothing_lights_up_without_a_place():
    assert boxes({"sex": {"value": "F", "source": "text", "box": None, "file_id": None}}, [], {}) == {}
    assert pages([], [], {}, lambda _: "") == []


def test_a_queue_row_says_why_now():
    task, document, _ = make_desk()
    row = queue_row(task, document, partner="Acme", holder="", labels={}, at=AT)
    assert row.why == "Due soon · Why"
    assert (row.urgency, row.submitted_at, row.reference) == ("soon", "2026-11-23T11:51:00Z", "user-1")
    late = queue_row(task, document, partner="Acme", holder="", labels={}, at=AT + timedelta(hours=2))
    assert (late.urgency, late.why) == ("late", "Overdue · Why")


def test_a_queue_row_says_what_else_put_it_there_and_nothing_of_a_first_verdict():
    task, document, _ = make_desk()
    kim = uuid4()
    task.first_by, task.first_outcome, task.risk, task.flags = kim, "rejected", "high", ["image_glare"]
    at = AT - timedelta(hours=3)
    labels = {"image_glare": "Glare"}
    row = queue_row(task, document, partner="Acme", holder="", labels=labels, at=at, plan="enterprise", reader=kim)
    assert row.why == "Second review · Why"
    assert row.about == "You signed it · Enterprise plan · High risk · Glare"
    task.second_by, task.raised_why = uuid4(), "Waits at a desk"
    row = queue_row(task, document, partner="Acme", holder="", labels=labels, at=at, plan="free", reader=uuid4())
    assert row.why == "Two people disagree · Why"
    assert row.about == "Moved by a lead: Waits at a desk · Free plan · High risk · Glare"
    assert "reject" not in repr(row).lower()


def test_a_row_of_the_sandbox_counts_by_its_own_clock():
    task, document, _ = make_desk()
    ahead = timedelta(days=3)
    here = queue_row(task, document, partner="Acme", holder="", labels={}, at=AT)
    task.due_at, document.submitted_at = task.due_at + ahead, document.submitted_at + ahead
    assert queue_row(task, document, partner="Acme", holder="", labels={}, at=AT, ahead=ahead) == here


def test_tabs_mark_the_current_view_and_default_to_nothing():
    tabs = queue_tabs({"mine": 2}, "mine")
    assert [(one.view, one.count, one.is_current) for one in tabs][:2] == [("all", 0, False), ("mine", 2, True)]


def test_times_read_in_one_word():
    assert [span(seconds) for seconds in (-3, 41, 60, 7200, 200_000)] == ["0 s", "41 s", "1 min", "2 h", "2 d"]
    assert due_in(None, AT) == "-"
    assert due_in(AT - timedelta(minutes=5), AT) == "5 min late"
