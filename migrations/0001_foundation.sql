-- Extensions (all of them trusted: the data base's owner may create them), and what every module stands on.

create extension if not exists btree_gist;
create extension if not exists cube;
create extension if not exists pg_trgm;
create extension if not exists unaccent;

-- `unaccent` depends on a dictionary and is therefore only stable; a fixed dictionary makes it fit for indexes.
create function plain(text) returns text
    language sql immutable parallel safe strict
    return lower(public.unaccent('public.unaccent'::regdictionary, $1));

-- A point on the unit sphere. The straight distance between two such points grows with the distance on the ground,
-- so one GiST index answers both "within" and "nearest".
create function sphere_point(latitude double precision, longitude double precision) returns cube
    language sql immutable parallel safe strict
    return cube(array[
        cos(radians(latitude)) * cos(radians(longitude)),
        cos(radians(latitude)) * sin(radians(longitude)),
        sin(radians(latitude))
    ]);

-- Makes sure that an append-only table partitioned by month has partitions from this month to `ahead` months later.
create function ensure_month_partitions(parent regclass, ahead integer) returns void
    language plpgsql as $$
declare
    -- Truncating a partition would pass by the trigger of its parent.
    guard constant text := 'create trigger no_truncate before truncate on %I for each statement execute function refuse_change()';
    first date := date_trunc('month', now() at time zone 'UTC')::date;
    month date;
    name text;
begin
    -- Two processes that start at once would both try to create the same partition.
    perform pg_advisory_xact_lock(hashtext('ensure_month_partitions'));
    for i in 0..ahead loop
        month := first + make_interval(months => i);
        name := format('%s_%s', parent::text, to_char(month, 'YYYY_MM'));
        if to_regclass(name) is null then
            execute format('create table %I partition of %s for values from (%L) to (%L)',
                name, parent, month::timestamp at time zone 'UTC', (month + interval '1 month') at time zone 'UTC');
            execute format(guard, name);
        end if;
    end loop;
end $$;

-- Raised by the triggers that keep a table append-only.
create function refuse_change() returns trigger
    language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;

-- The audit log (module audit). Rows hold opaque ids; `who` names what acted when it was not an account.
create table audit_log (
    id bigint generated always as identity,
    at timestamptz not null,
    actor uuid,
    who text not null check (who in ('staff', 'nobody', 'server', 'command_line')),
    action text not null,
    subject_kind text,
    subject_id uuid,
    detail jsonb not null default '{}',
    request_id text,
    primary key (id, at)
) partition by range (at);
create index on audit_log (at desc, id desc);
create index on audit_log (actor, at desc);
create index on audit_log (subject_id, at desc);
create index on audit_log (action text_pattern_ops, at desc);
-- Rows of a month without a partition of its own still find a place.
create table audit_log_rest partition of audit_log default;
create trigger no_truncate before truncate on audit_log_rest for each statement execute function refuse_change();
create trigger append_only before update or delete on audit_log for each row execute function refuse_change();
create trigger no_truncate before truncate on audit_log for each statement execute function refuse_change();

-- The outbox (module outbox): one row an event, written in the transaction of the change. Readers pass only rows whose
-- transaction is below pg_snapshot_xmin(pg_current_snapshot()).
create table outbox (
    id bigint generated always as identity,
    at timestamptz not null,
    transaction xid8 not null default pg_current_xact_id(),
    topic text not null,
    subject_id uuid not null,
    body jsonb not null,
    primary key (id, at)
) partition by range (at);
create index on outbox (transaction, id);
create table outbox_rest partition of outbox default;
create trigger no_truncate before truncate on outbox_rest for each statement execute function refuse_change();
create trigger append_only before update or delete on outbox for each row execute function refuse_change();
create trigger no_truncate before truncate on outbox for each statement execute function refuse_change();

-- How far each reader of the outbox has come.
create table outbox_readers (
    name text primary key,
    transaction xid8 not null,
    id bigint not null
);

select ensure_month_partitions('audit_log', 3);
select ensure_month_partitions('outbox', 3);
