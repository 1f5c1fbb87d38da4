-- Every person. Columns: id, left_by, version.
select id, left_by, version from person
