-- Postal codes (module places): where a code lies, for "near" and for addresses without a point.
create table postal_codes (
    country char(2) not null,
    code text not null,
    city text not null,
    region text not null,
    latitude double precision not null,
    longitude double precision not null,
    time_zone text not null,
    primary key (country, code)
);

-- The tree of categories (module categories).
create table categories (
    id uuid primary key,
    parent_id uuid references categories,
    slug text not null unique,
    name text not null,
    icon text not null,
    position integer not null
);
create index on categories (parent_id);

-- Brands, merchants, locations (module merchants).
create table brands (
    id uuid primary key,
    name text not null,
    created_at timestamptz not null,
    merged_into uuid references brands
);
create unique index brands_name on brands (plain(name)) where merged_into is null;

create table merchants (
    id uuid primary key,
    short_id text not null unique,
    version bigint not null default 1,
    brand_id uuid references brands,
    name text not null,
    website text,
    status text not null check (status in ('prospect', 'active', 'suspended', 'closed')),
    account_owner uuid references accounts,
    merged_into uuid references merchants,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    archived_at timestamptz
);
create index merchants_by_name on merchants (plain(name), id) where archived_at is null;
create index merchants_by_update on merchants (updated_at desc, id desc) where archived_at is null;
create index merchants_by_status_and_name on merchants (status, plain(name), id) where archived_at is null;
create index merchants_by_status_and_update on merchants (status, updated_at desc, id desc) where archived_at is null;
create index merchants_by_brand on merchants (brand_id);
create index merchants_by_owner on merchants (account_owner);
create index merchants_search on merchants using gin (plain(name) gin_trgm_ops);

create table merchant_categories (
    merchant_id uuid not null references merchants,
    category_id uuid not null references categories,
    primary key (merchant_id, category_id)
);
create index on merchant_categories (category_id, merchant_id);

create table locations (
    id uuid primary key,
    merchant_id uuid not null references merchants,
    version bigint not null default 1,
    name text,
    street text not null,
    city text not null,
    region text not null,
    postal_code text not null,
    country char(2) not null,
    latitude double precision check (latitude between -90 and 90),
    longitude double precision check (longitude between -180 and 180),
    phone text,
    -- [{"days": bits, "from": "09:00:00", "until": "17:00:00"}]
    hours jsonb not null default '[]',
    time_zone text not null,
    closed_from date,
    closed_until date,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    archived_at timestamptz,
    check ((latitude is null) = (longitude is null)),
    check (closed_until is null or closed_until >= closed_from)
);
create index locations_by_merchant on locations (merchant_id, id) where archived_at is null;
create index locations_by_city on locations (merchant_id, plain(city), id);

-- Every saved version of a merchant and of a location, whole, with who saved it.
create table merchant_revisions (
    merchant_id uuid not null references merchants,
    version bigint not null,
    snapshot jsonb not null,
    account_id uuid references accounts,
    at timestamptz not null,
    primary key (merchant_id, version)
);
create trigger append_only before update or delete on merchant_revisions for each row execute function refuse_change();

create table location_revisions (
    location_id uuid not null references locations,
    version bigint not null,
    snapshot jsonb not null,
    account_id uuid references accounts,
    at timestamptz not null,
    primary key (location_id, version)
);
create trigger append_only before update or delete on location_revisions for each row execute function refuse_change();

-- Ids that other systems gave our records (module external_ids).
create table external_ids (
    source text not null,
    kind text not null check (kind in ('brand', 'merchant', 'location', 'offer')),
    value text not null,
    entity_id uuid not null,
    primary key (source, kind, value)
);
create index on external_ids (entity_id);
