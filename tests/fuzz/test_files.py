"""Bytes: whatever comes, the gate measures or refuses, and no child is lost."""

import atexit
import contextlib
from functools import lru_cache

from hypothesis import example, given
from hypothesis import strategies as st

from backoffice.screening import endings, pdf_streams, thresholds
from backoffice.screening.admission import SENTENCES
from backoffice.screening.decode import Decoder, UndecodableError
from backoffice.screening.images import RefusalError
from backoffice.screening.sniff import PREFIX_BYTES, sniff
from backoffice.screening.traces import MOST_TOOLS, TOOL_LENGTH, believed
from tests.fuzz import fuzzed
from tests.fuzz.files import harmed, honest

KINDS = ("image/jpeg", "image/png", "image/webp", "image/tiff", "image/heic", "application/pdf")
json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=90),
    lambda inner: st.lists(inner, max_size=12) | st.dictionaries(st.text(max_size=12), inner, max_size=6),
    max_leaves=20,
)
FACTS = (
    "tools",
    "has_camera",
    "is_screenshot",
    "width",
    "height",
    "revisions",
    "is_signed",
    "is_changed_after_signing",
)
said = st.fixed_dictionaries({}, optional=dict.fromkeys(FACTS, json))


@lru_cache(1)
def decoder() -> Decoder:
    """Keep one child for all examples; it ends with this process."""
    decoder = Decoder(seconds=10)
    decoder._child._uses = 1 << 30
    decoder.warm()
    atexit.register(decoder.close)
    return decoder


@fuzzed
@given(st.binary(max_size=64) | harmed())
def test_the_type_depends_on_the_first_bytes_alone(data: bytes) -> None:
    kind = sniff(data)
    assert kind is None or kind in KINDS
    assert sniff(data[:PREFIX_BYTES]) == kind


def trouble(data: bytes, kind: str) -> UndecodableError | None:
    try:
        facts = decoder().inspect(data, kind)
        pages = decoder().pages(data, kind)
    except UndecodableError as undecodable:
        return undecodable
    assert facts.width * facts.height <= thresholds.IMAGE_PIXELS.most
    assert 1 <= facts.pages <= thresholds.PDF_PAGES.most
    assert all(len(page.rgb) == page.width * page.height * 3 for page in pages)
    return None


@fuzzed
@given(harmed())
def test_a_harmed_file_is_measured_or_refused_and_the_child_lives(data: bytes) -> None:
    kind, child = sniff(data), decoder().pid
    found = trouble(data, kind) if kind else None
    assert found is None or (found.trouble == "refused" and found.code in SENTENCES)
    assert decoder().pid == child


@fuzzed
@given(st.binary(max_size=300) | harmed(), st.sampled_from(KINDS))
def test_ends_are_found_in_anything(data: bytes, kind: str) -> None:
    assert endings.is_two_files(data, kind) in {True, False}
    assert 0 <= endings.scans(data) <= len(data)


@fuzzed
@example(b"stream\n\x78\x9c")
@given(st.binary(max_size=300) | harmed())
def test_streams_are_measured_in_anything(data: bytes) -> None:
    with contextlib.suppress(RefusalError):
        assert pdf_streams.refuse_swollen(data) is None


@fuzzed
@given(json | said)
def test_what_a_child_says_is_believed_in_form_only(said: object) -> None:
    traces = believed(said, "image/png")
    assert len(traces.tools) <= MOST_TOOLS
    assert all(len(tool) <= TOOL_LENGTH for tool in traces.tools)
    assert 0 <= traces.width <= 100_000
    assert traces.revisions >= 1


def test_honest_files_pass() -> None:
    for data in honest():
        kind = sniff(data)
        assert kind
        assert not endings.is_two_files(data, kind)
        assert decoder().inspect(data, kind).pages >= 1
