"""Access tokens, opaque tokens, sealed secrets."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from jose import jwt
from pydantic import SecretStr

from coda.core.security import (
    AccessClaims,
    AccessTokens,
    InvalidToken,
    Seal,
    SecretUnreadable,
    WeakSecretKey,
    derive_key,
    hash_opaque_token,
    new_opaque_token,
)

SECRET = SecretStr("a secret of forty characters, no less!!!")
CLAIMS = AccessClaims(uuid4(), uuid4(), uuid4())


@pytest.fixture
def tokens() -> AccessTokens:
    return AccessTokens(SECRET, lifetime=timedelta(minutes=15))


def forge(key: bytes | str | None = None, algorithm: str = "HS256", **changes: object) -> str:
    now = int(datetime.now(UTC).timestamp())
    body: dict[str, Any] = {"iss": "coda", "aud": "coda-api", "typ": "access", "iat": now, "exp": now + 60}
    body |= {"sub": str(uuid4()), "org": str(uuid4()), "login": str(uuid4())} | changes
    body = {name: value for name, value in body.items() if value is not None}
    signed: str = jwt.encode(body, derive_key(SECRET, "access token") if key is None else key, algorithm=algorithm)
    return signed


class TestAccessTokens:
    def test_says_what_it_was_given(self, tokens: AccessTokens) -> None:
        assert tokens.read(tokens.issue(CLAIMS)) == CLAIMS
        assert tokens.read(forge())

    @pytest.mark.parametrize(
        "changes",
        [
            {"iss": "elsewhere"},
            {"iss": None},
            {"aud": "another"},
            {"aud": None},
            {"typ": "refresh"},
            {"typ": None},
            {"exp": 1},
            {"exp": None},
            {"exp": "soon"},
            {"iat": None},
            {"sub": None},
            {"sub": "not an id"},
            {"org": None},
            {"org": 7},
            {"login": None},
            {"login": ["x"]},
            {"nbf": 99999999999},
        ],
    )
    def test_refuses_other_claims(self, tokens: AccessTokens, changes: dict[str, object]) -> None:
        with pytest.raises(InvalidToken):
            tokens.read(forge(None, "HS256", **changes))

    @pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
    def test_refuses_other_algorithms(self, tokens: AccessTokens, algorithm: str) -> None:
        with pytest.raises(InvalidToken):
            tokens.read(forge(algorithm=algorithm))

    def test_refuses_unsigned_and_resigned(self, tokens: AccessTokens) -> None:
        head, body, signature = tokens.issue(CLAIMS).split(".")
        none = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).decode().rstrip("=")
        for token in (
            f"{none}.{body}.",
            f"{none}.{body}.{signature}",
            f"{head}.{body}.",
            forge("another key of thirty-two bytes!"),
            forge(SECRET.get_secret_value()),
            forge(derive_key(SECRET, "sealed secrets")),
        ):
            with pytest.raises(InvalidToken):
                tokens.read(token)

    @pytest.mark.parametrize(
        "token", ["", ".", "..", "a.b.c", "e30.e30.e30", "\ud800", "x" * 100_000, "bnVsbA.bnVsbA.x"]
    )
    def test_refuses_nonsense(self, tokens: AccessTokens, token: str) -> None:
        with pytest.raises(InvalidToken):
            tokens.read(token)

    @pytest.mark.parametrize("secret", [None, SecretStr(""), SecretStr("x" * 31)])
    def test_wants_a_strong_secret(self, secret: SecretStr | None) -> None:
        with pytest.raises(WeakSecretKey, match="CODA_SECRET_KEY"):
            AccessTokens(secret, lifetime=timedelta(minutes=1))


class TestOpaqueTokens:
    def test_are_long_random_and_hash_alike(self) -> None:
        made = {new_opaque_token("sk-coda-") for _ in range(100)}

        assert len(made) == 100
        assert all(token.startswith("sk-coda-") and len(token) == 51 for token in made)
        assert hash_opaque_token("x") == hash_opaque_token("x") != hash_opaque_token("y")
        assert len(hash_opaque_token("\ud800")) == 32


class TestSeal:
    def test_opens_what_it_closed(self) -> None:
        sealed = Seal(SECRET).close("sk-provider-key", bound_to="org/connection")

        assert b"provider" not in sealed
        assert Seal(SECRET).open(sealed, bound_to="org/connection").get_secret_value() == "sk-provider-key"

    def test_the_same_secret_never_looks_the_same(self) -> None:
        seal = Seal(SECRET)

        assert seal.close("x", bound_to="y") != seal.close("x", bound_to="y")

    def test_opens_nothing_else(self) -> None:
        seal = Seal(SECRET)
        sealed = seal.close("secret", bound_to="here")
        for other, bytes_, place in (
            (Seal(SecretStr("x" * 40)), sealed, "here"),
            (seal, sealed, "there"),
            (seal, sealed[:-1] + bytes([sealed[-1] ^ 1]), "here"),
            (seal, b"\x02" + sealed[1:], "here"),
            (seal, b"", "here"),
            (seal, sealed[:10], "here"),
        ):
            with pytest.raises(SecretUnreadable):
                other.open(bytes_, bound_to=place)
