"""Languages: what is looked up, what becomes of compiled pages, and that no text of ours is left out."""

import ast
import importlib.util
import re
import string
from pathlib import Path

import pytest

from backoffice.errors import Invalid
from backoffice.i18n import gettext, language, ngettext, number, pages, speak, speaking
from backoffice.i18n.catalogue import ENGLISH, catalogues

ROOT = Path(__file__).parent.parent
OTHERS = [one for one in catalogues().values() if one.code != ENGLISH]


ENDS = (lambda text: text[:1], lambda text: text[-1:])


def _tool():
    spec = importlib.util.spec_from_file_location("messages", ROOT / "scripts" / "messages.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


def _values(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def test_english_is_what_stands_in_the_code():
    assert language() == ENGLISH
    assert gettext("Invited by {name}", name="Kim") == "Invited by Kim"
    assert ngettext("{count} document", "{count} documents", 1234) == "1,234 documents"
    assert gettext("No {such} text") == "No {such} text"


def test_a_language_has_its_own_words_plurals_and_numbers():
    with speaking("fr"):
        assert gettext("Documents received") == "Documents reçus"
        assert number(1234.5).replace("\u202f", " ") == "1 234,5"
        assert ngettext("{count} change", "{count} changes", 0) == "0 changes"
        assert gettext("A text that nobody translates") == "A text that nobody translates"
    assert language() == ENGLISH


def test_a_language_that_we_do_not_have_is_english():
    speak("tlh")
    assert language() == ENGLISH


def test_an_error_keeps_one_sentence_for_the_api_and_its_values_on_a_screen():
    error = Invalid("Choose at most 12 types.")
    known = {"Choose at most {0} types.": "Choisissez au plus {0} types."}
    french = type(OTHERS[0])("fr", "Français", known)
    assert str(error) == "Choose at most 12 types."
    assert french.reworded(str(error)) == "Choisissez au plus 12 types."
    assert french.reworded("Another sentence.") == "Another sentence."


@pytest.mark.parametrize("spoken", OTHERS, ids=lambda one: one.code)
def test_a_translation_keeps_the_values_and_the_space_around_it(spoken):
    for text, said in spoken.texts.items():
        assert _values(text) == _values(said), text
        assert all(end(said) in {end(text), "\u00a0"} for end in ENDS if end(text) == " "), text


@pytest.mark.parametrize("spoken", OTHERS, ids=lambda one: one.code)
def test_every_text_that_the_server_says_is_translated(spoken):
    known = spoken.texts.keys() | spoken.plurals.keys()
    texts = {text if isinstance(text, str) else text[0] for text in _tool().from_python()}
    assert texts > {"Authenticator app"}
    assert sorted(texts - known) == []


PAGE = """jsx("h1",{"data-testid":"Documents"},"Documents"),(state === "Documents" ? "Documents" : "never"),\
one?.["Documents"],call("Documents"),jsx(Icon,{name:"Documents",title:"Documents"}),({ ["tone"] : "documents" }),\
({ ["Documents"] : one, ["label"] : "Documents" })"""


def _web(tmp_path: Path) -> Path:
    for name in ("app/routes", "app_components", "public/external/backoffice/components"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "app/root.jsx").write_text('jsx("html",{lang:"en"})')
    (tmp_path / "app/routes/page.jsx").write_text(PAGE)
    return tmp_path


def test_a_compiled_page_is_marked_where_people_read_and_nowhere_else(tmp_path):
    web = _web(tmp_path)
    pages.mark(web)
    marked = (web / "app/routes/page.jsx").read_text()
    text = f"@@t:{b'Documents'.hex()}@@"
    never = f"@@t:{b'never'.hex()}@@"
    assert marked == PAGE.replace('},"Documents")', f'}},"{text}")').replace(
        '? "Documents" : "never"', f'? "{text}" : "{never}"'
    ).replace('title:"Documents"', f'title:"{text}"').replace('["label"] : "Documents"', f'["label"] : "{text}"')
    pages.mark(web)
    assert (web / "app/routes/page.jsx").read_text() == marked


def test_our_own_modules_are_marked_between_tags_too(tmp_path):
    web = _web(tmp_path)
    module = web / "public/external/backoffice/components/one.jsx"
    module.write_text(
        'if (key === "Close") <b aria-label="Close" name="search">Save</b>; const ICONS = { "search": 1 }; tr("now")'
    )
    pages.mark(web)
    marked = module.read_text()
    module.write_text(marked.replace('"search"', f'"@@t:{b"search".hex()}@@"'))
    pages.mark(web)
    assert module.read_text() == marked, "what an earlier build marked and this one does not is a name again"
    close, save, now = (f"@@t:{text.hex()}@@" for text in (b"Close", b"Save", b"now"))
    tag = f'<b aria-label="{close}" name="search">{save}</b>'
    assert module.read_text() == f'if (key === "Close") {tag}; const ICONS = {{ "search": 1 }}; tr("{now}")'


@pytest.mark.parametrize("quote", ['"', "'", "`"])
def test_every_language_gets_its_copy_and_english_stays_in_place(tmp_path, quote):
    (tmp_path / "assets").mkdir()
    text = f"@@t:{'Wait…'.encode().hex()}@@"
    script = f"import './b.js'; load('/assets/b.js'); say({quote}{text}{quote}, {{lang:{quote}en{quote}}})"
    (tmp_path / "assets" / "a.js").write_text(script)
    (tmp_path / "page.html").write_text(f'<html lang="en"><script src="/assets/a.js"></script><p title="{text}">')
    pages.translate(tmp_path)
    assert "@@" not in (tmp_path / "assets" / "a.js").read_text() + (tmp_path / "page.html").read_text()
    assert '<html lang="en"><script src="/assets/a.js">' in (tmp_path / "page.html").read_text()
    for one in OTHERS:
        spoken = (tmp_path / one.code / "page.html").read_text()
        assert f'<html lang="{one.code}"><script src="/assets/{one.folder}/a.js">' in spoken
        module = (tmp_path / "assets" / one.folder / "a.js").read_text()
        assert f"load('/assets/{one.folder}/b.js')" in module
        assert "import './b.js'" in module
        assert f"lang:{quote}{one.code}{quote}" in module


def test_no_quote_of_a_text_ends_a_string_of_a_script():
    said = pages._in_script("""It's "so" `now`: ${1} \\ </script>""")
    assert said == r"""It\'s \"so\" \`now\`: \${1} \\ <\/script>"""


SCREENS = ("pages/partner", "pages/account", "pages/layout.py", "pages/search.py", "pages/sealing.py")
NO_TEXTS = {"JavaScript", "English", "Overlay", "Cache-Control", "Retry-After"}


def _literals(path: Path) -> set[str]:
    """Find what looks like a sentence or a label in the Python of a page."""
    tree, apart = ast.parse(path.read_text()), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            apart |= {id(part) for part in ast.walk(node)}
        if isinstance(node, ast.keyword) and node.arg in {"class_name", "test_id"}:
            apart |= {id(part) for part in ast.walk(node.value)}
    found = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in apart}
    return {text for text in found if isinstance(text, str) and re.match("[A-Z][a-z].*(?<![({])$", text)}


@pytest.mark.parametrize("spoken", OTHERS, ids=lambda one: one.code)
def test_every_text_of_a_partners_pages_is_translated(spoken):
    roots = [ROOT / "backoffice" / name for name in SCREENS]
    files = [file for root in roots for file in (root.rglob("*.py") if root.is_dir() else [root])]
    found = set().union(*map(_literals, files))
    assert found > {"Deliveries, newest first"}
    assert sorted(found - spoken.texts.keys() - NO_TEXTS) == []
