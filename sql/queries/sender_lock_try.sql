-- Tries to become the one that tells peers. No parameters. One row: held boolean. The numbers: see writer_lock_try.sql; 3 is the sender.
select pg_try_advisory_lock(1936683881, 3) as held
