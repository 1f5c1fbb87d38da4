-- Tries to become the one writer. No parameters. One row: held boolean.
-- A standby would grant the lock too, for itself alone, hence the question before. The first number of the lock is "sosi" in
-- ASCII; the second is 1 for the writer, 2 for a migration (schema_lock.sql).
SELECT CASE
           WHEN pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean THEN false
           ELSE pg_try_advisory_lock(1936683881, 1)
       END AS held;
