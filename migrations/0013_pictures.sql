-- Pictures (module pictures): what is known of each; its files stand in a folder or a bucket under its hash.
create table pictures (
    -- SHA-256 of its largest file.
    hash text primary key check (hash ~ '^[0-9a-f]{64}$'),
    width integer not null check (width > 0),
    height integer not null check (height > 0),
    -- What was sent.
    kind text not null check (kind in ('jpeg', 'png', 'webp')),
    transparent boolean not null,
    -- The widths it stands in, its own the last.
    widths integer[] not null,
    -- Of all its files.
    bytes bigint not null,
    uploaded_by uuid references accounts,
    uploaded_at timestamptz not null,
    -- When it was first seen that nothing shows it, nor any revision ever.
    unused_since timestamptz
);
create index pictures_unused on pictures (unused_since) where unused_since is not null;

-- A picture in use: its focal point in thousandths from the left and from the top, and what it shows. The references hold
-- every picture that something shows, or showed in a revision.
alter table offers
    add column picture text references pictures,
    add column picture_x smallint check (picture_x between 0 and 1000),
    add column picture_y smallint check (picture_y between 0 and 1000),
    add column picture_alt text,
    add constraint offers_picture_whole check ((picture is null) = (picture_x is null) and (picture is null) = (picture_y is null)
        and (picture is null) = (picture_alt is null));
create index offers_by_picture on offers (picture) where picture is not null;

alter table offer_revisions add column picture text references pictures;
create index offer_revisions_by_picture on offer_revisions (picture) where picture is not null;

alter table merchants
    add column picture text references pictures,
    add column picture_x smallint check (picture_x between 0 and 1000),
    add column picture_y smallint check (picture_y between 0 and 1000),
    add column picture_alt text,
    add constraint merchants_picture_whole check ((picture is null) = (picture_x is null) and (picture is null) = (picture_y is null)
        and (picture is null) = (picture_alt is null));
create index merchants_by_picture on merchants (picture) where picture is not null;

alter table merchant_revisions add column picture text references pictures;
create index merchant_revisions_by_picture on merchant_revisions (picture) where picture is not null;

alter table brands
    add column logo text references pictures,
    add column logo_alt text,
    add constraint brands_logo_whole check ((logo is null) = (logo_alt is null));
create index brands_by_logo on brands (logo) where logo is not null;

-- Made from the revision, as all of a listing.
alter table listings
    add column picture text references pictures,
    add column picture_x smallint,
    add column picture_y smallint,
    add column picture_alt text;
