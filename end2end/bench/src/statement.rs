//! The statement of a page of 24 offers, as the member site sends it, for those that the site is compared with.

use crate::load::Pages;

/// One more than a page, so that it is known whether there is a next one. `$1` is the time.
pub const NEWEST: &str =
    "select l.publication_id, l.shown_from, l.priority, l.short_id, l.headline, l.value, l.kind, l.icon, l.hue,
    l.online, l.valid_until, nullif(l.shown_until, 'infinity') as offered_until, m.name as merchant,
    p.hash as picture, p.width as picture_width, p.height as picture_height, p.widths as picture_widths,
    p.transparent as picture_transparent, coalesce(l.picture_x, m.picture_x) as picture_x,
    coalesce(l.picture_y, m.picture_y) as picture_y, coalesce(l.picture_alt, m.picture_alt, b.logo_alt) as picture_alt,
    l.picture is null and m.picture is null as picture_is_logo
    from listings l join merchants m on m.id = l.merchant_id left join brands b on b.id = m.brand_id
    left join pictures p on p.hash = coalesce(l.picture, m.picture, b.logo)
    where l.client_id is null and m.status = 'active' and m.archived_at is null and l.shown_from <= $1 and l.shown_until > $1
    order by l.shown_from desc, l.priority desc, l.publication_id desc limit 25";

/// The categories, which the page shows beside the offers.
pub const CATEGORIES: &str = "select id, parent_id, slug, name, icon from categories order by position, id";

/// The bare route: its rows as JSON.
pub fn bare() -> Pages {
    Pages { pages: vec![("/bare".to_owned(), "\"short_id\":".to_owned())], cookie: None }
}
