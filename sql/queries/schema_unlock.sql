-- Lets the next session migrate. No parameters. One row, of no interest.
SELECT pg_advisory_unlock(1936683881, 2);
