"""Strangers' linters read our OpenAPI document and have nothing to say; their words are printed when they do."""

import json

import pytest

from tests.node_tools import ROOT, node_tool

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]


@pytest.fixture
async def described(client, tmp_path):
    path = tmp_path / "openapi.json"
    path.write_bytes((await client.get("/api/v1/openapi.json")).content)
    return path


def damaged(described):
    """The same document with three things that both linters know to be wrong."""
    schema = json.loads(described.read_text())
    del schema["info"]["license"]
    del schema["info"]["contact"]
    operation = next(iter(next(iter(schema["paths"].values())).values()))
    operation["operationId"] = "two words"
    operation["tags"] = ["Nobody described me"]
    path = described.with_name("damaged.json")
    path.write_text(json.dumps(schema))
    return path


def spectral(path):
    rules = str(ROOT / ".spectral.yaml")
    done = node_tool("spectral", "lint", str(path), "--ruleset", rules, "--fail-severity=hint", "--format=json")
    return done, json.JSONDecoder().raw_decode(done.stdout)[0]


def redocly(path):
    done = node_tool("redocly", "lint", str(path), "--extends=recommended", "--format=json")
    return done, json.loads(done.stdout)["problems"]


async def test_spectral_has_nothing_to_say(described):
    done, found = spectral(described)
    assert found == []
    assert done.returncode == 0, done.stderr


async def test_redocly_has_nothing_to_say(described):
    done, found = redocly(described)
    assert found == []
    assert done.returncode == 0, done.stderr


async def test_the_linters_would_speak_up(described):
    bad = damaged(described)
    assert {"info-contact", "operation-tag-defined", "operation-operationId-valid-in-url"} <= {
        one["code"] for one in spectral(bad)[1]
    }
    assert {"info-license", "operation-operationId-url-safe"} <= {one["ruleId"] for one in redocly(bad)[1]}
