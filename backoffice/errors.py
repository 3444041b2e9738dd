"""One tree of errors: services raise them, each door translates them once (toast, problem+json, retry)."""

from backoffice.i18n import reworded


class BackofficeError(Exception):
    """Something a person or a partner's application can act on; `str(error)` is the sentence they read."""

    status = 500
    code = "internal_error"

    def __init__(self, message: str, *, code: str | None = None, pointer: str | None = None) -> None:
        super().__init__(message)
        self.code = code or type(self).code
        self.pointer = pointer

    def __str__(self) -> str:
        """Say the sentence in the language of who reads it: English but on screens that are in another."""
        return reworded(super().__str__())


class BadRequest(BackofficeError):
    """The request cannot be read at all."""

    status = 400
    code = "bad_request"


class NotSignedIn(BackofficeError):
    """Nobody is signed in, or the key is not known."""

    status = 401
    code = "not_signed_in"


class SecretChanged(BackofficeError):
    """A tab was opened under a secret that its session has no more, and has not shown yet that it has the new one."""

    status = 401
    code = "secret_changed"


class NotAllowed(BackofficeError):
    """Somebody is signed in and lacks the permission."""

    status = 403
    code = "not_allowed"


class StepUpRequired(BackofficeError):
    """Somebody is signed in and may, and has to confirm first that it is still they."""

    status = 403
    code = "step_up_required"


class NotFound(BackofficeError):
    """The thing does not exist for this actor; another partner's thing answers the same."""

    status = 404
    code = "not_found"


class Conflict(BackofficeError):
    """The thing has moved on since it was read."""

    status = 409
    code = "conflict"


class PreconditionFailed(BackofficeError):
    """The thing is not the version that the caller wants to change."""

    status = 412
    code = "precondition_failed"


class TooLarge(BackofficeError):
    """More bytes than we accept."""

    status = 413
    code = "file_too_large"


class Unsupported(BackofficeError):
    """A kind of content that we do not accept."""

    status = 415
    code = "unsupported_media_type"


class Invalid(BackofficeError):
    """The request is readable and wrong."""

    status = 422
    code = "invalid"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        pointer: str | None = None,
        errors: tuple[tuple[str, str, str], ...] = (),
    ) -> None:
        super().__init__(message, code=code, pointer=pointer)
        self.errors = errors
        """Each wrong place as (JSON pointer, sentence, code)."""


class TooMany(BackofficeError):
    """Slower, please."""

    status = 429
    code = "too_many_requests"

    def __init__(
        self, message: str, *, code: str | None = None, retry_after: int = 1, policies: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after
        """Seconds."""
        self.policies = policies
        """Names of the limits that were reached."""


class Unavailable(BackofficeError):
    """A part that we depend on does not answer; trying again later is right."""

    status = 503
    code = "unavailable"
