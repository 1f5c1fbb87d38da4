-- Marks decisions as taken back. $1 decision[], $2 by decision[].
update decision as d set undone_by = n.by
from (select unnest($1::bigint[]), unnest($2::bigint[])) as n (id, by)
where d.id = n.id
