-- Staff (module accounts). Personal data stands in `account_profiles` alone.

create table accounts (
    id uuid primary key,
    version bigint not null default 1,
    password_hash text,
    created_at timestamptz not null,
    disabled_at timestamptz,
    last_sign_in_at timestamptz
);

create table account_profiles (
    account_id uuid primary key references accounts,
    name text not null,
    -- In lower case; compared as it stands.
    email text not null unique
);
-- The list of accounts pages by name.
create index on account_profiles (name, account_id);

-- A client of the operator; offers may be exclusive to one (module clients, once there is one).
create table clients (
    id uuid primary key,
    name text not null unique,
    created_at timestamptz not null
);

create table account_roles (
    account_id uuid not null references accounts,
    role text not null check (role in ('admin', 'editor', 'reviewer', 'campaign_manager', 'analyst', 'support')),
    -- Null: for all clients.
    client_id uuid references clients,
    unique nulls not distinct (account_id, role, client_id)
);

-- Links by which a person sets a password: only the token's hash is kept.
create table password_links (
    token_hash bytea primary key,
    account_id uuid not null references accounts,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index on password_links (account_id);

create table staff_sessions (
    -- SHA-256 of the session id, so that a copy of the table opens no session.
    id bytea primary key,
    owner uuid,
    data jsonb not null,
    created_at timestamptz not null,
    expires_at timestamptz not null
);
create index on staff_sessions (owner);
create index on staff_sessions (expires_at);

-- Tries that count against a limit (module limits): one row a key, which is a hash, for it may be made of an e-mail address.
-- A window begins with its first try.
create table attempts (
    key bytea primary key,
    window_start timestamptz not null,
    count integer not null
);
create index on attempts (window_start);

-- Forms refused without scripts, kept for one read (module kept_forms); never passwords.
create table kept_forms (
    id uuid primary key,
    owner uuid not null references accounts,
    form jsonb not null,
    error jsonb not null,
    created_at timestamptz not null
);
create index on kept_forms (created_at);
