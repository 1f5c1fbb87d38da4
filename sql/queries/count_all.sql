-- What there is, for the report. Columns: records, persons, links by score, declared, decided, open tasks, dead letters.
select (select count(*) from record where merged_into = 0), (select count(*) from (select distinct person_id from record) as p),
       (select count(*) from record where link_kind = 1), (select count(*) from record where link_kind = 2),
       (select count(*) from record where link_kind = 3), (select count(*) from task where state <> 3),
       (select count(*) from message where dead)
