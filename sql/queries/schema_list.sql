-- The migrations that this database has had, oldest first. No parameters. Rows: version integer, name text, checksum text.
SELECT version, name, checksum
FROM schema_migration
ORDER BY version;
