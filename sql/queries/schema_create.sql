-- The table of the migrations that this database has had. No parameters, no rows. Under schema_lock.sql only.
CREATE TABLE schema_migration (
    version integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL, -- SHA-256 of the file, lower case hexadecimal
    applied_at timestamptz NOT NULL DEFAULT now()
);
