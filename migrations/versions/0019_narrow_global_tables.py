"""Global tables answer one question each: the app role sees rows of its person and organization, and no secrets.

What has to be known before anybody has signed in is asked of functions that run as the owner. Each answers for one
address, hash or id, so that no query of the app role lists people, hashes of passwords or hashes of tokens.
"""

from alembic import op

revision = "0019"
down_revision = "0018"

CURRENT_ORG = "(select nullif(current_setting('app.org', true), '')::uuid)"
CURRENT_USER = "(select nullif(current_setting('app.user', true), '')::uuid)"
INSTANCE_ORG = "'00000000-0000-8000-8000-000000000001'::uuid"

MEMBER_HERE = f"exists (select from memberships m where m.org_id = {CURRENT_ORG} and m.user_id = users.id)"
MEMBER_THERE = f"exists (select from memberships m where m.org_id = organizations.id and m.user_id = {CURRENT_USER})"
OWN_LOGIN = f"exists (select from logins l where l.id = refresh_tokens.login_id and l.user_id = {CURRENT_USER})"
FIRST_ADMIN = "exists (select from instance_facts f where f.key = 'first_admin' and f.value = users.id::text)"
NOT_SET_UP = "not exists (select from instance_facts f where f.key = 'first_admin')"

GRANTS = {
    "users": "select (id, email, name, locale, time_zone, is_operator, suspended_at, created_at), insert,"
    " update (name, locale, time_zone, password_hash)",
    "logins": "select, insert, update (org_id, user_agent, address, last_used_at, ended_at, ended_reason)",
    "refresh_tokens": "select, insert, update (used_at, reused_once)",
    "one_time_tokens": "select, insert, delete",
    "ws_tickets": "insert",
    "instance_facts": "select, insert",
    "organizations": "select, insert",
    "api_key_index": "select (org_id, key_id), insert, delete",
}
POLICIES = (
    ("users", "known_rows", f"for select to coda_app using (id = {CURRENT_USER} or {MEMBER_HERE})"),
    ("users", "own_rows", f"for update to coda_app using (id = {CURRENT_USER})"),
    (
        "users",
        "new_rows",
        f"for insert to coda_app with check (suspended_at is null and (not is_operator or {FIRST_ADMIN}))",
    ),
    ("users", "system_rows", "for select to coda_system using (true)"),
    ("logins", "own_rows", f"to coda_app using (user_id = {CURRENT_USER}) with check (user_id = {CURRENT_USER})"),
    ("logins", "system_rows", "for select to coda_system using (true)"),
    ("refresh_tokens", "own_rows", f"to coda_app using ({OWN_LOGIN}) with check ({OWN_LOGIN})"),
    (
        "one_time_tokens",
        "invitations",
        f"to coda_app using (purpose = 'invite' and org_id = {CURRENT_ORG})"
        f" with check (purpose = 'invite' and org_id = {CURRENT_ORG})",
    ),
    (
        "one_time_tokens",
        "own_resets",
        f"to coda_app using (purpose = 'reset' and user_id = {CURRENT_USER})"
        f" with check (purpose = 'reset' and user_id = {CURRENT_USER})",
    ),
    ("one_time_tokens", "set_up", f"for insert to coda_app with check (purpose = 'setup' and {NOT_SET_UP})"),
    (
        "ws_tickets",
        "new_rows",
        f"for insert to coda_app with check (user_id = {CURRENT_USER} and org_id = {CURRENT_ORG})",
    ),
    ("organizations", "known_rows", f"for select to coda_app using (id = {CURRENT_ORG} or {MEMBER_THERE})"),
    ("organizations", "new_rows", "for insert to coda_app with check (kind <> 'instance')"),
    ("api_key_index", "tenant_rows", f"to coda_app using (org_id = {CURRENT_ORG}) with check (org_id = {CURRENT_ORG})"),
)
SECURED = tuple(dict.fromkeys(table for table, _, _ in POLICIES))

