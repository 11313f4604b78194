-- Mail (module mail): what is to be sent, was sent, or could not be.

create table mails (
    id uuid primary key,
    kind text not null check (kind in ('invitation', 'password_reset', 'password_changed', 'second_factor_changed', 'notice')),
    state text not null check (state in ('waiting', 'sent', 'failed', 'held')),
    -- Whom it is for, where that is an account; personal data leaves with the row, after some weeks.
    account_id uuid references accounts,
    name text not null,
    email text not null,
    -- Subject and parts; a link that is secret is not among them.
    letter jsonb not null,
    -- The link that lets its bearer in. It goes once the mail is sent, and when it is worth nothing any more.
    secret_link text,
    secret_until timestamptz,
    created_at timestamptz not null,
    tries integer not null default 0,
    -- Since when it is in its state.
    since timestamptz not null,
    -- Why the last try failed, or why it is held.
    problem text,
    check ((secret_link is null) or (secret_until is not null)),
    check (state <> 'sent' or secret_link is null)
);
-- The list by state, newest first: ids go by time.
create index on mails (state, id);
create index on mails (account_id) where secret_link is not null;
create index on mails (secret_until) where secret_link is not null;
