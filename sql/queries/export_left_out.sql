-- Records of a domain that an export leaves out. $1 domain, $2 attributes that are left out. Columns: all, left out.
with recursive told as (
    select id from record where domain_id = $1::integer and merged_into = 0 and attributes & $2::integer = 0
    union all
    select r.id from record r join told t on r.merged_into = t.id where r.domain_id = $1::integer and r.attributes & $2::integer = 0
)
select count(*), count(*) - (select count(*) from told) from record where domain_id = $1::integer
