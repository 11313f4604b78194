//! Which offers match a search: what is live, the words, the category, the nearest places.

use super::super::results::{Near, Point};
use crate::{Error, Result};
use model::{CategoryId, PublicationId, Timestamp};
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

/// More merchants than these have a name that says nothing about an offer, such as one that begins with "a".
const MANY_MERCHANTS: i64 = 1_000;

/// A word of the search text, letters and digits only, in lower case and without accents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::catalogue) struct Word {
    pub text: String,
    /// An English word such as "the", which says nothing.
    pub stop: bool,
    pub merchants: Merchants,
}

/// The merchants with a word of their name that begins with the searched one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::catalogue) enum Merchants {
    Few(Vec<Uuid>),
    Many,
}

/// A search as the store carries it out.
#[derive(Clone, Debug, Default)]
pub(in crate::catalogue) struct Filter {
    /// All of them must stand in the offer's texts or its merchant's name.
    pub words: Vec<Word>,
    pub category: Option<CategoryId>,
}

impl Filter {
    /// It leaves nothing out.
    pub(in crate::catalogue) fn is_empty(&self) -> bool {
        self.words.is_empty() && self.category.is_none()
    }
}

/// An offer that matches, with what the newest are sorted by.
#[derive(Clone, Copy, Debug)]
pub(in crate::catalogue) struct Match {
    pub publication: PublicationId,
    pub shown_from: Timestamp,
    pub priority: i16,
}

impl Match {
    /// The newest has the greatest; of one instant the higher priority, then the later id.
    pub(in crate::catalogue) fn key(&self) -> (Timestamp, i16, PublicationId) {
        (self.shown_from, self.priority, self.publication)
    }
}

impl Word {
    /// Scripts that write words without spaces have no beginnings to look for.
    fn spaced(&self) -> bool {
        self.text.chars().all(|c| (c as u32) < 0x2E80)
    }

    /// Too short to have a trigram of its own.
    fn short(&self) -> bool {
        self.text.chars().count() <= 2
    }

    /// For Postgres' regular expressions.
    fn pattern(&self) -> String {
        match (self.spaced(), self.short()) {
            (false, _) => self.text.clone(),
            (true, false) => format!("\\m{}", self.text),
            // What stands before the word makes the trigram that the index finds, as long as it is told one by one.
            (true, true) => format!("(^|[ -/:-@[-`{{-~]){}", self.text),
        }
    }
}

/// What members may see now: the one place that says so for lists.
pub(super) fn push_live(sql: &mut QueryBuilder<Postgres>, now: Timestamp) {
    sql.push("l.client_id is null and m.status = 'active' and m.archived_at is null and l.shown_from <= ").push_bind(now);
    sql.push(" and l.shown_until > ").push_bind(now);
}

pub(super) fn push_filter(sql: &mut QueryBuilder<Postgres>, filter: &Filter) {
    if let Some(category) = filter.category {
        sql.push(" and l.category_ids @> array[").push_bind(category.0).push("]");
    }
    for word in &filter.words {
        push_word(sql, word);
    }
}

/// The word stands in the offer's texts, in any English form or at the beginning of a word, or the merchant is one of those with
/// such a name. Each side has an index, and Postgres joins the two.
fn push_word(sql: &mut QueryBuilder<Postgres>, word: &Word) {
    let text = &word.text;
    let longer = text.chars().count() > 2 && !text.chars().all(|c| c.is_ascii_digit());
    sql.push(" and (l.search @@ (to_tsquery('simple', ")
        .push_bind(if longer { format!("{text}:*") } else { text.clone() })
        .push(")");
    if !word.stop {
        sql.push(" || to_tsquery('english', ").push_bind(text.clone()).push(")");
    }
    sql.push(")");
    match &word.merchants {
        Merchants::Few(ids) if ids.is_empty() => {}
        Merchants::Few(ids) => {
            sql.push(" or l.merchant_id = any(").push_bind(ids.clone()).push(")");
        }
        Merchants::Many => {
            sql.push(" or m.plain_name ~ ").push_bind(word.pattern());
        }
    }
    sql.push(")");
}

/// The words of a text as they are searched for; `text` holds no control characters.
pub(in crate::catalogue) async fn words(conn: &mut PgConnection, text: &str) -> Result<Vec<Word>> {
    let words = sqlx::query!(
        r#"select word as "text!", to_tsvector('english', word) = '' as "stop!"
           from regexp_split_to_table(plain($1), '[^[:alnum:]]+') with ordinality as split (word, place)
           where word <> '' order by place limit 50"#,
        text
    )
    .fetch_all(conn)
    .await?;
    Ok(words.into_iter().map(|row| Word { text: row.text, stop: row.stop, merchants: Merchants::Few(Vec::new()) }).collect())
}

/// Finds the merchants of each word.
pub(in crate::catalogue) async fn find_merchants(conn: &mut PgConnection, words: &mut [Word]) -> Result<()> {
    for word in words {
        let ids = if word.short() && !word.spaced() {
            named_with_part(conn, &word.text).await?
        } else {
            named_like(conn, &word.pattern()).await?
        };
        word.merchants = if ids.len() as i64 > MANY_MERCHANTS { Merchants::Many } else { Merchants::Few(ids) };
    }
    Ok(())
}

/// Merchants whose name matches a regular expression, up to one more than many.
async fn named_like(conn: &mut PgConnection, pattern: &str) -> Result<Vec<Uuid>> {
    let ids = sqlx::query_scalar!(
        "select id from merchants where plain_name ~ $1 and archived_at is null limit $2",
        pattern,
        MANY_MERCHANTS + 1
    )
    .persistent(false)
    .fetch_all(conn)
    .await?;
    Ok(ids)
}

