-- What a run decided, by kind. $1 id. Columns: kind, count.
select d.kind, count(*) from decision d
where d.message_id between (select min(message_id) from import_line where import_id = $1::bigint and not repeated)
                       and (select max(message_id) from import_line where import_id = $1::bigint and not repeated)
  and exists (select from import_line l where l.import_id = $1::bigint and l.message_id = d.message_id and not l.repeated)
group by d.kind order by d.kind
