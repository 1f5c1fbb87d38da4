-- Open tasks of imports about refused messages of one cause (identity/plan_task.c writes the cause) none of which is a dead letter any more.
-- Columns: task.
select t.id
from (select id, split_part(cause, ' ', 2)::bigint as run, split_part(cause, ' ', 6) as place from task
      where kind = 14 and state <> 3 and cause like 'import % dead-letter %') as t
where not exists (select from import_line l join message m on m.id = l.message_id
                  where l.import_id = t.run and l.error_where = t.place and l.result <> 0 and m.dead)
