-- Offers (module offers). The draft stands in typed columns; revisions are immutable snapshots; publications say what was
-- live when.

create table offers (
    id uuid primary key,
    short_id text not null unique,
    -- Counts the saves of the draft.
    version bigint not null default 1,
    merchant_id uuid not null references merchants,
    -- Null: for every program; else exclusive to one client's.
    client_id uuid references clients,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    updated_by uuid references accounts,
    archived_at timestamptz,
    -- Where the newest revision stands, and the draft version it was made from; kept beside the draft for lists.
    revision_state text check (revision_state in ('in_review', 'changes_asked', 'approved', 'superseded')),
    revision_draft_version bigint,

    headline text not null,
    summary text not null default '',
    terms text not null default '',
    exclusions text not null default '',
    how_to_redeem text not null default '',

    currency char(3) not null,
    kind text not null check (kind in ('percent_off', 'amount_off', 'fixed_price', 'buy_get', 'free_item', 'cash_back', 'points_multiplier', 'other')),
    value_basis_points integer check (value_basis_points between 1 and 10000),
    value_minor bigint check (value_minor >= 0),
    value_buy integer check (value_buy > 0),
    value_get integer check (value_get > 0),
    value_hundredths integer check (value_hundredths > 100),
    value_text text,

    minimum_spend_minor bigint check (minimum_spend_minor >= 0),
    largest_discount_minor bigint check (largest_discount_minor >= 0),
    face_value_minor bigint check (face_value_minor >= 0),
    estimated_saving_minor bigint check (estimated_saving_minor >= 0),
    combinable boolean not null default false,
    new_customers_only boolean not null default false,
    minimum_age smallint check (minimum_age between 1 and 120),

    place_scope text not null check (place_scope in ('all', 'some', 'rule', 'online')),
    rule_regions text[] not null default '{}',
    rule_cities text[] not null default '{}',
    rule_postal_prefixes text[] not null default '{}',
    online_url text,
    online_regions text[] not null default '{}',
    tags text[] not null default '{}',

    -- Null: the clock of each location.
    zone text,
    valid_from timestamp,
    valid_until timestamp,
    weekdays smallint not null default 127 check (weekdays between 1 and 127),
    hours_from time,
    hours_until time,
    -- Pairs of first and last day.
    blackout daterange[] not null default '{}',

    redemption text not null check (redemption in ('token', 'single_use_code', 'shared_code', 'link', 'card_linked')),
    shared_code text,
    redeem_url text,

    limit_member_day integer check (limit_member_day > 0),
    limit_member_week integer check (limit_member_week > 0),
    limit_member_month integer check (limit_member_month > 0),
    limit_member_ever integer check (limit_member_ever > 0),
    limit_total integer check (limit_total > 0),
    budget_minor bigint check (budget_minor >= 0),

    funding text not null check (funding in ('merchant', 'operator', 'shared')),
    funding_merchant_basis_points integer check (funding_merchant_basis_points between 1 and 9999),
    contract_from date,
    contract_until date,
    contract_owner uuid references accounts,
    priority smallint not null default 0 check (priority between 0 and 100),

    check (valid_until is null or valid_from is null or valid_until > valid_from),
    check ((hours_from is null) = (hours_until is null)),
    check (contract_until is null or contract_from is null or contract_until >= contract_from),
    check ((funding = 'shared') = (funding_merchant_basis_points is not null)),
    check ((redemption = 'shared_code') = (shared_code is not null)),
    check ((redemption = 'link') = (redeem_url is not null)),
    check ((place_scope = 'online') = (online_url is not null))
);
create index offers_by_update on offers (updated_at desc, id desc);
create index offers_by_headline on offers (plain(headline), id);
create index offers_by_merchant on offers (merchant_id, updated_at desc);
create index offers_by_revision on offers (revision_state, updated_at desc);
create index offers_search on offers using gin (plain(headline) gin_trgm_ops);

create table offer_locations (
    offer_id uuid not null references offers,
    location_id uuid not null references locations,
    primary key (offer_id, location_id)
);
create index on offer_locations (location_id);

create table offer_categories (
    offer_id uuid not null references offers,
    category_id uuid not null references categories,
    primary key (offer_id, category_id)
);
create index on offer_categories (category_id, offer_id);

