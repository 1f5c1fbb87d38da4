-- Waits until no other session migrates this database. No parameters. One row, of no interest. See writer_lock_try.sql.
SELECT pg_advisory_lock(1936683881, 2);
