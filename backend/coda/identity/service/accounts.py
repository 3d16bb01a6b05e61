"""People's accounts."""

from uuid import UUID

from coda.core.names import one_line
from coda.identity.email_address import normalize_email
from coda.identity.errors import AccountNotFound, AccountSuspended, EmailTaken, InvalidEmail, LoginOver
from coda.identity.models import User
from coda.identity.repository import UserRepository
from coda.identity.types import Credentials


class AccountService:
    """Makes, finds and changes accounts."""

    def __init__(self, users: UserRepository) -> None:
        self._users = users

    async def find_credentials(self, email: str) -> Credentials | None:
        """What the person with this address signs in with; None also for what is no address."""
        try:
            return await self._users.find_credentials(normalize_email(email))
        except InvalidEmail:
            return None

    async def get_credentials(self, email: str) -> Credentials:
        """The same; raises AccountNotFound."""
        credentials = await self.find_credentials(email)
        if credentials is None:
            raise AccountNotFound
        return credentials

    async def get(self, user_id: UUID) -> User:
        """The account of somebody who signed in; raises LoginOver when it is gone."""
        user = await self._users.find(user_id)
        if user is None:
            raise LoginOver
        return user

    async def get_open(self, user_id: UUID) -> User:
        """The account, locked and not suspended; from here on the transaction acts for its person.

        Raises LoginOver or AccountSuspended.
        """
        user = await self._users.lock(user_id)
        if user is None:
            raise LoginOver
        if user.suspended_at is not None:
            raise AccountSuspended
        return user

    async def require_free(self, email: str) -> str:
        """The address in its normal form; raises InvalidEmail, or EmailTaken when somebody has it."""
        address = normalize_email(email)
        if await self._users.is_email_taken(address):
            raise EmailTaken
        return address

    async def create(
        self, *, user_id: UUID, email: str, name: str | None, password_hash: str, is_operator: bool = False
    ) -> User:
        """A new account; without a name it is called by its address. Raises InvalidEmail or EmailTaken."""
        address = normalize_email(email)
        called = one_line(name or "") or address.partition("@")[0]
        user = await self._users.insert(
            user_id=user_id, email=address, name=called, password_hash=password_hash, is_operator=is_operator
        )
        if user is None:
            raise EmailTaken
        return user

    async def find_own_password_hash(self) -> str | None:
        """The hash of the password of the person that the transaction acts for."""
        return await self._users.find_own_password_hash()

    async def set_password(self, user_id: UUID, password_hash: str) -> None:
        """Give one's own account another password."""
        await self._users.set_password(user_id, password_hash)

    async def suspend(self, user_id: UUID) -> None:
        """Shut the account of a member of the transaction's organization, on this instance."""
        await self._users.set_suspended(user_id, suspended=True)

    async def readmit(self, user_id: UUID) -> None:
        """Open a suspended account again."""
        await self._users.set_suspended(user_id, suspended=False)
