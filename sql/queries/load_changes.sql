-- Changes after one. $1 change. Columns: no, records, persons, tasks, negatives, domains, model.
select no, records, persons, tasks, negatives, domains, model from change where no > $1::bigint order by no limit 512
