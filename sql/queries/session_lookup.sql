-- For sessions that look rows up by key, a few at a time: the lane and the readers. No parameters. One row, of no interest.
-- A prepared statement keeps its plan. One made while the tables were small reads them whole, and would go on doing so as they grow; with
-- these settings every plan is the one for large tables from the start. Loading everything is done by sessions without them.
SELECT set_config('enable_seqscan', 'off', false),
       set_config('enable_hashjoin', 'off', false),
       set_config('enable_mergejoin', 'off', false),
       set_config('plan_cache_mode', 'force_generic_plan', false);
