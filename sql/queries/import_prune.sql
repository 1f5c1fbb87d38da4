-- Forgets the lines of imports that ended longer ago than the message log is kept. $1 months.
delete from import_line l using import_run r where r.id = l.import_id and r.ended_at < now() - make_interval(months => $1::integer)
