"""What can go wrong for a visitor: one tree; each error knows its code, its HTTP status and the sentence to say.

`code` is stable for clients; `actions/texts/<language>.toml` holds the sentence under `errors.<code>`.
"""


class ServiceError(Exception):
    """Root of every expected failure. Holds no text that anybody typed."""

    code = "failed"
    status = 500


class MalformedError(ServiceError):
    """The request is not of the documented shape."""

    code, status = "malformed", 422


class EmptyMessageError(ServiceError):
    """There is nothing to read in the message."""

    code, status = "empty", 422


class TooLongError(ServiceError):
    """The message is longer than the desk reads."""

    code, status = "too_long", 413


class TooManyRequestsError(ServiceError):
    """Too many messages in a short time. `retry_after` is in seconds."""

    code, status = "too_many", 429

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class BusyError(ServiceError):
    """The message before it is still being answered. Nothing was taken in: it can be sent again."""

    code, status = "busy", 503
    retry_after = 5


class NotFoundError(ServiceError):
    """There is no such page, case or version."""

    code, status = "not_found", 404


class UnknownAnswerError(ServiceError):
    """There is no such answer to rate in this conversation, or it is gone."""

    code, status = "unknown_answer", 404


class ForeignOriginError(ServiceError):
    """A form was sent from another site."""

    code, status = "foreign_origin", 403


class SignInError(ServiceError):
    """Name or password is wrong; which of them is not said."""

    code, status = "sign_in", 403


class SealError(ServiceError):
    """Stored personal data cannot be opened: another key, or the row was tampered with."""

    code, status = "sealed", 500


class DialogueDownError(ServiceError):
    """The dialogue engine is not there, too slow, or said nothing. The gateway answers in reduced mode instead."""

    code, status = "dialogue_down", 503


class StorageDownError(ServiceError):
    """The database cannot be reached, is locked, full or read-only: nothing of this was kept, and nothing half."""

    code, status = "storage_down", 503


class ImpossibleActionError(ServiceError):
    """The case is in a state from which this cannot be done: somebody was first, or it was never possible."""

    code, status = "impossible", 409


class StaleCaseError(ServiceError):
    """The case has changed since the page was opened; what was typed is kept on the page."""

    code, status = "stale", 409


class NotPermittedError(ServiceError):
    """Who is signed in has no right to this."""

    code, status = "not_permitted", 403


class ConditionError(ServiceError):
    """A condition of an action is not met. `reason` is the key of the sentence that says which, under `conditions`."""

    code, status = "condition", 422

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class WrongCodeError(ServiceError):
    """The confirmation code is not the one that was sent."""

    code, status = "wrong_code", 422


class ExpiredCodeError(ServiceError):
    """The confirmation code or link ran out, was used, or was tried too often; a new one can be asked for."""

    code, status = "expired_code", 410


class ComplaintsElsewhereError(ServiceError):
    """Complaints are not taken here, by setting: the policy names letter and mail."""

    code, status = "complaints_elsewhere", 409


class MailRefusedError(ServiceError):
    """A mail could not be sent. `reason` is one word of ours, not the server's; `permanent`: trying again is no use."""

    code, status = "mail_refused", 502

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent


class AlreadyFiledError(ServiceError):
    """Something else was filed from the same page before: this is not that, and neither is lost."""

    code, status = "already_filed", 409
