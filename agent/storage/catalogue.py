"""Writes a database's schema down from its catalogue, so that a review sees what migrations add up to.

Not pg_dump: its output changes with its version, and a machine may have none. Month partitions are left out
because they depend on the day; so are names that PostgreSQL chose differently in different releases (NOT NULL
constraints).
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from agent.storage.pool import Connection, connect

SCHEMA = Path(__file__).parent / "schema.sql"

_HEADER = "-- Written by `voicefleet migrate --write-schema`; the migrations are the source.\n"

# Every object belongs to schema public, whose name is left out; each query yields one line of SQL a row.
_OURS = "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'"

_TYPES = """
SELECT format('CREATE TYPE %I AS RANGE (subtype = %s);', t.typname, format_type(r.rngsubtype, NULL))
FROM pg_range r JOIN pg_type t ON t.oid = r.rngtypid
WHERE t.typnamespace = 'public'::regnamespace ORDER BY t.typname"""

_TABLES = f"""
SELECT format(E'CREATE TABLE %I (\\n    %s\\n)%s;', c.relname,
    (SELECT string_agg(line, E',\\n    ' ORDER BY kind, place, line COLLATE "C") FROM (
        SELECT 1 AS kind, a.attnum AS place, format('%I %s%s%s', a.attname,
            format_type(a.atttypid, a.atttypmod),
            CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END,
            coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')) AS line
        FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL
        SELECT 2, 0, format('CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid))
        FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype IN ('p', 'u', 'f', 'c', 'x')
            AND k.conparentid = 0
    ) lines),
    CASE WHEN c.relkind = 'p' THEN ' PARTITION BY ' || pg_get_partkeydef(c.oid) ELSE '' END)
{_OURS} WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY c.relname"""

_INDEXES = """
SELECT pg_get_indexdef(i.indexrelid) || ';'
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relnamespace = 'public'::regnamespace AND NOT c.relispartition
    AND NOT EXISTS (
        SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY i.indexrelid::regclass::text COLLATE "C"
"""

_SECURITY = f"""
SELECT format('ALTER TABLE %I%s%s;', c.relname,
    CASE WHEN c.relrowsecurity THEN ' ENABLE ROW LEVEL SECURITY' END,
    CASE WHEN c.relforcerowsecurity THEN ', FORCE ROW LEVEL SECURITY' END)
{_OURS} WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relrowsecurity ORDER BY c.relname"""

_POLICIES = """
SELECT format('CREATE POLICY %I ON %I FOR %s TO %s USING (%s)%s;', policyname, tablename, cmd,
    array_to_string(roles, ', '), qual, coalesce(' WITH CHECK (' || with_check || ')', ''))
FROM pg_policies WHERE schemaname = 'public' ORDER BY tablename, policyname"""

_FUNCTIONS = """
SELECT rtrim(pg_get_functiondef(p.oid), E' \\n') || ';'
FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                    AND d.deptype IN ('i', 'e'))
ORDER BY p.proname, p.oid::regprocedure::text COLLATE "C"
"""

_GRANTS = """
SELECT format('GRANT %s ON %s TO %I;',
    string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type), o.name, r.rolname)
FROM (
    SELECT c.relacl AS acl, quote_ident(c.relname) AS name FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND NOT c.relispartition
    UNION ALL
    SELECT p.proacl, 'FUNCTION ' || p.oid::regprocedure FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace
) o CROSS JOIN aclexplode(o.acl) a JOIN pg_roles r ON r.oid = a.grantee
WHERE r.rolname LIKE 'voicefleet%' GROUP BY o.name, r.rolname ORDER BY o.name COLLATE "C", r.rolname"""

_OWNED = """
SELECT format('ALTER FUNCTION %s OWNER TO %I;', p.oid::regprocedure, r.rolname)
FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
WHERE p.pronamespace = 'public'::regnamespace AND r.rolname LIKE 'voicefleet%' ORDER BY p.proname"""

_SECTIONS = (_TYPES, _FUNCTIONS, _TABLES, _INDEXES, _SECURITY, _POLICIES, _OWNED, _GRANTS)


async def describe_schema(connection: Connection) -> str:
    """The schema as SQL to read and to compare: equal texts mean equal schemas, on any PostgreSQL from 15."""
    # Without public in it, names in definitions are written out in full or not depending on the user's own
    # setting.
    await connection.execute("SET search_path = public")
    try:
        parts = [_HEADER]
        for section in _SECTIONS:
            rows = await connection.fetch(section)
            parts.append("\n".join(row[0] for row in rows) + "\n")
    finally:
        await connection.execute("RESET search_path")
    return "\n".join(parts)


async def write_schema(url: str, *, path: Path = SCHEMA) -> None:
    """Describe the migrated database at `url` in the committed file. Raises what `connect` raises."""
    connection = await connect(url, role=None, name="voicefleet-schema", timeout_s=10.0)
    try:
        text = await describe_schema(connection)
    finally:
        await connection.close(timeout=1.0)
    await asyncio.to_thread(path.write_text, text, encoding="utf-8")
