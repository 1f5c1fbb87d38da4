-- Forgets changes that every follower has long read, but for the last.
delete from change where at < now() - interval '1 day' and no < (select max(no) from change)
