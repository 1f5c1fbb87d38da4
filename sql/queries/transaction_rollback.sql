-- Ends a transaction and undoes it. No parameters, no rows.
ROLLBACK;
