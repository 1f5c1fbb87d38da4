-- To whom a task was given, in its history: the task itself knows the last one only.
alter table task_event add column assignee text not null default '';
