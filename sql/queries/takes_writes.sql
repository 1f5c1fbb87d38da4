-- May anything be written here? No on a standby. No parameters. One row: takes_writes boolean.
select not (pg_is_in_recovery() or current_setting('default_transaction_read_only')::boolean) as takes_writes
