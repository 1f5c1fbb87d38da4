-- Records with a visit of this account. Cancelled ones count. $1 account, $2 most. Columns: record, authority of the account, of the number.
-- Index: visit_account.
select record_id, account_authority, number_authority from visit where account = $1::text and account <> '' limit $2::integer
