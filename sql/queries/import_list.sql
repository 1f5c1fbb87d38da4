-- Runs, the newest first. $1 id (0 all), $2 most. Columns: id, files, bytes, author, begun, ended, released, released by, findings,
-- messages, AA, AE, AR, copies, records made, tasks held (counted only where they are held), mark of the last message.
select r.id, r.files, r.bytes, r.author, r.begun_at, r.ended_at, r.released_at, r.released_by, r.findings, l.messages, l.accepted, l.errors,
       l.rejected, l.repeated, l.created,
       case when r.released_at is null then (select count(*) from task t where t.import_id = r.id and t.state <> 3) else 0 end,
       coalesce((select p.mark from import_line p where p.import_id = r.id order by p.number desc limit 1), 0)
from (select * from import_run where $1::bigint = 0 or id = $1::bigint order by id desc limit $2::integer) as r,
     lateral (select count(*) as messages, count(*) filter (where result = 0) as accepted, count(*) filter (where result = 1) as errors,
                     count(*) filter (where result = 2) as rejected, count(*) filter (where repeated) as repeated,
                     count(*) filter (where created) as created
              from import_line where import_id = r.id) as l
order by r.id desc
