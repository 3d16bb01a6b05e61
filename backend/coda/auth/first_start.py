"""What the first start of an instance makes, and what an operator does from the command line."""

from coda.access.roles import Role
from coda.auth.errors import AdminSettingsIncomplete
from coda.core.db import Database
from coda.core.db.database import bind_user
from coda.core.settings import Settings
from coda.identity.email_address import normalize_email
from coda.identity.errors import EmailTaken
from coda.identity.passwords import Passwords
from coda.identity.types import LinkPurpose, LinkTerms
from coda.identity.wiring import build_accounts, build_links
from coda.organizations.errors import AlreadySetUp
from coda.organizations.wiring import build_sign_up


async def ensure_first_admin(database: Database, settings: Settings) -> str | None:
    """Make the shared organization and, on an instance without one, the first administrator.

    With CODA_ADMIN_EMAIL and CODA_ADMIN_PASSWORD the administrator exists afterwards; without, the token of a set-up
    link comes back (see `link_path`). None where there is nothing left to do. Safe when many processes start at once.
    Raises AdminSettingsIncomplete, InvalidEmail, UnsuitablePassword.
    """
    async with database.transaction(None) as db:
        sign_up = build_sign_up(db)
        await sign_up.ensure_shared_organization()
        if await sign_up.is_set_up():
            return None
    if (settings.admin_email is None) != (settings.admin_password is None):
        raise AdminSettingsIncomplete
    if settings.admin_email is None or settings.admin_password is None:
        async with database.transaction(None) as db:
            return (await build_links(db, settings).create(LinkTerms(LinkPurpose.SETUP))).token
    await _make_first_admin(database, settings.admin_email, settings.admin_password.get_secret_value())
    return None


async def create_user(database: Database, *, email: str, name: str | None, password: str, role: Role) -> None:
    """Add a person to the shared organization; the first one of an instance becomes its administrator.

    Raises InvalidEmail, EmailTaken, UnsuitablePassword.
    """
    async with database.transaction(None) as db:
        address = await build_accounts(db).require_free(email)
        is_set_up = await build_sign_up(db).is_set_up()
    if not is_set_up:
        await _make_first_admin(database, address, password)
        return
    password_hash = await _hash(password)
    async with database.transaction(None) as db:
        await build_sign_up(db).add_person(email=address, name=name, password_hash=password_hash, role=role)


async def create_reset_link(database: Database, settings: Settings, *, email: str) -> str:
    """The token of a link that sets a new password (see `link_path`); raises AccountNotFound."""
    async with database.transaction(None) as db:
        person = await build_accounts(db).get_credentials(email)
        await bind_user(db, person.user_id)
        links = build_links(db, settings)
        await links.revoke_resets(person.user_id)
        return (await links.create(LinkTerms(LinkPurpose.RESET, user_id=person.user_id, email=person.email))).token


async def _make_first_admin(database: Database, email: str, password: str) -> None:
    address = normalize_email(email)
    password_hash = await _hash(password)
    try:
        async with database.transaction(None) as db:
            await build_sign_up(db).make_first_admin(email=address, password_hash=password_hash)
    except (AlreadySetUp, EmailTaken):
        return  # another process was quicker, with the same settings


async def _hash(password: str) -> str:
    passwords = Passwords(at_once=1)
    try:
        return await passwords.hash(password)
    finally:
        passwords.close()
