-- Signing in: the key for secrets, second factors, sessions that can be told apart, and sign-in through a provider.

-- The fingerprint of the key that secrets of this data base are sealed under (module keys). A process with another key would
-- seal what the others cannot read.
create table secret_keys (
    only_one boolean primary key default true check (only_one),
    fingerprint bytea not null,
    created_at timestamptz not null
);

-- One-time codes by time (module accounts). The secret is sealed, bound to the account.
create table second_factors (
    account_id uuid primary key references accounts,
    secret bytea not null,
    created_at timestamptz not null,
    -- Null while it is being set up: until then it is asked of nobody.
    confirmed_at timestamptz,
    -- The last time step whose code was accepted: none is accepted twice.
    last_step bigint not null default 0,
    -- New recovery codes, sealed, until they are shown: once.
    codes_to_show bytea
);

-- What stands in for a code when the device is lost: hashes of random codes, each good for one sign-in.
create table recovery_codes (
    account_id uuid not null references accounts,
    code_hash bytea not null,
    created_at timestamptz not null,
    used_at timestamptz,
    primary key (account_id, code_hash)
);

-- From which networks an account signed in lately: who guesses from everywhere must not keep its person out of these.
create table known_networks (
    account_id uuid not null references accounts,
    -- A hash, for it is an address.
    network bytea not null,
    last_at timestamptz not null,
    primary key (account_id, network)
);

-- What is set for a role; one without a row has none of it.
create table role_settings (
    role text primary key check (role in ('admin', 'editor', 'reviewer', 'campaign_manager', 'analyst', 'support')),
    demands_second_factor boolean not null default false
);

-- Sessions as a person tells them apart. `public_id` names one in addresses and forms; it opens nothing.
alter table staff_sessions
    add column public_id uuid not null default gen_random_uuid() unique,
    add column seen_at timestamptz not null default now(),
    add column address text,
    add column agent text;
update staff_sessions set seen_at = created_at;

-- Who an account is at a provider of sign-in (OpenID Connect).
create table provider_identities (
    issuer text not null,
    subject text not null,
    account_id uuid not null references accounts,
    created_at timestamptz not null,
    primary key (issuer, subject)
);
create index on provider_identities (account_id);

-- Sign-ins that were sent to the provider and have not come back: the hash of the state that it gives back, and what its
-- answer is checked against, sealed. A row is taken once.
create table provider_sign_ins (
    state_hash bytea primary key,
    sealed bytea not null,
    created_at timestamptz not null,
    expires_at timestamptz not null
);
create index on provider_sign_ins (expires_at);
