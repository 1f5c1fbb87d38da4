-- Limits every later statement of the session. $1 text: milliseconds, '0' for none. One row, of no interest.
SELECT set_config('statement_timeout', $1::text, false);
