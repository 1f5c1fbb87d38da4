-- Did a person take back a decision that had put one of these records on a person where one of those stood still when it left, or the other way
-- round, and does that stand? $1 record[], $2 other[]. One row: yes. A decision that only followed from another ('{}': its act has the undo) went
-- back with that one, and nobody spoke of its records. In one change a later row has a higher decision. Index: link_record, decision_pkey.
with pairs (record, other) as (
    select a, b from unnest($1::bigint[]) as a cross join unnest($2::bigint[]) as b
    union all
    select b, a from unnest($1::bigint[]) as a cross join unnest($2::bigint[]) as b
), parted (record, person, change_no) as (
    select gone.record_id, stood.person_id, gone.change_no
    from unnest($1::bigint[] || $2::bigint[]) as n (record)
    join link put on put.record_id = n.record
    join decision d on d.id = put.decision_id and d.undone_by <> 0 and d.undo <> '{}'
                       and d.kind in ('auto-link', 'relink-link', 'declared-link', 'link')
    join link gone on gone.record_id = put.record_id and gone.decision_id = d.undone_by
    cross join lateral (select l.person_id from link l where l.record_id = gone.record_id and l.change_no < gone.change_no
                        order by l.change_no desc, l.decision_id desc limit 1) as stood
    where not decision_stands(d.id)
)
select exists (
    select from parted p join pairs on pairs.record = p.record
    cross join lateral (select l.person_id from link l where l.record_id = pairs.other and l.change_no <= p.change_no
                        order by l.change_no desc, l.decision_id desc limit 1) as beside
    where beside.person_id = p.person)
