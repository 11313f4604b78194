-- What is asked often must not cost more as the tables grow to millions of rows.

-- The audit log of one action of one account, newest first.
create index on audit_log (actor, action, at desc, id desc);

-- One or two letters of a script written without spaces, in headlines as in merchants' names.
create index offers_short_parts on offers using gin (short_parts(plain(headline)));
