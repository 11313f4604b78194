-- Forms that added a record, so that the same form posted again answers that record (module posted_forms). The digest is of who
-- posted, the form's key and what was typed; `record` is null only inside the transaction that adds it.
create table posted_forms (
    digest bytea primary key,
    record uuid,
    created_at timestamptz not null
);
create index on posted_forms (created_at);
