"""The language of policies: YAML that says which findings lead to which outcome; read strictly, refused by line.

The first rule that holds decides. What a policy can never say is in `policy_rulings`: an approval over a failed check.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from backoffice.screening.types import CHECK_NAMES, Status

LANGUAGE = "policy/v1"
MAX_SOURCE = 40_000
MAX_RULES = 60
MAX_DEPTH = 24
MAX_REASONS = 12
MAX_ATTEMPT = 100
MAX_FAULTS = 50
LEAST_REQUIRED = ("file_safety", "text")
"""What no approval goes without: that the files open safely, and that the document was read."""
NOT_A_FACT = "policy"
"""The policy's own line among the checks, which it cannot ask for."""
Share = Annotated[float, Field(strict=True, ge=0, le=1)]
Flag = Annotated[bool, Field(strict=True)]
Word = Annotated[str, Field(min_length=1, max_length=60)]
WordOrSeveral = Word | Annotated[tuple[Word, ...], Field(min_length=1)]


def _known(name: str) -> str:
    if name not in CHECK_NAMES or name == NOT_A_FACT:
        raise ValueError(f"there is no check called {name}")
    return name


CheckName = Annotated[str, AfterValidator(_known)]
Priority = Literal["urgent", "high", "normal", "low"]
Automatic = Literal["approved", "rejected", "resubmission_requested"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a policy, and on which line (counted from 1)."""

    line: int
    message: str


class PolicyError(Exception):
    """A policy that cannot be used; `faults` says everything that is wrong with it at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"line {fault.line}: {fault.message}" for fault in faults))
        self.faults = tuple(faults)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Condition(_Strict):
    """What must hold: everything that one condition names holds together."""

    all: tuple["Condition", ...] | None = Field(default=None, min_length=1)
    any: tuple["Condition", ...] | None = Field(default=None, min_length=1)
    none: tuple["Condition", ...] | None = Field(default=None, min_length=1)
    check: CheckName | None = None
    status: Status | Annotated[tuple[Status, ...], Field(min_length=1)] | None = None
    reason: WordOrSeveral | None = None
    score_below: Share | None = None
    score_at_least: Share | None = None
    checks: Annotated[tuple[CheckName, ...], Field(min_length=1)] | Literal["required", "every"] | None = None
    """Several checks that all have one of the statuses."""
    type: WordOrSeveral | None = None
    issuing_country: WordOrSeveral | None = None
    risk_below: Share | None = None
    risk_at_least: Share | None = None
    attempt_at_least: int | None = Field(default=None, strict=True, ge=1, le=MAX_ATTEMPT)
    livemode: Flag | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "Condition":
        asked = [
            name for name in ("status", "reason", "score_below", "score_at_least") if getattr(self, name) is not None
        ]
        if not self.model_fields_set:
            raise ValueError("a condition must ask for something")
        empty = next((name for name in sorted(self.model_fields_set) if getattr(self, name) is None), None)
        if empty:
            raise ValueError(f"{empty} asks for nothing: give it a value, or leave it out")
        if self.check and not asked:
            raise ValueError(f"say what {self.check} must show: status, reason, score_below or score_at_least")
        if self.checks and (self.status is None or self.check):
            raise ValueError("checks stands with status, and not beside check")
        if asked and not (self.check or self.checks):
            raise ValueError(f"{asked[0]} says nothing without check")
        if self.checks and asked != ["status"]:
            raise ValueError("several checks are asked for their status only")
        return self


class Then(_Strict):
    """What follows when a rule holds."""

    outcome: Automatic | Literal["review"]
    reasons: tuple[Word, ...] = Field(default=(), max_length=MAX_REASONS)
    priority: Priority | None = None
    first: tuple[CheckName, ...] = ()
    """Whose findings the reviewer sees first."""
    second_review: Flag = False
    """Two people sign, and the second does not see what the first one signed."""
    why: str | None = Field(default=None, max_length=160)
    """What the queue says, instead of the findings' own words."""

    @model_validator(mode="after")
    def _fits(self) -> "Then":
        for_people = [name for name in ("priority", "first", "second_review", "why") if getattr(self, name)]
        if self.outcome != "review" and for_people:
            raise ValueError(f"{for_people[0]} belongs to the outcome review")
        if self.outcome in {"approved", "review"} and self.reasons:
            raise ValueError(f"the outcome {self.outcome} takes no reasons")
        if self.outcome in {"rejected", "resubmission_requested"} and not self.reasons:
            raise ValueError(f"the outcome {self.outcome} needs reasons")
        return self


