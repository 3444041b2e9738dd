"""What the gate makes of what a browser sends."""

import pytest
from reflex_base.utils.form import FORM_DATA_ENTRIES_KEY

from backoffice.state.arguments import Arguments


async def onboard(self, form: dict[str, str]) -> None: ...


async def look(self, mark: dict[str, int | None]) -> None: ...


@pytest.mark.parametrize(
    ("form", "kept"),
    [
        ({"name": "Harbour", "region": None}, {"name": "Harbour"}),
        ({"name": "", "region": "eu"}, {"name": "", "region": "eu"}),
        ({"region": None}, {}),
    ],
)
def test_a_field_that_the_page_does_not_show_is_no_part_of_the_form(form, kept):
    arguments, payload = Arguments(onboard), {"form": form}
    arguments.tidy(payload)
    assert payload == {"form": kept}
    assert arguments.accept(payload)


def test_what_a_browser_sends_is_a_list_of_fields():
    form = {FORM_DATA_ENTRIES_KEY: [["name", "Harbour"], ["region", None]]}
    arguments, payload = Arguments(onboard), {"form": form}
    arguments.tidy(payload)
    assert payload == {"form": {FORM_DATA_ENTRIES_KEY: [["name", "Harbour"]]}}
    assert arguments.accept(payload)


@pytest.mark.parametrize("entries", [None, "x", [["name"]], [["name", None, None]], [None], [{"name": None}]])
def test_a_list_that_is_no_list_of_fields_ends_nothing(entries):
    Arguments(onboard).tidy({"form": {FORM_DATA_ENTRIES_KEY: entries}})


@pytest.mark.parametrize("form", [None, "x", ["x"], {"name": 1}, {"name": {"x": None}}])
def test_what_is_no_form_is_refused_as_before(form):
    arguments, payload = Arguments(onboard), {"form": form}
    arguments.tidy(payload)
    assert payload == {"form": form}
    assert not arguments.accept(payload)


def test_a_null_that_the_handler_asks_for_stays():
    arguments, payload = Arguments(look), {"mark": {"page": None}}
    arguments.tidy(payload)
    assert payload == {"mark": {"page": None}}
    assert arguments.accept(payload)
