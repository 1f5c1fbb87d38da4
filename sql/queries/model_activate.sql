-- This model decides from now on. $1 hash.
update model set active = true where hash = $1::text
