-- What is asked often must not cost more as the tables grow.

-- Schedules whose start has come; those whose end has come have their index already.
create index publications_starting on publications (lower(during)) where state = 'scheduled';

-- Where an offer stands by the stored states of its publications, the most visible first. The list of offers is filtered by it. Time alone
-- moves an offer on before its states follow, so the list looks at those that are due as well.
create function settled_standing(offer uuid) returns text
    language sql stable parallel safe
    return coalesce((
        select p.state from publications p where p.offer_id = offer
        order by array_position(array['live', 'paused', 'scheduled', 'ended', 'unpublished'], p.state) limit 1), 'unpublished');

alter table offers add column settled text not null default 'unpublished'
    check (settled in ('unpublished', 'scheduled', 'live', 'paused', 'ended'));
update offers set settled = settled_standing(id) where id in (select offer_id from publications);

-- Whoever changes a publication holds its offer's row already.
create function settle_offer() returns trigger
    language plpgsql as $$
begin
    update offers set settled = settled_standing(id) where id = new.offer_id and settled <> settled_standing(id);
    return null;
end $$;
create trigger settle_offer after insert or update of state on publications for each row execute function settle_offer();

create index offers_by_standing_and_update on offers
    ((case when archived_at is null then settled else 'archived' end), updated_at desc, id desc);
create index offers_by_standing_and_headline on offers
    ((case when archived_at is null then settled else 'archived' end), plain(headline), id);

-- Single letters and pairs of them that hold one of a script written without spaces: no trigram finds so short a part of a name.
create function short_parts(text) returns text[]
    language sql immutable parallel safe strict
    return case when $1 ~ '[^\u0001-\u2E7F]' then array(
        select distinct part
        from generate_series(1, length($1)) as place, generate_series(1, 2) as size, substr($1, place, size) as part
        where part ~ '[^\u0001-\u2E7F]') else '{}' end;
create index merchants_short_parts on merchants using gin (short_parts(plain(name)));

-- The new expressions have no statistics yet.
analyze offers, publications, merchants;
