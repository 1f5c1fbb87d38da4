-- Notes that go into the chain with the same COMMIT. $1 id[]. Index: audit_inbox_pkey.
delete from audit_inbox where id = any ($1::bigint[])
