-- A paused publication keeps its time, so that a schedule can end it and a cancelled schedule gives it back. Until now its time was cut
-- when it was paused.
alter table publications add column paused_at timestamptz;

update publications p set
    paused_at = upper(p.during),
    -- `least` passes over nulls: neither a planned end nor a next publication means no end.
    during = tstzrange(lower(p.during), least(p.planned_until, (
        select min(lower(n.during)) from publications n
        where n.offer_id = p.offer_id and n.id <> p.id and lower(n.during) >= upper(p.during))))
where p.state = 'paused' and not isempty(p.during);
-- Paused in the very moment it started: it was never shown.
update publications set state = 'ended' where state = 'paused' and paused_at is null;

alter table publications add check (state <> 'paused' or paused_at is not null);

-- A paused publication ends by time alone too, when its planned end or the next publication comes.
create or replace function publication_standing(state text, during tstzrange, at timestamptz) returns text
    language sql immutable parallel safe
    return case
        when state in ('scheduled', 'live') and during @> at then 'live'
        when state in ('scheduled', 'live') and lower(during) > at then 'scheduled'
        when state in ('scheduled', 'live') or state = 'paused' and upper(during) <= at then 'ended'
        else state
    end;

drop index publications_due;
create index publications_due on publications (upper(during)) where state in ('scheduled', 'live', 'paused');

-- A window (wall time) or a limit of one location's own, within the offer's. Nothing fills them yet; their form comes later.
alter table offer_locations
    add column valid_from timestamp,
    add column valid_until timestamp,
    add column limit_total integer check (limit_total > 0),
    add check (valid_until > valid_from);
