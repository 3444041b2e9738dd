"""The house rules that a linter cannot say; static, so that they run in a second or two."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "backoffice"
MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 50
MAX_HANDLER_LINES = 22
MAX_STATE_VARS = 12
Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules(*rooms: str) -> Iterator[tuple[str, ast.Module, str]]:
    for folder in [SOURCE / room for room in rooms] or [SOURCE]:
        for path in sorted(folder.rglob("*.py")):
            text = path.read_text()
            yield str(path.relative_to(ROOT)), ast.parse(text), text


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def length(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def is_event(node: Function) -> bool:
    return any(re.match(r"rx\.event\b", ast.unparse(decorator)) for decorator in node.decorator_list)


def states(tree: ast.AST) -> Iterator[ast.ClassDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any("State" in ast.unparse(base) for base in node.bases):
            yield node


def test_only_db_commits():
    guilty = [name for name, _, text in modules() if re.search(r"\.commit\(", text) and name != "backoffice/db.py"]
    assert guilty == []


def test_files_and_functions_stay_small():
    guilty = []
    for name, tree, text in modules():
        if text.count("\n") > MAX_FILE_LINES:
            guilty.append(f"{name} has {text.count(chr(10))} lines")
        guilty += [f"{name}:{f.lineno} {f.name} {length(f)}" for f in functions(tree) if length(f) > MAX_FUNCTION_LINES]
    assert guilty == []


def test_handlers_stay_thin():
    guilty = [
        f"{name}:{function.lineno} {function.name} {length(function)}"
        for name, tree, _ in modules("state")
        for function in functions(tree)
        if is_event(function) and length(function) > MAX_HANDLER_LINES
    ]
    assert guilty == []


def test_state_classes_are_one_screen_each():
    guilty = []
    for name, tree, _ in modules("state"):
        for state in states(tree):
            shown = [
                node
                for node in state.body
                if isinstance(node, ast.AnnAssign)
                and isinstance(node.target, ast.Name)
                and not node.target.id.startswith("_")
            ]
            if len(shown) > MAX_STATE_VARS:
                guilty.append(f"{name}:{state.lineno} {state.name} has {len(shown)} vars")
    assert guilty == []


def test_public_methods_of_states_are_declared_events():
    guilty = []
    for name, tree, _ in modules("state"):
        for state in states(tree):
            if not any(ast.unparse(base).endswith("State") for base in state.bases):
                continue
            for node in state.body:
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
                    marks = " ".join(ast.unparse(decorator) for decorator in node.decorator_list)
                    if not re.search(r"rx\.event|rx\.var|classmethod|staticmethod|property", marks):
                        guilty.append(f"{name}:{node.lineno} {state.name}.{node.name}")
    assert guilty == []


def test_computed_vars_do_not_query():
    guilty = [
        f"{name}:{function.lineno} {function.name}"
        for name, tree, _ in modules("state")
        for function in functions(tree)
        if any("rx.var" in ast.unparse(decorator) for decorator in function.decorator_list)
        and "transaction(" in ast.unparse(function)
    ]
    assert guilty == []


def test_every_enqueued_job_exists():
    from backoffice.worker import JOBS

    called = set[str]()
    for name, tree, _ in modules("services", "jobs", "api"):
        named = {
            ast.unparse(target): node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("job_queue.enqueue"):
                job = node.args[1]
                value = job.value if isinstance(job, ast.Constant) else named.get(ast.unparse(job))
                assert value in JOBS, f"{name}: {ast.unparse(job)} is no job"
                called.add(str(value))
    assert len(called) > 1


def test_every_route_has_an_audience():
    from backoffice.routes import ROUTES

    audiences = [route.audience for route in ROUTES]
    assert len(audiences) > 0
    assert [audience for audience in audiences if audience is None] == []


def test_nothing_reads_the_environment_but_settings():
    guilty = [
        name
        for name, _, text in modules()
        if re.search(r"os\.environ|os\.getenv", text) and name != "backoffice/settings.py"
    ]
    assert guilty == []


def test_nothing_committed_names_a_package_registry():
    hosts = "|".join(("py" + r"pi\.org", "python" + r"hosted\.org", "npm" + r"js\.org", r"deb\." + r"debian\.org"))
    found = subprocess.run(["git", "grep", "-lE", hosts], cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.stdout.split() == []


@pytest.mark.parametrize("room", ["services", "viewmodels", "screening", "adapters", "models"])
def test_plain_python_stays_plain(room: str):
    guilty = [name for name, _, text in modules(room) if re.search(r"^\s*(import|from) reflex", text, re.MULTILINE)]
    assert guilty == []
