-- Takes dead letters off the list. $1 message[]. Index: message_dead.
update message set dead = false where id = any ($1::bigint[]) and dead
