"""What the routes of organizations are given."""

from typing import Annotated

from fastapi import Depends, Request

from coda.access.dependencies import require
from coda.access.permissions import Permission
from coda.access.principal import Principal
from coda.core.http.database import Db
from coda.organizations.service import PeopleService, SettingsService
from coda.organizations.wiring import build_people, build_settings

PeopleReader = Annotated[Principal, require(Permission.PEOPLE_READ)]
PeopleManager = Annotated[Principal, require(Permission.PEOPLE_MANAGE)]
_SettingsReader = Annotated[Principal, require(Permission.ORGANIZATION_READ)]
_SettingsWriter = Annotated[Principal, require(Permission.ORGANIZATION_WRITE)]


def _people(request: Request, db: Db, principal: PeopleReader) -> PeopleService:
    return build_people(db, principal.scope, request.app.state.identity)


def _people_to_change(request: Request, db: Db, principal: PeopleManager) -> PeopleService:
    return build_people(db, principal.scope, request.app.state.identity)


def _settings(request: Request, db: Db, principal: _SettingsReader) -> SettingsService:
    return build_settings(db, principal.scope, request.app.state.organization_settings)


def _settings_to_change(request: Request, db: Db, principal: _SettingsWriter) -> SettingsService:
    return build_settings(db, principal.scope, request.app.state.organization_settings)


People = Annotated[PeopleService, Depends(_people)]
PeopleToChange = Annotated[PeopleService, Depends(_people_to_change)]
Settings = Annotated[SettingsService, Depends(_settings)]
SettingsToChange = Annotated[SettingsService, Depends(_settings_to_change)]
