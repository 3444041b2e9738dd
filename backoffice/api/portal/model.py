"""What the documentation is made of; both places that show it read these and nothing else."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """One field or parameter, with the fields inside it."""

    name: str
    kind: str
    words: str = ""
    place: str = ""
    """For parameters: path, query or header."""
    is_required: bool = False
    is_nullable: bool = False
    limits: str = ""
    values: tuple[str, ...] = ()
    fields: tuple["Field", ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """One piece of code; `language` is what the highlighter calls it, `label` what a person does."""

    language: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Body:
    """What a request carries."""

    media_type: str
    is_required: bool
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One success: its status, what it means, which object it is, and an example."""

    status: str
    words: str
    returns: str
    anchor: str
    example: Code | None
    is_first: bool = False
    """Whether no operation before shows this object: its example stands open."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One way to be refused; the page explains each code once."""

    status: str
    code: str
    title: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that the API does."""

    anchor: str
    method: str
    path: str
    summary: str
    words: str
    scopes: tuple[str, ...]
    parameters: tuple[Field, ...]
    bodies: tuple[Body, ...]
    snippets: tuple[Code, ...]
    answers: tuple[Answer, ...]
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """One object that answers hold."""

    name: str
    anchor: str
    words: str
    fields: tuple[Field, ...]
    example: Code | None


@dataclass(frozen=True, slots=True)
class Group:
    """Operations that belong together, and the objects they answer."""

    name: str
    anchor: str
    words: str
    operations: tuple[Operation, ...]
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One code with what causes it and what to do."""

    code: str
    anchor: str
    status: int
    title: str
    cause: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Webhook:
    """One type of event that endpoints hear."""

    type: str
    anchor: str
    words: str
    fields: tuple[Field, ...]
    example: Code | None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a guide under a heading of its own."""

    title: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Guide:
    """A text of docs/, as HTML that is safe to show."""

    title: str
    anchor: str
    html: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Portal:
    """The whole documentation."""

    title: str
    version: str
    words: str
    url: str
    first_call: Code
    guides: tuple[Guide, ...]
    groups: tuple[Group, ...]
    webhooks: tuple[Webhook, ...]
    errors: tuple[ErrorCode, ...]
