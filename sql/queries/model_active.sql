-- The model that decides. Columns: body.
select body from model where active
