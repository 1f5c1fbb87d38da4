-- Decisions to take back. $1 decision[]. Columns: id, undo, undone_by, record_a, record_b.
select id, undo, undone_by, record_a, record_b from decision where id = any ($1::bigint[])
