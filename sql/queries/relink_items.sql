-- Acts of the preview that this session kept last. $1 no[], $2 act[], $3 record a[], $4 record b[], $5 task kind[], $6 rule[], $7 weight
-- before[], $8 after[], $9 posterior before[], $10 after[], $11 zone before[], $12 after[].
insert into relink_item (run_id, no, act, record_a, record_b, task_kind, rule, weight_before, weight_after, posterior_before, posterior_after,
                         zone_before, zone_after)
select currval(pg_get_serial_sequence('relink_run', 'id')), * from unnest($1::integer[], $2::smallint[], $3::bigint[], $4::bigint[],
       $5::smallint[], $6::text[], $7::double precision[], $8::double precision[], $9::double precision[], $10::double precision[],
       $11::smallint[], $12::smallint[])
