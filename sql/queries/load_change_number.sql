-- The last change; none, before the first. Columns: number, writer.
select no, writer from change order by no desc limit 1
