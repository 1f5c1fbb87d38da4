-- Drops what was dealt with before a time; dead letters stay. $1 before.
delete from notification where state in (1, 4, 5) and at < $1::timestamptz
