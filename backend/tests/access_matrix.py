"""Who may use which route and which command of a socket. A route or command without a line here fails the suite.

To add a route, add a `Line`: who may come in, with which API keys (`keys`, where the rule of `Line` does not say it),
and whose the thing in its path is. A thing of `Owner.PERSON` belongs to
one member: everybody else, the organization's administrators included, is answered as if it did not exist.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any, Final

from coda.access.key_scopes import KeyScope


class Access(StrEnum):
    """The least that a caller must be."""

    ANYBODY = "anybody"
    SIGNED_IN = "signed in"
    MEMBER = "member, not viewer"
    ADMIN = "administrator"
    OPERATOR = "operator of the instance"
    ADMIN_OR_OPERATOR = "administrator, or operator of the instance"
    SELF = "signed in with a password, no API key"
    ADMIN_SELF = "administrator signed in with a password, no API key"


class Keys(Enum):
    """The scopes of which an API key needs one."""

    ANY = frozenset(KeyScope)
    READ = frozenset({KeyScope.READ, KeyScope.CHAT})
    CHAT = frozenset({KeyScope.CHAT})
    ADMIN = frozenset({KeyScope.ADMIN})
    NONE = frozenset[KeyScope]()


class Owner(StrEnum):
    """Whose the thing in the path is."""

    NOBODY = "nobody"
    PERSON = "one member"
    ORGANIZATION = "the organization"


@dataclass(frozen=True, slots=True)
class Line:
    """One route: method and path as declared, who may use it, and the status that they get."""

    method: str
    path: str
    access: Access
    ok: int = 200
    owner: Owner = Owner.NOBODY
    body: Mapping[str, Any] | None = field(default=None)
    keys: Keys | None = None

    @property
    def allowed_keys(self) -> Keys:
        """Those that are given; else any key reads what is managed, a chat key writes, an admin key manages."""
        if self.keys is not None:
            return self.keys
        if self.access in (Access.SELF, Access.ADMIN_SELF):
            return Keys.NONE
        if self.method in ("GET", "WEBSOCKET"):
            return Keys.READ if self.access is Access.SIGNED_IN else Keys.ANY
        return Keys.CHAT if self.access is Access.MEMBER else Keys.ADMIN


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a socket, on a chat of one member: who may give it, and the error that they get, if not an ack."""

    op: str
    access: Access
    keys: Keys
    error: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


A, O = Access, Owner  # noqa: E741 - the table reads better

_CONNECTION: Final = "/api/v1/connections/{connection_id}"
_SOURCE: Final = "/api/v1/tool-sources/{source_id}"
_QUESTION: Final = {"message": {"content": "What is 2 + 2?"}, "model": "demo/coda"}
_COMPLETION: Final = {"model": "demo/coda", "messages": [{"role": "user", "content": "Hello"}]}
_AG_UI: Final = {
    "threadId": "a thread",
    "runId": "a run",
    "messages": [{"id": "a question", "role": "user", "content": "Hello"}],
    "forwardedProps": {"model": "demo/coda"},
}
_DECISIONS: Final = {"decisions": [{"tool_call_id": "019c9e00-0000-7000-8000-00000000d001", "decision": "approve"}]}
_PASSWORDS: Final = {"current_password": "correct horse battery staple", "new_password": "correct horse battery staple"}

