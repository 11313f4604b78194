-- Pages of the member site are kept by the server and shown again as long as nothing that they read has changed (module catalogue).
--
-- The version of what members see is the sum of these rows. A transaction that changes it gives one of them another number, at its
-- end and by chance: what is not committed does not count, transactions wait for each other only while they commit, and a backup
-- that is read back does not bring back the version of what came after it.
create table catalogue_versions (
    slot integer primary key,
    version bigint not null
) with (fillfactor = 20);

create function random_version() returns bigint language sql volatile as $$ select (random() * 9e15)::bigint $$;

insert into catalogue_versions select slot, random_version() from generate_series(0, 15) as slot;

-- Connections whose transaction has changed what members see. A row goes when its transaction commits, and nobody else sees it.
create table catalogue_changes (backend integer primary key);

create function note_catalogue_change() returns trigger language plpgsql as $$
begin
    insert into catalogue_changes values (pg_backend_pid()) on conflict do nothing;
    return null;
end
$$;

create function renew_catalogue_version() returns trigger language plpgsql as $$
begin
    update catalogue_versions set version = random_version() where slot = pg_backend_pid() % 16;
    delete from catalogue_changes where backend = new.backend;
    return null;
end
$$;

-- Deferred: a row that is locked until the commit must be the last one, or two transactions could wait for each other for ever.
create constraint trigger renew_catalogue_version after insert on catalogue_changes
    deferrable initially deferred for each row execute function renew_catalogue_version();

-- All that members' pages read and that can change. Snapshots of revisions cannot.
do $$
declare
    read text;
begin
    foreach read in array array['listings', 'listing_places', 'merchants', 'merchant_categories', 'brands', 'locations',
        'categories', 'postal_codes']
    loop
        execute format('create trigger note_catalogue_change after insert or update or delete or truncate on %I
            for each statement execute function note_catalogue_change()', read);
    end loop;
end
$$;
