-- These wait behind a dead letter. $1 ids.
update notification set state = 3 where id = any($1::bigint[]) and state = 0
