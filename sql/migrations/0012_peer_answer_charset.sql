-- In which character set a peer is answered; empty: that of its message.
alter table peer add column answer_charset text not null default '';
