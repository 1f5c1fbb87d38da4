-- Did a person close a question about one of these records and one of those as seen, nothing to do, and are both still what they were then to
-- matching (form, status, attributes)? What changed since is news, as it is for a feed. $1 record[], $2 other[]. One row: yes. Index:
-- task_record_a, task_event_task, version_pkey.
select exists (
    select from task t join task_event e on e.task_id = t.id and e.act = 'dismiss'
    where ((t.record_a = any ($1::bigint[]) and t.record_b = any ($2::bigint[]))
           or (t.record_a = any ($2::bigint[]) and t.record_b = any ($1::bigint[])))
      and t.state = 3 and t.kind in (0, 1, 3) /* possible-match, duplicate, ins-conflict */
      and not exists (select from task_event later where later.task_id = t.id and later.at > e.at and later.act <> 'comment')
      and not exists (
          select from record r join version now on now.record_id = r.id and now.version = r.version
          where r.id in (t.record_a, t.record_b) and now.at > e.at
            and (now.standard, now.status, now.attributes) is distinct from
                (select (v.standard, v.status, v.attributes) from version v where v.record_id = r.id and v.kind = 0 and v.at <= e.at
                 order by v.version desc limit 1)))
