"""Whether an address and a key that somebody entered can be a connection, and what they mean."""

from urllib.parse import urlsplit

from pydantic import SecretStr

from coda.access.permissions import Permission
from coda.access.principal import Principal
from coda.core.entered_secrets import is_sendable
from coda.core.guarded_http import OutboundError, Reach
from coda.core.guarded_http.client import check_reach, check_url
from coda.core.guarded_http.hosts import in_usual_form
from coda.core.guarded_http.route import Route
from coda.llm.errors import ConnectionInvalid
from coda.llm.providers.cleaning import clean_base_url
from coda.llm.providers.kinds import KINDS, ProviderKind, Wire
from coda.llm.providers.provider import Address
from coda.llm.schemas import ConnectionCreate
from coda.llm.service.options import OptionsAuthor


def requested_address(request: ConnectionCreate, principal: Principal) -> Address:
    """Where a requested connection would lead; raises ConnectionInvalid, AddressRefused."""
    kind = KINDS[request.kind]
    key = checked_key(kind, request.api_key)
    may_reach_private = principal.may(Permission.PRIVATE_NETWORKS)
    reach = Reach.PRIVATE if may_reach_private else Reach.PUBLIC
    base_url = entered_base_url(kind, request.base_url)
    check_base_url(kind, base_url, reach, may_redirect=may_reach_private)
    options = OptionsAuthor(kind, reach, may_reach_private).requested(request.options)
    return Address(
        id=kind.name,
        name=kind.title,
        kind=kind,
        source="connection",
        base_url=base_url,
        key=key,
        reach=reach,
        route=Route(options.proxy, options.authority),
        options=options,
    )


def checked_key(kind: ProviderKind, key: SecretStr | None, *, field: str = "api_key") -> str | None:
    """The key as it is sent; raises ConnectionInvalid."""
    text = key.get_secret_value().strip() if key is not None else None
    if kind.needs_key and not text:
        raise ConnectionInvalid(f"{kind.title} needs a key.", field=field)
    if text and not is_sendable(text):
        raise ConnectionInvalid("The key has characters that no key has. Copy it again.", field=field)
    return text or None


def entered_base_url(kind: ProviderKind, text: str | None) -> str:
    """An entered address as it is asked, the kind's own where none was entered; raises ConnectionInvalid."""
    try:
        if text is not None and "@" in urlsplit(text if "://" in text else f"http://{text}").netloc:
            raise ConnectionInvalid("An address must not carry a user name or password.", field="base_url")
        base_url = kind.base_url if text is None else in_usual_form(clean_base_url(kind, text))
    except ValueError:  # of urlsplit: half an IPv6 address, a port that is none
        raise ConnectionInvalid("The address is not one that can be read.", field="base_url") from None
    if base_url is None:
        raise ConnectionInvalid(f"{kind.title} needs an address.", field="base_url")
    return base_url


def check_base_url(kind: ProviderKind, base_url: str, reach: Reach, *, may_redirect: bool) -> None:
    """Raises ConnectionInvalid for what cannot be an address, AddressRefused for one that is out of reach.

    `may_redirect`: also where no guarded client asks the address, but a library of the provider's.
    """
    if base_url != kind.base_url and kind.wire is Wire.LITELLM and not may_redirect:
        raise ConnectionInvalid(f"Only an operator may change the address of {kind.title}.", field="base_url")
    try:
        check_url(base_url)
    except OutboundError as error:
        raise ConnectionInvalid(error.message, field="base_url") from None
    parts = urlsplit(base_url)
    if parts.query or parts.fragment:
        raise ConnectionInvalid("An address has no ? and no #.", field="base_url")
    check_reach(base_url, reach, field="base_url")
