-- Notes a migration. $1 version integer, $2 name text, $3 checksum text. No rows.
INSERT INTO schema_migration (version, name, checksum)
VALUES ($1::integer, $2::text, $3::text);