/// Merchants whose name holds one or two letters of a script without spaces, up to one more than many.
async fn named_with_part(conn: &mut PgConnection, part: &str) -> Result<Vec<Uuid>> {
    let ids = sqlx::query_scalar!(
        "select id from merchants where short_parts(plain_name) @> array[$1::text] and archived_at is null limit $2",
        part,
        MANY_MERCHANTS + 1
    )
    .persistent(false)
    .fetch_all(conn)
    .await?;
    Ok(ids)
}

/// How many live offers match, as Postgres guesses from its statistics of the words: mostly within a factor of two for common
/// ones, and far too many for one that it has never seen.
pub(in crate::catalogue) async fn guess(conn: &mut PgConnection, filter: &Filter, now: Timestamp) -> Result<i64> {
    let mut sql = QueryBuilder::new("explain (format json) select ");
    push_matches(&mut sql, filter, now);
    let plan: serde_json::Value = sql.build_query_scalar().persistent(false).fetch_one(conn).await?;
    plan.pointer("/0/Plan/Plan Rows").and_then(serde_json::Value::as_i64).ok_or_else(|| Error::fault("a plan without its rows"))
}

fn push_matches(sql: &mut QueryBuilder<Postgres>, filter: &Filter, now: Timestamp) {
    sql.push("from listings l join merchants m on m.id = l.merchant_id where ");
    push_live(sql, now);
    push_filter(sql, filter);
}

/// All live offers that match, in no order; none if they are more than `most`.
pub(in crate::catalogue) async fn few(
    conn: &mut PgConnection,
    filter: &Filter,
    now: Timestamp,
    most: i64,
) -> Result<Option<Vec<Match>>> {
    if filter.words.iter().any(|word| word.merchants == Merchants::Many) {
        return Ok(None);
    }
    let mut sql = QueryBuilder::new("select l.publication_id, l.shown_from, l.priority ");
    push_matches(&mut sql, filter, now);
    sql.push(" limit ").push_bind(most + 1);
    let rows: Vec<(Uuid, Timestamp, i16)> = sql.build_query_as().persistent(false).fetch_all(conn).await?;
    let found = |(publication, shown_from, priority)| Match { publication: PublicationId(publication), shown_from, priority };
    Ok((rows.len() as i64 <= most).then(|| rows.into_iter().map(found).collect()))
}

/// Some offers by the nearest of their places; those without a place on the map are left out.
pub(in crate::catalogue) async fn by_nearest_place(conn: &mut PgConnection, offers: &[Match], point: Point) -> Result<Vec<Near>> {
    let ids: Vec<Uuid> = offers.iter().map(|offer| offer.publication.0).collect();
    // Joined to the list, not compared with it: Postgres then looks the places up and does not read them all.
    let rows = sqlx::query!(
        r#"select wanted.place as "place!", min(o.point <-> sphere_point($2, $3)) as "chord!"
           from unnest($1::uuid[]) with ordinality as wanted (id, place)
           join listing_places p on p.publication_id = wanted.id join locations o on o.id = p.location_id
           where o.point is not null and o.archived_at is null
           group by wanted.place"#,
        &ids,
        point.latitude,
        point.longitude
    )
    .fetch_all(conn)
    .await?;
    let near = rows.into_iter().filter_map(|row| {
        let offer = offers.get(usize::try_from(row.place - 1).ok()?)?;
        Some(Near { publication: offer.publication, priority: offer.priority, chord: row.chord })
    });
    Ok(near.collect())
}

/// Places of offers in order of their distance, from some distance on.
pub(in crate::catalogue) struct NearestPlaces {
    /// The matching offers among them, in no order.
    pub offers: Vec<Near>,
    /// How far away the last place is, when there are more behind it.
    pub edge: Option<f64>,
}

/// Looks at the `most` nearest places of all offers, those nearer than the chord `from` left out, and keeps those that match.
pub(in crate::catalogue) async fn nearest_places(
    conn: &mut PgConnection,
    filter: &Filter,
    now: Timestamp,
    point: Point,
    from: f64,
    most: i64,
) -> Result<NearestPlaces> {
    let mut sql = QueryBuilder::new("with nearest as materialized (select p.publication_id, o.point <-> ");
    push_point(&mut sql, point);
    sql.push(
        " as chord from locations o join listing_places p on p.location_id = o.id
            where o.archived_at is null and o.point is not null and o.point <-> ",
    );
    push_point(&mut sql, point);
    sql.push(" >= ").push_bind(from).push(" order by o.point <-> ");
    push_point(&mut sql, point);
    sql.push(" limit ").push_bind(most);
    sql.push(
        ") select l.publication_id, l.priority, n.chord, null::bigint as count
        from (select publication_id, min(chord) as chord from nearest group by publication_id) n
        join listings l on l.publication_id = n.publication_id join merchants m on m.id = l.merchant_id where ",
    );
    push_live(&mut sql, now);
    push_filter(&mut sql, filter);
    sql.push(" union all select null, null, max(chord), count(*) from nearest");
    let rows: Vec<(Option<Uuid>, Option<i16>, Option<f64>, Option<i64>)> =
        sql.build_query_as().persistent(false).fetch_all(conn).await?;
    let mut nearest = NearestPlaces { offers: Vec::new(), edge: None };
    for row in rows {
        match row {
            (Some(publication), Some(priority), Some(chord), _) => {
                nearest.offers.push(Near { publication: PublicationId(publication), priority, chord });
            }
            (_, _, edge, count) => nearest.edge = edge.filter(|_| count == Some(most)),
        }
    }
    Ok(nearest)
}

fn push_point(sql: &mut QueryBuilder<Postgres>, point: Point) {
    sql.push("sphere_point(").push_bind(point.latitude).push(", ").push_bind(point.longitude).push(")");
}