-- One row a save of the draft: who changed which field from what to what. Tells a second editor what the first one
-- changed, and who may not approve.
create table offer_changes (
    offer_id uuid not null references offers,
    version bigint not null,
    account_id uuid references accounts,
    at timestamptz not null,
    -- {"field": ["before", "after"]}
    changes jsonb not null,
    primary key (offer_id, version)
);
create trigger append_only before update or delete on offer_changes for each row execute function refuse_change();

create table offer_revisions (
    id uuid primary key,
    offer_id uuid not null references offers,
    number integer not null,
    -- The draft's version it was made from.
    draft_version bigint not null,
    state text not null check (state in ('in_review', 'changes_asked', 'approved', 'superseded')),
    -- json keeps the text as it was hashed; jsonb would not.
    snapshot json not null,
    content_hash bytea not null check (octet_length(content_hash) = 32),
    sent_by uuid references accounts,
    sent_at timestamptz not null,
    decided_by uuid references accounts,
    decided_at timestamptz,
    note text,
    unique (offer_id, number),
    unique (id, content_hash)
);
-- At most one revision of an offer is in review.
create unique index offer_revisions_in_review on offer_revisions (offer_id) where state = 'in_review';

create function refuse_snapshot_change() returns trigger
    language plpgsql as $$
begin
    if (old.id, old.offer_id, old.number, old.draft_version, old.snapshot::text, old.content_hash, old.sent_by, old.sent_at)
        is distinct from
       (new.id, new.offer_id, new.number, new.draft_version, new.snapshot::text, new.content_hash, new.sent_by, new.sent_at) then
        raise exception 'the snapshot of a revision never changes' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger immutable_snapshot before update on offer_revisions for each row execute function refuse_snapshot_change();
create trigger append_only before delete on offer_revisions for each row execute function refuse_change();

-- An approval binds to a hash, and a publication to an approval: what nobody approved cannot be published at all.
create table offer_approvals (
    revision_id uuid not null,
    content_hash bytea not null,
    account_id uuid references accounts,
    at timestamptz not null,
    primary key (revision_id, content_hash),
    foreign key (revision_id, content_hash) references offer_revisions (id, content_hash)
);
create trigger append_only before update or delete on offer_approvals for each row execute function refuse_change();

create table publications (
    id uuid primary key,
    offer_id uuid not null references offers,
    revision_id uuid not null,
    content_hash bytea not null,
    -- Whether it is live now follows from `during`: a scheduled one becomes live, and a live one ended, without a job.
    state text not null check (state in ('unpublished', 'scheduled', 'live', 'paused', 'ended')),
    -- Half-open; empty once it was cancelled before it started.
    during tstzrange not null,
    -- Until when it was meant to stand, so that a paused one can be resumed.
    planned_until timestamptz,
    published_by uuid references accounts,
    published_at timestamptz not null,
    foreign key (revision_id, content_hash) references offer_approvals (revision_id, content_hash),
    constraint one_publication_at_a_time exclude using gist (offer_id with =, during with &&)
);
create index publications_by_offer on publications (offer_id, published_at desc);
create index publications_due on publications (upper(during)) where state in ('scheduled', 'live');

-- Where a publication stands at an instant: a scheduled one becomes live and a live one ends by time alone.
create function publication_standing(state text, during tstzrange, at timestamptz) returns text
    language sql immutable parallel safe
    return case
        when state in ('scheduled', 'live') and during @> at then 'live'
        when state in ('scheduled', 'live') and lower(during) > at then 'scheduled'
        when state in ('scheduled', 'live') then 'ended'
        else state
    end;

-- Where an offer stands: what its publications say, the most visible first.
create function offer_standing(offer uuid, archived_at timestamptz, at timestamptz) returns text
    language sql stable parallel safe
    return case when archived_at is not null then 'archived' else coalesce((
        select standing
        from (select publication_standing(p.state, p.during, at) as standing from publications p where p.offer_id = offer) s
        order by array_position(array['live', 'paused', 'scheduled', 'ended', 'unpublished'], standing)
        limit 1), 'unpublished') end;