MATRIX: Final = (
    Line("GET", "/api/v1/auth/state", A.ANYBODY),
    Line("GET", "/api/v1/auth/links/{token}", A.ANYBODY, ok=404),
    Line("POST", "/api/v1/auth/setup", A.ANYBODY, ok=422, body={}),
    Line("POST", "/api/v1/auth/login", A.ANYBODY, ok=422, body={}),
    Line("POST", "/api/v1/auth/refresh", A.ANYBODY, ok=401),
    Line("POST", "/api/v1/auth/logout", A.ANYBODY, ok=204),
    Line("POST", "/api/v1/auth/invite", A.ANYBODY, ok=422, body={}),
    Line("POST", "/api/v1/auth/reset", A.ANYBODY, ok=422, body={}),
    Line("POST", "/api/v1/ws-tickets", A.SIGNED_IN, ok=201, keys=Keys.READ),
    Line("GET", "/api/v1/me", A.SIGNED_IN, keys=Keys.ANY),
    Line("PATCH", "/api/v1/me", A.SIGNED_IN, body={"name": "A new name"}),
    Line("POST", "/api/v1/me/password", A.SELF, ok=204, body=_PASSWORDS),
    Line("GET", "/api/v1/me/logins", A.SIGNED_IN, keys=Keys.ANY),
    Line("DELETE", "/api/v1/me/logins/{login_id}", A.SIGNED_IN, ok=204, owner=O.PERSON),
    Line("GET", "/api/v1/api-keys", A.SIGNED_IN, keys=Keys.ANY),
    Line("POST", "/api/v1/api-keys", A.SELF, ok=201, body={"name": "a key"}),
    Line("DELETE", "/api/v1/api-keys/{key_id}", A.SIGNED_IN, ok=204, owner=O.PERSON),
    Line("GET", "/api/v1/files", A.SIGNED_IN),
    Line("POST", "/api/v1/files", A.MEMBER, ok=201, body={"name": "notes.txt", "size": 5}),
    Line("GET", "/api/v1/files/uploads/{upload_id}", A.SIGNED_IN, owner=O.PERSON),
    Line("PUT", "/api/v1/files/uploads/{upload_id}", A.MEMBER, ok=422, owner=O.PERSON),
    Line("DELETE", "/api/v1/files/uploads/{upload_id}", A.MEMBER, ok=204, owner=O.PERSON),
    Line("GET", "/api/v1/files/{file_id}", A.SIGNED_IN, owner=O.PERSON),
    Line("DELETE", "/api/v1/files/{file_id}", A.MEMBER, ok=204, owner=O.PERSON),
    Line("GET", "/api/v1/files/{file_id}/content", A.SIGNED_IN, owner=O.PERSON),
    Line("GET", "/api/v1/people", A.ADMIN),
    Line("PATCH", "/api/v1/people/{user_id}", A.ADMIN_SELF, owner=O.ORGANIZATION, body={"role": "viewer"}),
    Line("GET", "/api/v1/people/invites", A.ADMIN),
    Line("POST", "/api/v1/people/invites", A.ADMIN_SELF, ok=201, body={"email": "new@example.org", "role": "member"}),
    Line("DELETE", "/api/v1/people/invites/{invite_id}", A.ADMIN_SELF, ok=204, owner=O.ORGANIZATION),
    Line("GET", "/api/v1/organization/settings", A.SIGNED_IN, keys=Keys.ANY),
    Line("PATCH", "/api/v1/organization/settings", A.ADMIN, body={"default_model": "demo/coda"}),
    Line("GET", "/api/v1/sessions", A.SIGNED_IN),
    Line("POST", "/api/v1/sessions", A.MEMBER, ok=201, body={}),
    Line("GET", "/api/v1/sessions/{session_id}", A.SIGNED_IN, owner=O.PERSON),
    Line("PATCH", "/api/v1/sessions/{session_id}", A.MEMBER, owner=O.PERSON, body={"title": "A title"}),
    Line("DELETE", "/api/v1/sessions/{session_id}", A.MEMBER, ok=204, owner=O.PERSON),
    Line("POST", "/api/v1/sessions/{session_id}/restore", A.MEMBER, owner=O.PERSON),
    Line("GET", "/api/v1/sessions/{session_id}/messages", A.SIGNED_IN, owner=O.PERSON),
    Line("GET", "/api/v1/sessions/{session_id}/tree", A.SIGNED_IN, owner=O.PERSON),
    Line("GET", "/api/v1/sessions/{session_id}/draft", A.SIGNED_IN, owner=O.PERSON),
    Line("PUT", "/api/v1/sessions/{session_id}/draft", A.MEMBER, owner=O.PERSON, body={"text": "a draft"}),
    Line("POST", "/api/v1/sessions/{session_id}/runs", A.MEMBER, ok=202, owner=O.PERSON, body=_QUESTION),
    Line("PUT", "/api/v1/messages/{message_id}/feedback", A.MEMBER, owner=O.PERSON, body={"rating": "up"}),
    Line("GET", "/api/v1/runs", A.SIGNED_IN),
    Line("GET", "/api/v1/runs/{run_id}", A.SIGNED_IN, owner=O.PERSON),
    # The run of the matrix is over, so nobody gets further than to hear that.
    Line("PATCH", "/api/v1/runs/{run_id}", A.MEMBER, ok=409, owner=O.PERSON, body={"content": "another question"}),
    Line("DELETE", "/api/v1/runs/{run_id}", A.MEMBER, ok=409, owner=O.PERSON),
    Line("GET", "/api/v1/runs/{run_id}/events", A.SIGNED_IN, owner=O.PERSON),
    Line("GET", "/api/v1/runs/{run_id}/steps", A.SIGNED_IN, owner=O.PERSON),
    Line("GET", "/api/v1/runs/{run_id}/context", A.SIGNED_IN, owner=O.PERSON),
    Line("POST", "/api/v1/runs/{run_id}/cancel", A.MEMBER, ok=202, owner=O.PERSON),
    Line("POST", "/api/v1/runs/{run_id}/pause", A.MEMBER, ok=409, owner=O.PERSON),
    Line("POST", "/api/v1/runs/{run_id}/resume", A.MEMBER, ok=409, owner=O.PERSON),
    Line("POST", "/api/v1/runs/{run_id}/continue", A.MEMBER, ok=409, owner=O.PERSON),
    Line("POST", "/api/v1/runs/{run_id}/steer", A.MEMBER, ok=409, owner=O.PERSON, body={"content": "faster"}),
    Line("POST", "/api/v1/runs/{run_id}/approvals", A.MEMBER, ok=409, owner=O.PERSON, body=_DECISIONS),
    Line("GET", "/api/v1/models", A.SIGNED_IN, keys=Keys.ANY),
    Line("GET", "/api/v1/tools", A.SIGNED_IN, keys=Keys.ANY),
    # For all of one's own chats; tests/tools has what else it takes for one chat, and for the organization.
    Line("PATCH", "/api/v1/tools/{name}", A.SIGNED_IN, body={"enabled": False, "for": "me"}, keys=Keys.ADMIN),
    # The sources of the matrix are one member's; tests/tools/sources has those of organizations and of the instance.
    Line("GET", "/api/v1/tool-sources", A.SIGNED_IN, keys=Keys.ANY),
    Line("POST", "/api/v1/tool-sources", A.SIGNED_IN, ok=422, body={"kind": "mcp"}),
    Line("POST", "/api/v1/tool-sources/test", A.SIGNED_IN, ok=422, body={"kind": "mcp"}),
    Line("GET", _SOURCE, A.SIGNED_IN, owner=O.PERSON, keys=Keys.ANY),
    Line("GET", f"{_SOURCE}/log", A.SIGNED_IN, owner=O.PERSON, keys=Keys.ADMIN),
    Line("PATCH", _SOURCE, A.SIGNED_IN, owner=O.PERSON, body={"name": "Another name"}),
    Line("DELETE", _SOURCE, A.SIGNED_IN, ok=204, owner=O.PERSON),
    Line("POST", f"{_SOURCE}/refresh", A.SIGNED_IN, owner=O.PERSON),
    Line("GET", "/api/v1/connections", A.ADMIN_OR_OPERATOR),
    Line("POST", "/api/v1/connections", A.ADMIN, ok=422, body={"kind": "openai_compatible"}),
    Line("POST", "/api/v1/connections/test", A.ADMIN, ok=422, body={"kind": "openai_compatible"}),
    # Operators may change what is the instance's; an organization's connection does not exist for those elsewhere.
    Line("PATCH", _CONNECTION, A.ADMIN_OR_OPERATOR, owner=O.ORGANIZATION, body={"name": "Another name"}),
    Line("POST", f"{_CONNECTION}/test", A.ADMIN_OR_OPERATOR, owner=O.ORGANIZATION),
    Line("DELETE", _CONNECTION, A.ADMIN_OR_OPERATOR, ok=204, owner=O.ORGANIZATION),
    Line("WEBSOCKET", "/api/v1/ws", A.SIGNED_IN),
    Line("GET", "/v1/models", A.SIGNED_IN, keys=Keys.ANY),
    Line("GET", "/v1/models/{model_id:path}", A.SIGNED_IN, keys=Keys.ANY),
    Line("POST", "/v1/chat/completions", A.MEMBER, body=_COMPLETION),
    Line("POST", "/v1/responses", A.MEMBER, body={"model": "demo/coda", "input": "Hello"}),
    Line("GET", "/v1/responses/{response_id}", A.SIGNED_IN, owner=O.PERSON),
    Line("GET", "/v1/responses/{response_id}/input_items", A.SIGNED_IN, owner=O.PERSON),
    Line("DELETE", "/v1/responses/{response_id}", A.MEMBER, owner=O.PERSON),
    Line("POST", "/v1/responses/input_tokens", A.MEMBER, body={"model": "demo/coda", "input": "Hello"}),
    Line("POST", "/v1/responses/{response_id}/cancel", A.MEMBER, ok=400, owner=O.PERSON),  # not in the background
    Line("POST", "/v1/conversations", A.SIGNED_IN, ok=404, keys=Keys.READ),
    Line("POST", "/ag-ui", A.MEMBER, body=_AG_UI),
    Line("POST", "/mcp", A.SIGNED_IN, body={"jsonrpc": "2.0", "id": 1, "method": "ping"}, keys=Keys.ANY),
    Line("GET", "/api/v1/admin/overview", A.OPERATOR),
    Line("GET", "/api/v1/admin/jobs", A.OPERATOR),
    Line("POST", "/api/v1/admin/jobs/{job_id}/retry", A.OPERATOR, ok=202),
    Line("GET", "/healthz", A.ANYBODY),
    Line("GET", "/readyz", A.ANYBODY),
    Line("GET", "/metrics", A.ANYBODY),  # from this machine; elsewhere with a token of its own
    Line("GET", "/docs", A.ANYBODY),
    Line("GET", "/docs/style.css", A.ANYBODY),
    Line("GET", "/openapi.json", A.ANYBODY),
)

# The run of the matrix is over here too.
COMMANDS: Final = (
    Command("start", A.MEMBER, Keys.CHAT, fields=_QUESTION),
    Command("attach", A.SIGNED_IN, Keys.READ),
    Command("detach", A.SIGNED_IN, Keys.READ),
    Command("cancel", A.MEMBER, Keys.CHAT),
    Command("pause", A.MEMBER, Keys.CHAT, "runs.not_running"),
    Command("resume", A.MEMBER, Keys.CHAT, "runs.not_paused"),
    Command("continue", A.MEMBER, Keys.CHAT, "runs.nothing_to_continue"),
    Command("edit", A.MEMBER, Keys.CHAT, "runs.already_started", {"content": "another question"}),
    Command("remove", A.MEMBER, Keys.CHAT, "runs.already_started"),
    Command("steer", A.MEMBER, Keys.CHAT, "runs.not_running", {"content": "faster"}),
    Command("approve", A.MEMBER, Keys.CHAT, "runs.nothing_to_approve", _DECISIONS),
)
