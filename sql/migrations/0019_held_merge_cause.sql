-- Each direction of a held merge is a cause of its own (identity/merge.c): those of before, of either direction one cause, get theirs, so that a
-- message of today finds them. record_a is who stays.
update task set cause = 'merge-held ' || record_b || ' into ' || record_a where kind = 13 and rule like 'merge-held%';
