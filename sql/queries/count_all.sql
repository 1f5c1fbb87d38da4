-- What there is, for the report. Columns: records, persons, links by score, declared, decided, open tasks, dead letters, tasks that an
-- import holds back (not among the open ones).
select (select count(*) from record where merged_into = 0), (select count(*) from (select distinct person_id from record) as p),
       (select count(*) from record where link_kind = 1), (select count(*) from record where link_kind = 2),
       (select count(*) from record where link_kind = 3), (select count(*) from task t where state <> 3
             and (t.import_id = 0 or not exists (select from import_run r where r.id = t.import_id and r.released_at is null))),
       (select count(*) from message where dead),
       (select count(*) from task t join import_run r on r.id = t.import_id and r.released_at is null
        where t.import_id <> 0 and t.state <> 3)
