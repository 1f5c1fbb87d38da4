-- A follower hands its notes to the writer. $1 at[], $2 actor[], $3 action[], $4 record[], $5 person[], $6 message[],
-- $7 detail[].
insert into audit_inbox (at, actor, action, record_id, person_id, message_id, detail)
select * from unnest($1::timestamptz[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[])
