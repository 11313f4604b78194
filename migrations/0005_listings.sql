-- What members can find (module catalogue): one row for each publication that is or will be live, made from its revision,
-- rebuilt whenever one is published, paused or ended.
create table listings (
    publication_id uuid primary key references publications,
    offer_id uuid not null references offers,
    merchant_id uuid not null references merchants,
    revision_id uuid not null references offer_revisions,
    -- Null: for every program; else shown to none but one client's.
    client_id uuid references clients,
    short_id text not null,
    headline text not null,
    value text not null,
    kind text not null,
    icon text not null,
    hue smallint not null check (hue between 0 and 11),
    online boolean not null,
    priority smallint not null,
    -- The categories with their ancestors.
    category_ids uuid[] not null,
    valid_until timestamp,
    -- Shown in [shown_from, shown_until): the publication's time, cut off at the offer's last moment.
    shown_from timestamptz not null,
    -- `infinity` where nothing ends it.
    shown_until timestamptz not null check (shown_until > shown_from),
    search tsvector not null
);
create index listings_by_start on listings (shown_from desc, priority desc, publication_id desc);
create index listings_by_end on listings (shown_until, publication_id);
create index listings_by_offer on listings (offer_id);
create index listings_by_short_id on listings (short_id);
create index listings_by_merchant on listings (merchant_id, shown_from desc);
create index listings_by_category on listings using gin (category_ids);
create index listings_search on listings using gin (search);

create table listing_places (
    publication_id uuid not null references listings on delete cascade,
    location_id uuid not null references locations,
    -- On the unit sphere; null where nobody knows where the place lies.
    point cube,
    primary key (publication_id, location_id)
);
create index listing_places_near on listing_places using gist (point);
create index listing_places_by_location on listing_places (location_id);
