"""Four roles of PostgreSQL: who owns the tables, who works on them, who reads, who audits.

The owner migrates; it is no superuser. The application reads and writes rows and changes no table.
The read-only role is for reports and sees no password, code or token. The audit role sees who did
and looked at what. Standard library only: the embedded server makes its roles before Django starts.
"""

import re
from collections.abc import Iterable

NAME = re.compile(r"[a-z_][a-z0-9_]{0,50}")
APPLICATION, READ, AUDIT = "app", "read", "audit"
KINDS = (APPLICATION, READ, AUDIT)

# Whoever reads one of these signs in, opens a link or forges a mark: not for reports.
SECRET_TABLES = (
    "account_emailconfirmation",
    "django_session",
    "mfa_authenticator",
    "portal_apitoken",
    "portal_auditkey",
    "portal_cache",
    "portal_sentform",
    "usersessions_usersession",
)
SECRET_COLUMNS = (
    "access_notes",
    "bill_code",
    "calendar_token",
    "digest",
    "mac",
    "nonce",
    "password",
    "session",
    "sessions_nonce",
    "token",
)
AUDITED_TABLES = (
    "agencies_membership",
    "django_admin_log",
    "portal_auditbatch",
    "portal_auditopening",
    "portal_auditseal",
    "requests_accessview",
    "requests_claimevent",
    "requests_emergencyopening",
    "requests_figureview",
    "requests_intakeview",
    "requests_orderevent",
    "requests_recordview",
)


def _strings(names: Iterable[str]) -> str:
    """Return an array of PostgreSQL with these texts, none of which holds a quote."""
    return "ARRAY[" + ", ".join(f"'{name}'" for name in names) + "]"


MAKE = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
        CREATE ROLE {role} {login};
    END IF;
    IF EXISTS (
        SELECT FROM pg_roles WHERE rolname = '{role}'
        AND (rolsuper OR rolbypassrls OR rolreplication OR {refused})
    ) THEN
        RAISE EXCEPTION 'the role {role} may do too much: it bypasses what it is made for';
    END IF;
END $$;
"""
# A table takes the sequences of its columns along; what an extension made stays with it.
OWN = """
DO $$
DECLARE
    one record;
BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
        AND NOT pg_has_role(current_user, '{owner}', CASE
            WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END)
    THEN
        EXECUTE 'GRANT {owner} TO CURRENT_USER';
    END IF;
    IF (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database())
        <> '{owner}' THEN
        EXECUTE format('ALTER DATABASE %I OWNER TO {owner}', current_database());
    END IF;
    FOR one IN
        SELECT relkind = 'S' AS is_sequence, oid::regclass AS name FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
        AND pg_get_userbyid(relowner) <> '{owner}'
        AND NOT EXISTS (
            SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid
            AND deptype IN ('e', 'a', 'i')
        )
    LOOP
        EXECUTE format(
            'ALTER %s %s OWNER TO {owner}',
            CASE WHEN one.is_sequence THEN 'SEQUENCE' ELSE 'TABLE' END, one.name
        );
    END LOOP;
    FOR one IN
        SELECT oid::regprocedure AS name FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND pg_get_userbyid(proowner) <> '{owner}'
        AND NOT EXISTS (
            SELECT FROM pg_depend
            WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e'
        )
    LOOP
        EXECUTE format('ALTER ROUTINE %s OWNER TO {owner}', one.name);
    END LOOP;
END $$;
GRANT {app} TO {owner};
"""
# Below a policy only what is LEAKPROOF may use an index. What the searches use tells nothing of a
# row that the policy hides, except that a text is too long. A superuser's to say. They are
# PostgreSQL's own or an extension's: a dump does not hold them.
SEARCHED_BY = (
    "lower(text)",
    "upper(text)",
    "textcat(text, text)",
    "textlike(text, text)",
    '"right"(text, integer)',
    "regexp_replace(text, text, text, text)",
    "to_tsvector(regconfig, text)",
    "ts_match_vq(tsvector, tsquery)",
    "unaccent(regdictionary, text)",
    "word_similarity_op(text, text)",
    "word_similarity_commutator_op(text, text)",
)
# What the endings of a text's words cost, by the time that they take: by PostgreSQL's own figure, a
# hundredth of it, the planner computes them for row after row and leaves the index aside.
ENDINGS_COST = 10_000
# Ours, which earlier releases marked: a dump says so, and then only a superuser can restore it. A
# statement is planned with their bodies in their place, so what these call is marked enough.
IN_DUMPS = ("palier_plain(text)", "palier_digits(text)")
LEAKPROOF = f"""
DO $$
DECLARE
    named text;
BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        RETURN;
    END IF;
    CREATE EXTENSION IF NOT EXISTS unaccent;
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    FOREACH named IN ARRAY {_strings(SEARCHED_BY)} LOOP
        IF to_regprocedure(named) IS NOT NULL THEN
            EXECUTE format('ALTER FUNCTION %s LEAKPROOF', to_regprocedure(named));
        END IF;
    END LOOP;
    ALTER FUNCTION to_tsvector(regconfig, text) COST {ENDINGS_COST};
    FOREACH named IN ARRAY {_strings(IN_DUMPS)} LOOP
        IF to_regprocedure(named) IS NOT NULL THEN
            EXECUTE format('ALTER FUNCTION %s NOT LEAKPROOF', to_regprocedure(named));
        END IF;
    END LOOP;
END $$;
"""
# How many functions of the searches are not marked; 0 where searches use their indexes.
SLOW_SEARCHES = f"""
SELECT count(*) FROM pg_proc WHERE NOT proleakproof
AND oid = ANY (ARRAY(SELECT to_regprocedure(named) FROM unnest({_strings(SEARCHED_BY)}) named))
"""
# Policies hold these two as well, whose columns are limited: they read whole tables.
WHOLE_TABLES = """
DO $$
BEGIN
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        ALTER ROLE {read} SET palier.scope = 'system';
        ALTER ROLE {audit} SET palier.scope = 'system';
    END IF;
END $$;
"""
GRANT = """
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO {app}, {read}, {audit};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT USAGE ON SCHEMAS TO {app}, {read}, {audit};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner}
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO {app};
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT pg_class.oid::regclass AS name, relname, relkind,
            string_agg(quote_ident(attname), ', ') FILTER (
                WHERE attname <> ALL ('{{{columns}}}'::name[])
            ) AS shown
        FROM pg_class LEFT JOIN pg_attribute
            ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
        AND pg_get_userbyid(relowner) = '{owner}'
        GROUP BY pg_class.oid, relname, relkind
    LOOP
        IF one.relkind = 'S' THEN
            EXECUTE format('GRANT USAGE, SELECT, UPDATE ON SEQUENCE %s TO {app}', one.name);
            CONTINUE;
        END IF;
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO {app}', one.name);
        EXECUTE format('REVOKE ALL ON %s FROM {read}, {audit}', one.name);
        IF one.shown IS NOT NULL AND one.relname <> ALL ('{{{tables}}}'::name[]) THEN
            EXECUTE format('GRANT SELECT (%s) ON %s TO {read}', one.shown, one.name);
        END IF;
        IF one.relname = ANY ('{{{audited}}}'::name[]) THEN
            EXECUTE format('GRANT SELECT (%s) ON %s TO {audit}', one.shown, one.name);
        END IF;
    END LOOP;
    IF to_regclass('public.django_migrations') IS NOT NULL THEN
        REVOKE INSERT, UPDATE, DELETE ON public.django_migrations FROM {app};
    END IF;
END $$;
"""


def role(prefix: str, kind: str) -> str:
    """Return the name of a role: ``palier_app``. Raises ValueError for what is no plain name."""
    return _plain(f"{prefix}_{kind}")


def make(*, owner: str, prefix: str, login: bool) -> str:
    """Return SQL that makes the roles and gives the owner all of the connected database.

    For a superuser, or a role with CREATEROLE. It may run again: it changes what differs.
    ``login`` lets the owner and the application connect without a password of their own, for
    the embedded server, whose socket only its user can open.
    """
    made = []
    for name in (_plain(owner), *(role(prefix, kind) for kind in KINDS)):
        refused = "false" if name == owner else "rolcreatedb OR rolcreaterole"
        made.append(MAKE.format(role=name, refused=refused, login="LOGIN" if login else "NOLOGIN"))
    named = {kind: role(prefix, kind) for kind in KINDS}
    made += [OWN.format(owner=owner, **named), WHOLE_TABLES.format(**named), LEAKPROOF]
    return "".join(made)


def grant(*, owner: str, prefix: str) -> str:
    """Return SQL that gives each role its rights on what the owner has, for the owner to run.

    After each migration, and after a restore, which brings tables without rights.
    """
    return GRANT.format(
        owner=_plain(owner),
        columns=_array(SECRET_COLUMNS),
        tables=_array(SECRET_TABLES),
        audited=_array(AUDITED_TABLES),
        **{kind: role(prefix, kind) for kind in KINDS},
    )


def _array(names: Iterable[str]) -> str:
    return ",".join(_plain(name) for name in names)


def _plain(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no plain name of a role, table or column")
    return name
