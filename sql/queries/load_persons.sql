-- Every person. Columns: id, state, joined_to, version.
select id, state, joined_to, version from person
