-- Records with a visit of this number. $1 number, $2 most. Columns: record, authority of the account, of the number.
-- Index: visit_number.
select record_id, account_authority, number_authority from visit where number = $1::text and number <> '' and not cancelled limit $2::integer
