-- What the baseline reads back: one query for each statement of the lane's batch, its columns being that statement's parameters as arrays.
-- $1 < change.no <= $2 is the range of the batch, $3 and $4 the times of its first and last change, $5 the last record before the measure.
-- prepare: run once, before the others.
create temp table seen as
select id, min(no) as first from (select unnest(records) as id, no from change where no > $1::bigint) as touched group by id;
create temp table touched as select distinct no, unnest(records) as id from change where no > $1::bigint;
create temp table touched_persons as select distinct no, unnest(persons) as id from change where no > $1::bigint;
create index on seen (first);
create index on touched (no);
create index on touched_persons (no);
analyze seen; analyze touched; analyze touched_persons;
-- batch_persons
select array_agg(id), array_agg(regional_id), array_agg(left_by::text), array_agg(version)
from person p where id in (select id from touched_persons where no > $1::bigint and no <= $2::bigint
                           union select r.person_id from touched t join record r on r.id = t.id where t.no > $1::bigint and t.no <= $2::bigint)
  and $3::timestamptz is not null and $4::timestamptz is not null and $5::bigint is not null;
-- batch_records_new
select array_agg(r.id), array_agg(domain_id), array_agg(local_id), array_agg(person_id), array_agg(merged_into), array_agg(version), array_agg(quarantined),
       array_agg(last_version), array_agg(status), array_agg(claim), array_agg(proof), array_agg(attributes), array_agg(ins), array_agg(ins_oid),
       array_agg(flags), array_agg(link_kind), array_agg(updated_at), array_agg(created_by), array_agg(changed_by),
       array_agg(tied_to)
from record r join seen s on s.id = r.id
where r.id > $5::bigint and s.first > $1::bigint and s.first <= $2::bigint and $3::timestamptz is not null and $4::timestamptz is not null;
-- batch_records_changed
select array_agg(r.id), array_agg(domain_id), array_agg(local_id), array_agg(person_id), array_agg(merged_into), array_agg(version), array_agg(quarantined),
       array_agg(last_version), array_agg(status), array_agg(claim), array_agg(proof), array_agg(attributes), array_agg(ins), array_agg(ins_oid),
       array_agg(flags), array_agg(link_kind), array_agg(updated_at), array_agg(created_by), array_agg(changed_by),
       array_agg(tied_to)
from record r join (select distinct id from touched where no > $1::bigint and no <= $2::bigint) as t on t.id = r.id join seen s on s.id = r.id
where not (r.id > $5::bigint and s.first > $1::bigint and s.first <= $2::bigint) and $3::timestamptz is not null and $4::timestamptz is not null;
-- batch_versions
select array_agg(record_id), array_agg(version), array_agg(kind), array_agg(status), array_agg(attributes), array_agg(message_id), array_agg(traits::text),
       array_agg(standard), max(at)
from version where at >= $3::timestamptz and at <= $4::timestamptz and $1::bigint is not null and $2::bigint is not null and $5::bigint is not null;
-- batch_links
select array_agg(record_id), array_agg(person_id), array_agg(kind), array_agg(decision_id), max(change_no), max(at)
from link where change_no > $1::bigint and change_no <= $2::bigint and $3::timestamptz is not null and $4::timestamptz is not null and $5::bigint is not null;
-- batch_decisions
select array_agg(id), array_agg(kind), array_agg(record_a), array_agg(record_b), array_agg(task_id), array_agg(message_id), array_agg(author),
       array_agg(second_author), array_agg(reason), array_agg(rule), array_agg(weight_bits), array_agg(posterior), array_agg(reasons), array_agg(undo),
       array_agg(undone_by), max(at), max(model_hash)
from decision where at >= $3::timestamptz and at <= $4::timestamptz and $1::bigint is not null and $2::bigint is not null and $5::bigint is not null;
-- batch_tasks
select array_agg(id), array_agg(kind), array_agg(state), array_agg(domain_id), array_agg(other_domain), array_agg(cause), array_agg(priority),
       array_agg(count), array_agg(record_a), array_agg(version_a), array_agg(record_b), array_agg(version_b), array_agg(message_id), array_agg(assignee),
       array_agg(rule), array_agg(weight_bits), array_agg(posterior), array_agg(evidence), array_agg(due_at), max(opened_at), array_agg(outcome),
       array_agg(decision_id), array_agg(import_id), array_agg(blocked), array_agg(blocker)
from task where opened_at >= $3::timestamptz and opened_at <= $4::timestamptz and $1::bigint is not null and $2::bigint is not null and $5::bigint is not null;
-- batch_events
select array_agg(task_id), array_agg(author), array_agg(second_author), array_agg(act), array_agg(text), array_agg(decision_id), array_agg(assignee), max(at)
from task_event where at >= $3::timestamptz and at <= $4::timestamptz and $1::bigint is not null and $2::bigint is not null and $5::bigint is not null;
-- batch_messages
select array_agg(id), array_agg(application), array_agg(facility), array_agg(control_id), array_agg(event), array_agg(digest), array_agg(result),
       array_agg(error_code), array_agg(error_where), array_agg(error_text), array_agg(warnings), array_agg(record_id), array_agg(replay_of),
       array_agg(dead), array_agg(waits_domain), array_agg(waits_for), array_agg(raw), max(received_at), array_agg(certificate), array_agg(loopback)
from message where received_at >= $3::timestamptz and received_at <= $4::timestamptz and $1::bigint is not null and $2::bigint is not null and $5::bigint is not null;
-- batch_audits
select array_agg(id), array_agg(at), array_agg(actor), array_agg(action), array_agg(record_id), array_agg(person_id), array_agg(message_id),
       array_agg(detail), array_agg(hash)
from audit where at >= $3::timestamptz and at <= $4::timestamptz and $1::bigint is not null and $2::bigint is not null and $5::bigint is not null;
-- batch_change
select max(no), max(at), '{}'::bigint[], '{}'::bigint[], '{}'::bigint[], '{}'::bigint[], false, max(writer), false
from change where no > $1::bigint and no <= $2::bigint and $3::timestamptz is not null and $4::timestamptz is not null and $5::bigint is not null;
