-- Was this database ever migrated? No parameters. One row: found boolean.
SELECT to_regclass('schema_migration') IS NOT NULL AS found;
