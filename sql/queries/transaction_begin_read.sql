-- Opens a transaction whose statements all see one snapshot. No parameters, no rows.
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