# Signature, what it gives, its body. All are run as the owner.
FUNCTIONS = {
    "credentials_of_email(p_email text)": (
        "table (user_id uuid, email text, password_hash text)",
        "return query select u.id, u.email::text, u.password_hash::text from users u"
        " where lower(u.email) = lower(p_email);",
    ),
    "is_email_taken(p_email text)": (
        "boolean",
        "return exists (select from users u where lower(u.email) = lower(p_email));",
    ),
    "own_password_hash()": (
        "text",
        f"return (select u.password_hash from users u where u.id = {CURRENT_USER});",
    ),
    # Whoever shows a refresh token acts for its person, until the transaction ends.
    "login_of_refresh_token(p_hash bytea)": (
        "uuid",
        "declare found_login uuid; found_user uuid; begin"
        " select l.id, l.user_id into found_login, found_user"
        " from refresh_tokens t join logins l on l.id = t.login_id where t.hash = p_hash;"
        " if found then perform set_config('app.user', found_user::text, true); end if;"
        " return found_login; end;",
    ),
    "one_time_token(p_hash bytea)": (
        "setof one_time_tokens",
        "return query select * from one_time_tokens t where t.hash = p_hash;",
    ),
    "spend_one_time_token(p_hash bytea)": (
        "boolean",
        "begin update one_time_tokens t set used_at = now()"
        " where t.hash = p_hash and t.used_at is null and t.expires_at > now(); return found; end;",
    ),
    "take_ws_ticket(p_hash bytea)": (
        "table (user_id uuid, org_id uuid, login_id uuid, api_key_id uuid)",
        "return query delete from ws_tickets t where t.hash = p_hash and t.expires_at > now()"
        " returning t.user_id, t.org_id, t.login_id, t.api_key_id;",
    ),
    "find_api_key(p_hash bytea)": (
        "table (org_id uuid, key_id uuid)",
        "return query select i.org_id, i.key_id from api_key_index i where i.hash = p_hash;",
    ),
    "organization_name(p_id uuid)": (
        "text",
        f"return (select o.name from organizations o where o.id = p_id and o.id <> {INSTANCE_ORG});",
    ),
    "existing_organizations(p_ids uuid[])": (
        "setof uuid",
        f"return query select o.id from organizations o where o.id = any(p_ids) and o.id <> {INSTANCE_ORG};",
    ),
    # Of a member of the organization that the transaction works in.
    "set_member_suspended(p_user uuid, p_is_suspended boolean)": (
        "void",
        "update users u set suspended_at = case when p_is_suspended then coalesce(u.suspended_at, now()) end"
        " where u.id = p_user"
        f" and exists (select from memberships m where m.org_id = {CURRENT_ORG} and m.user_id = p_user);",
    ),
    "end_member_logins(p_user uuid, p_reason text, p_is_everywhere boolean)": (
        "void",
        "update logins l set ended_at = now(), ended_reason = p_reason"
        f" where l.user_id = p_user and l.ended_at is null and (p_is_everywhere or l.org_id = {CURRENT_ORG})"
        f" and exists (select from memberships m where m.org_id = {CURRENT_ORG} and m.user_id = p_user);",
    ),
}
REMOVE_EXPIRED = "remove_expired_passes(p_limit integer)"
EXPIRED = {
    "ws_tickets": "expires_at < now()",
    "one_time_tokens": "expires_at < now() - interval '30 days'",
    "refresh_tokens": "expires_at < now()",
}


def upgrade() -> None:
    for table, rights in GRANTS.items():
        op.execute(f"revoke all on {table} from coda_app")
        op.execute(f"grant {rights} on {table} to coda_app")
    for table in SECURED:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy owner_rows on {table} to coda_owner using (true) with check (true)")
    for table, name, rule in POLICIES:
        op.execute(f"create policy {name} on {table} {rule}")
    for signature, (gives, body) in FUNCTIONS.items():
        make_function(signature, gives, body, role="coda_app")
    make_function(REMOVE_EXPIRED, "integer", removal(), role="coda_system")


def make_function(signature: str, gives: str, body: str, *, role: str) -> None:
    """A function that runs as the owner, finds our tables whatever its caller has made, and is for one role."""
    block = body if body.startswith(("begin", "declare")) else f"begin {body} end;"
    op.execute(
        f"create function {signature} returns {gives} language plpgsql security definer"
        f" set search_path = public, pg_temp as $${block}$$"
    )
    op.execute(f"revoke execute on function {signature} from public")
    op.execute(f"grant execute on function {signature} to {role}")


def removal() -> str:
    """Up to so many of each kind; gives the most of a kind."""
    steps = "".join(
        f" delete from {table} where hash in (select hash from {table} where {condition} limit p_limit);"
        " get diagnostics removed = row_count; most := greatest(most, removed);"
        for table, condition in EXPIRED.items()
    )
    return f"declare most integer := 0; removed integer; begin{steps} return most; end;"


def downgrade() -> None:
    for signature in (REMOVE_EXPIRED, *reversed(FUNCTIONS)):
        op.execute(f"drop function {signature}")
    for table, name, _ in reversed(POLICIES):
        op.execute(f"drop policy {name} on {table}")
    for table in SECURED:
        op.execute(f"drop policy owner_rows on {table}")
        op.execute(f"alter table {table} no force row level security")
        op.execute(f"alter table {table} disable row level security")
    for table, rights in GRANTS.items():
        op.execute(f"revoke {rights} on {table} from coda_app")
        op.execute(f"grant select, insert, update, delete on {table} to coda_app")
