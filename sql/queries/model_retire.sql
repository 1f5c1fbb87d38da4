-- Whatever model decided decides no more, unless it is this one. $1 hash. Index: model_active.
update model set active = false where active and hash <> $1::text
