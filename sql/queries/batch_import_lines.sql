-- Messages of an import, column by column.
insert into import_line (import_id, number, file, line, mark, control_id, event, message_id, result, error_code, error_where, error_text,
                         repeated, created, task_kinds)
select * from unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::bigint[],
                     $9::smallint[], $10::smallint[], $11::text[], $12::text[], $13::boolean[], $14::boolean[], $15::integer[])
