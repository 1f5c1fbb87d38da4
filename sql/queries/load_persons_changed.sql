-- Some persons. $1 person[].
select id, state, joined_to, version from person where id = any ($1::bigint[])
