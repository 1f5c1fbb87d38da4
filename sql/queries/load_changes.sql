-- A change, and those after it. $1 change. Columns: no, records, persons, tasks, negatives, domains, model, writer.
select no, records, persons, tasks, negatives, domains, model, writer from change where no >= $1::bigint order by no limit 512
