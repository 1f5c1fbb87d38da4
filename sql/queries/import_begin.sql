-- A run begins. $1 id, $2 files, $3 bytes, $4 who, $5 at, $6 its tasks are held.
insert into import_run (id, files, bytes, author, begun_at, released_at, released_by)
values ($1::bigint, $2::text, $3::bigint, $4::text, $5::timestamptz, case when not $6::boolean then $5::timestamptz end,
        case when not $6::boolean then $4::text else '' end)
