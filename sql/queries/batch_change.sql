-- Closes the batch: what it touched. $1 no, $2 at, $3 records[], $4 persons[], $5 tasks[], $6 records whose negative links changed[], $7 domains, $8 the writer's mark, $9 model.
insert into change (no, at, records, persons, tasks, negatives, domains, writer, model)
values ($1::bigint, $2::timestamptz, $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::boolean, $8::bigint, $9::boolean)
