"""What can go wrong with chat sessions and messages."""

from uuid import UUID

from coda.core.errors import CodaError, ErrorKind


class ChatSessionNotFound(CodaError):
    """No such session for this caller, or it was deleted."""

    kind = ErrorKind.NOT_FOUND
    code = "conversations.session_not_found"

    def __init__(self, session_id: UUID) -> None:
        super().__init__("This chat session does not exist.", session_id=str(session_id))


class MessageNotFound(CodaError):
    """No such message for this caller."""

    kind = ErrorKind.NOT_FOUND
    code = "conversations.message_not_found"

    def __init__(self, message_id: UUID) -> None:
        super().__init__("This message does not exist.", message_id=str(message_id))


class SessionIdTaken(CodaError):
    """A session cannot be made under this id."""

    kind = ErrorKind.CONFLICT
    code = "conversations.session_id_taken"

    def __init__(self, session_id: UUID) -> None:
        super().__init__("This session id cannot be used. Send a new id, or none.", session_id=str(session_id))


class OnlyAnswersAreRated(CodaError):
    """Feedback on something that a person wrote."""

    kind = ErrorKind.UNPROCESSABLE
    code = "conversations.not_an_answer"

    def __init__(self, message_id: UUID) -> None:
        super().__init__("Only answers can be rated.", message_id=str(message_id))


class AnswerNotFinished(CodaError):
    """Feedback on an answer that is still being written."""

    kind = ErrorKind.CONFLICT
    code = "conversations.answer_not_finished"

    def __init__(self, message_id: UUID) -> None:
        super().__init__("This answer is still being written. Rate it when it is done.", message_id=str(message_id))
