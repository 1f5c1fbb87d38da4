-- Was a decision of these kinds about these records taken back by a person? $1 kinds[], $2 records a[], $3 record b (0: whichever). One row:
-- yes. One that only followed from another ('{}': its act has the undo) went back with that one, and nobody spoke of its records. Index:
-- decision_record_a, decision_record_b.
select exists (select from decision where undone_by <> 0 and undo <> '{}' and kind = any ($1::text[]) and record_a = any ($2::bigint[])
               and ($3::bigint = 0 or record_b = $3::bigint))
    or ($3::bigint <> 0 and exists (select from decision where undone_by <> 0 and undo <> '{}' and kind = any ($1::text[]) and record_a = $3::bigint
                                    and record_b = any ($2::bigint[])))
