-- An undo gives tasks their state back, too. task.decision_id is the decision that closed it last: an outcome of its own, or an act that answered it.
create index task_decision on task (decision_id) where decision_id <> 0;
create index decision_undone_by on decision (undone_by) where undone_by <> 0;
-- One that was taken back stands again when that is taken back in turn, and so on.
create function decision_stands(number bigint) returns boolean language sql stable as $$
    with recursive chain (undone_by) as (
        select undone_by from decision where id = number
        union all
        select d.undone_by from chain c join decision d on d.id = c.undone_by
    )
    select count(*) % 2 = 1 from chain
$$;
