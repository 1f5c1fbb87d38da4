-- What the cell decided on pairs of records, and merges, as they stand, oldest first. Columns: record a, record b, one person.
select l.record_a, l.record_b, l.same
from (
    select record_a, record_b, true as same, id as decision
    from decision
    where kind in ('link', 'merge', 'apply-merge') and undone_by = 0 and record_a <> 0 and record_b <> 0
    union all
    select record_a, record_b, false, decision_id
    from negative_link
    where active and not said
) l
order by l.decision, l.record_a, l.record_b, l.same
