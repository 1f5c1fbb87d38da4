-- How many tasks a list has in all. $1 kind (-1 all), $2 domain (0 all), $3 open only, $4 assignee ('' all), $5 states (bits 1 << state, 0 all),
-- $6 import, as task_list.sql. Columns: count. Index: task_order, task_kind_order.
select count(*) from task t
where ($1::integer < 0 or t.kind = $1::integer) and ($2::integer = 0 or t.domain_id = $2::integer or t.other_domain = $2::integer)
  and (not $3::boolean or t.state <> 3) and ($5::integer = 0 or $5::integer >> t.state & 1 = 1) and ($4::text = '' or t.assignee = $4::text)
  and case when $6::bigint <> 0 then t.import_id = $6::bigint
           else (t.import_id = 0 or not exists (select from import_run r where r.id = t.import_id and r.released_at is null)) end
