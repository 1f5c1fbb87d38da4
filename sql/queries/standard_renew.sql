-- Puts forms made anew in the place of old ones. $1 record[], $2 version[], $3 standard[]. Index: version_pkey.
update version v set standard = n.standard
from unnest($1::bigint[], $2::integer[], $3::bytea[]) n (record_id, version, standard)
where v.record_id = n.record_id and v.version = n.version
