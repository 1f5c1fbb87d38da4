-- Sets a new session up, in one statement. No parameters. One row, of no interest.
-- synchronous_commit: a role or database that turns it off would make every acknowledgement a lie; weaker forms that still
-- write the WAL to disk (local, remote_write) are the operator's choice and stay.
-- client_connection_check_interval: what a session that was given up is still doing ends soon, and its locks with it.
-- cursor_tuple_fraction: our cursors are read to their end.
-- statement_timeout: pipeline.c tells the server its limits and must know where they start from. idle_session_timeout: the
-- writer's lock lives as long as its session.
SELECT set_config('TimeZone', 'UTC', false),
       set_config('jit', 'off', false),
       set_config('cursor_tuple_fraction', '1', false),
       set_config('statement_timeout', '0', false),
       set_config('idle_session_timeout', '0', false),
       set_config('client_connection_check_interval', '2s', false),
       set_config('synchronous_commit',
                  CASE current_setting('synchronous_commit')
                      WHEN 'off' THEN 'on'
                      ELSE current_setting('synchronous_commit')
                  END,
                  false);