class Rule(_Strict):
    """One line of thought: when this, then that."""

    name: str = Field(min_length=1, max_length=60, pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$")
    about: str = Field(default="", max_length=300)
    when: Condition
    then: Then

    @model_validator(mode="after")
    def _has_answers(self) -> "Rule":
        if self.then.outcome != "review" and _asks_for_error(self.when):
            raise ValueError("a check that could not run decides nothing: status error leads to a review only")
        return self


def _asks_for_error(condition: Condition) -> bool:
    """Whether a check in error is among what makes a condition hold."""
    status = condition.status
    if status == "error" or (isinstance(status, tuple) and "error" in status):
        return True
    return any(_asks_for_error(one) for one in (*(condition.all or ()), *(condition.any or ())))


class Policy(_Strict):
    """A whole policy."""

    language: Literal["policy/v1"]
    about: str = Field(default="", max_length=500)
    required: tuple[CheckName, ...] = Field(min_length=1)
    """Without a result of every one of these nothing is decided without a person."""
    rules: tuple[Rule, ...] = Field(default=(), max_length=MAX_RULES)
    otherwise: Then = Then(outcome="review")

    @model_validator(mode="after")
    def _is_safe(self) -> "Policy":
        names = [rule.name for rule in self.rules]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise ValueError(f"two rules are called {twice}")
        if "otherwise" in names:
            raise ValueError("no rule can be called otherwise: that is what follows when none holds")
        lacking = [name for name in LEAST_REQUIRED if name not in self.required]
        if lacking and any(rule.then.outcome == "approved" for rule in self.rules):
            raise ValueError(f"a policy that approves requires at least {' and '.join(LEAST_REQUIRED)}")
        if self.otherwise.outcome != "review":
            raise ValueError("what no rule decides goes to a person: otherwise is always a review")
        return self

    def reasons(self) -> Iterable[tuple[int, str, str]]:
        """List the reasons that rules give: place of the rule, its outcome, code."""
        for place, rule in enumerate(self.rules):
            for code in rule.then.reasons:
                yield place, rule.then.outcome, code


def parse(source: str) -> Policy:
    """Read a policy.

    Raises PolicyError with everything that is wrong, each with its line.
    """
    if len(source) > MAX_SOURCE:
        raise PolicyError([Fault(1, f"A policy has at most {MAX_SOURCE:,} characters.")])
    node = _composed(source)
    try:
        loader: Any = yaml.SafeLoader("")
        return Policy.model_validate(loader.construct_document(node))
    except ValidationError as error:
        raise PolicyError(_faults(node, error)) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
        line = mark.line + 1 if mark else 1
        raise PolicyError([Fault(line, "This is YAML with a value that cannot be read.")]) from None


def lines_of_rules(source: str, number: int) -> list[int]:
    """Say on which lines the rules begin, for faults that only the catalogue of reasons can find."""
    node = _composed(source)
    return [_line(node, ("rules", place)) for place in range(number)]


def _composed(source: str) -> yaml.Node:
    """Read the YAML into nodes that know their lines; aliases are refused, because a few of them make a bomb."""
    try:
        node = yaml.SafeLoader(source).get_single_node()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PolicyError([Fault(line, f"This is no YAML: {error.problem or 'it cannot be read'}.")]) from None
    except (yaml.YAMLError, RecursionError):
        raise PolicyError([Fault(1, "This is no YAML that can be read.")]) from None
    if not isinstance(node, yaml.MappingNode):
        raise PolicyError([Fault(1, f"A policy begins with: language: {LANGUAGE}")])
    _refuse_tricks(node, set())
    return node


def _refuse_tricks(node: yaml.Node, seen: set[int], depth: int = 0) -> None:
    """Two equal keys would silently be one, an alias is a node in a second place, and endless nesting is no policy."""
    line = node.start_mark.line + 1
    if id(node) in seen:
        raise PolicyError([Fault(line, "Anchors and aliases (& and *) are not part of the language.")])
    if depth > MAX_DEPTH:
        raise PolicyError([Fault(line, "Conditions are nested too deeply.")])
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        _refuse_keys(node)
        for _, value in node.value:
            _refuse_tricks(value, seen, depth + 1)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_tricks(item, seen, depth + 1)


def _refuse_keys(node: yaml.MappingNode) -> None:
    """Refuse a key that stands twice, one that is no word, and `<<`, which writes keys twice out of sight."""
    known: set[str] = set()
    for key, _ in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or key.tag.endswith(":merge"):
            raise PolicyError([Fault(line, "This key is not part of the language.")])
        if key.value in known:
            raise PolicyError([Fault(line, f"{key.value} is written twice.")])
        known.add(key.value)


def _faults(node: yaml.Node, error: ValidationError) -> list[Fault]:
    """Say each fault once: where a value could be one thing or several, the one thing's words are enough."""
    found: dict[tuple[int, str], Fault] = {}
    for one in error.errors(include_url=False, include_input=False)[:MAX_FAULTS]:
        where = [step for step in one["loc"] if isinstance(step, int) or step.isidentifier()]
        field = next((str(step) for step in reversed(where) if isinstance(step, str)), "")
        line = _line(node, where)
        found.setdefault((line, field), Fault(line, _words(field, str(one["msg"]), one["type"])))
    return sorted(found.values(), key=lambda fault: fault.line)


def _words(field: str, message: str, kind: str) -> str:
    match kind:
        case "extra_forbidden":
            return f"{field} is not part of the language here."
        case "missing":
            return f"{field} is missing."
        case "value_error":
            sentence = message.removeprefix("Value error, ")
            return f"{sentence[:1].upper()}{sentence[1:]}."
        case "tuple_type":
            return f"{field} takes a list."
        case "too_short":
            return f"{field} needs at least one."
        case _:
            return f"{field}: {message[:1].lower()}{message[1:]}."


def _line(node: yaml.Node, where: Sequence[int | str]) -> int:
    """Follow a path as far as it goes; pydantic names variants on the way, which are no places in the text."""
    for step in where:
        found: Any = None
        if isinstance(node, yaml.MappingNode):
            found = next((value for key, value in node.value if key.value == step), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            found = node.value[step]
        if isinstance(found, yaml.Node):
            node = found
    return node.start_mark.line + 1
