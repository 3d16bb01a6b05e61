"""Ids of this wire are any strings, those of Coda are UUIDs, derived from the others for each person apart."""

from uuid import UUID, uuid5


def uuid_of(text: str) -> UUID | None:
    """The UUID that a client has made, where it has made one."""
    try:
        made = UUID(text)
    except ValueError:
        return None
    return made if str(made) == text.lower() else None


def derived(person: UUID, kind: str, *names: str) -> UUID:
    """The UUID that stands for a client's own id: always the same, and nobody else's."""
    return uuid5(person, "\n".join((f"ag-ui {kind}", *names)))


def own_or_derived(text: str, person: UUID, kind: str, *within: str) -> UUID:
    """The client's UUID as it is; any other string by a UUID that stands for it."""
    return uuid_of(text) or derived(person, kind, *within, text)


def message_of(event_message_id: str) -> UUID | None:
    """The Coda message that a message of the event stream is a part of: `<message id>.<turn>`."""
    return uuid_of(event_message_id.partition(".")[0])
