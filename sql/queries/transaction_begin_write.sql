-- Opens a transaction that may write, whatever the defaults of role and database. No parameters, no rows.
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
