-- Did a person close a question about one of these records and one of those as seen, nothing to do, and are both still what they were then to
-- matching (form, status, attributes)? What changed since is news, as it is for a feed. $1 record[], $2 other[]. One row: yes. Index:
-- task_record_a, task_event_task, version_pkey.
with asked as materialized ( /* most often nothing: possible-match, duplicate, ins-conflict */
    select id, record_a, record_b from task
    where record_a = any ($1::bigint[] || $2::bigint[]) and state = 3 and kind in (0, 1, 3)
      and record_b = any (case when record_a = any ($1::bigint[]) then $2::bigint[] else $1::bigint[] end)
), dismissed as materialized (
    select t.record_a, t.record_b, e.at
    from asked t cross join lateral (select at, act from task_event where task_id = t.id and act <> 'comment' order by at desc limit 1) e
    where e.act = 'dismiss'
)
select exists (
    select from dismissed d
    where not exists (
        select from record r join version now on now.record_id = r.id and now.version = r.version
        where r.id in (d.record_a, d.record_b) and now.at > d.at
          and (now.standard, now.status, now.attributes) is distinct from
              (select (v.standard, v.status, v.attributes) from version v where v.record_id = r.id and v.kind = 0 and v.at <= d.at
               order by v.version desc limit 1)))
