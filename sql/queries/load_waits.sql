-- Dead merges that wait for an identifier. Columns: message, domain, value. Index: message_dead.
select id, waits_domain, waits_for from message where dead and waits_domain <> 0
