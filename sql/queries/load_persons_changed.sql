-- Some persons. $1 person[].
select id, left_by, version from person where id = any ($1::bigint[])
