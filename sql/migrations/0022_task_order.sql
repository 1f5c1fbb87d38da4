-- The order of a list: priority, of one priority the likelier first, then as they came. Read backwards, so that a page begins behind a row by one comparison.
create index task_order on task (priority, posterior, (-id)) where state <> 3;
create index task_kind_order on task (kind, priority, posterior, (-id)) where state <> 3;
drop index task_queue;
