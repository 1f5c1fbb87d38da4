-- Records with a visit of this unit. $1 unit, $2 most. Columns: record, authority of the account, of the number.
-- Index: visit_unit.
select record_id, account_authority, number_authority from visit where unit = $1::text and unit <> '' and not cancelled limit $2::integer
