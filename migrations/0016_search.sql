-- What is searched and sorted by stands ready in a column: to make it anew for each row that is looked at takes several times as
-- long as all the rest of the row.
drop index offers_by_headline, offers_by_standing_and_headline, offers_search, offers_short_parts;
alter table offers add column plain_headline text not null generated always as (plain(headline)) stored;
create index offers_by_headline on offers (plain_headline, id);
create index offers_by_standing_and_headline on offers
    ((case when archived_at is null then settled else 'archived' end), plain_headline, id);
create index offers_search on offers using gin (plain_headline gin_trgm_ops);
create index offers_short_parts on offers using gin (short_parts(plain_headline));

drop index merchants_by_name, merchants_by_status_and_name, merchants_search, merchants_short_parts;
alter table merchants add column plain_name text not null generated always as (plain(name)) stored;
create index merchants_by_name on merchants (plain_name, id) where archived_at is null;
create index merchants_by_status_and_name on merchants (status, plain_name, id) where archived_at is null;
create index merchants_search on merchants using gin (plain_name gin_trgm_ops);
create index merchants_short_parts on merchants using gin (short_parts(plain_name));

-- A place lies where its location does. One index entry for each location finds the nearest; one for each offer at each location
-- was many times larger.
alter table locations add column point cube generated always as (sphere_point(latitude, longitude)) stored;
create index locations_near on locations using gist (point) where archived_at is null;
alter table listing_places drop column point;

-- The new columns have no statistics yet.
analyze offers, merchants, locations;
