-- Did a person take back that the engine parted one of these records from others? $1 record[]. One row: yes. One that only followed from another
-- ('{}': its act has the undo) went back with that one, and nobody spoke of its records. Index: decision_record_a.
select exists (select from decision where undone_by <> 0 and undo <> '{}' and kind in ('auto-unlink', 'relink-unlink')
               and record_a = any ($1::bigint[]) and not decision_stands(id))
