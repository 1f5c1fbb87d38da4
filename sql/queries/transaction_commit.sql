-- Ends a transaction for good. No parameters, no rows; the command tag is ROLLBACK when the transaction had failed.
COMMIT;
