"""SQL of the triggers that keep the trail's rows, for migrations.

They hold for every role of the database, its owner included: a statement passes only in a
transaction that wrote an ``AuditOpening`` for the table, which is itself a row of the trail.
``TRUNCATE`` never passes. Who may drop triggers can still do so; the chain tells.
"""

FUNCTIONS = r"""
CREATE FUNCTION palier_audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP IN ('UPDATE', 'DELETE') AND EXISTS (
        SELECT FROM public.portal_auditopening
        WHERE xid = pg_current_xact_id()::text::bigint
            AND at >= transaction_timestamp()  -- numbers begin again in a restored cluster
            AND jsonb_exists(tables, TG_TABLE_NAME)
    ) THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION 'The audit trail is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation',
            HINT = 'Erasures go through portal.audit.erasure, see docs/operations.md.';
END
$$;
CREATE FUNCTION palier_audit_never() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit trail is append-only: % on % is always refused',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE FUNCTION palier_audit_unsealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM public.portal_auditseal WHERE source = TG_ARGV[0] AND row = OLD.id) THEN
        RAISE EXCEPTION 'The audit trail is append-only: % % is sealed', TG_TABLE_NAME, OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE FUNCTION palier_audit_opened() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.xid := pg_current_xact_id()::text::bigint;
    NEW.at := clock_timestamp();
    NEW.database_user := session_user;
    RETURN NEW;
END
$$;
"""
DROP_FUNCTIONS = """
DROP FUNCTION palier_audit_guard();
DROP FUNCTION palier_audit_never();
DROP FUNCTION palier_audit_unsealed();
DROP FUNCTION palier_audit_opened();
"""
OPENED = """
CREATE TRIGGER audit_opened BEFORE INSERT ON portal_auditopening
    FOR EACH ROW EXECUTE FUNCTION palier_audit_opened();
"""


def guard(table: str, *, opens: bool = True, update_when: str = "") -> str:
    """Return the SQL that lets rows of ``table`` only be added.

    ``opens`` False: not even an opening lets anything pass. ``update_when``: the condition under
    which an UPDATE is refused; without one, each is.
    """
    function = "palier_audit_guard" if opens else "palier_audit_never"
    when = f"WHEN ({update_when})" if update_when else ""
    return f"""
CREATE TRIGGER audit_no_update BEFORE UPDATE ON {table}
    FOR EACH ROW {when} EXECUTE FUNCTION {function}();
CREATE TRIGGER audit_no_delete BEFORE DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {function}();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION palier_audit_never();
"""


def unguard(table: str) -> str:
    """Return the SQL that takes the triggers of ``guard`` away."""
    return "\n".join(
        f"DROP TRIGGER audit_no_{what} ON {table};" for what in ("update", "delete", "truncate")
    )
