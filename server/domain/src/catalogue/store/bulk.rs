//! Listings that are loaded at once.
//!
//! To have Postgres read each text into a search vector would cost more than all the rest of the row. Texts of many offers are made of
//! few different words, so each is read once, and a text's vector is put together from those of its words. Postgres' parser never
//! looks across a blank, but for tags, which none of these texts hold.

use super::super::{Cover, online, search_text};
use crate::{Error, Result};
use kit::copy::Rows;
use model::{
    MerchantId, OfferId, PublicationId, RevisionId, Timestamp, categories::Category, merchants::Location, offers::OfferContent,
};
use sqlx::PgConnection;
use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
};
use uuid::Uuid;

/// Rows of `listings` and `listing_places`. The words of the search vectors are looked up when they are written.
#[derive(Debug, Default)]
pub(crate) struct Bulk {
    listings: Vec<Listed>,
    places: Rows,
}

#[derive(Debug)]
struct Listed {
    /// All columns but the last.
    row: Row,
    text: String,
}

#[derive(Debug)]
struct Row {
    publication: PublicationId,
    offer: OfferId,
    merchant: MerchantId,
    revision: RevisionId,
    short_id: String,
    headline: String,
    value: String,
    kind: &'static str,
    icon: String,
    hue: i16,
    online: bool,
    priority: i16,
    categories: Vec<Uuid>,
    valid_until: Option<chrono::NaiveDateTime>,
    shown_from: Timestamp,
    shown_until: Option<Timestamp>,
}

/// A publication that is to stand in the catalogue, beside its content.
pub(crate) struct NewRow<'a> {
    pub publication: PublicationId,
    pub offer: OfferId,
    pub revision: RevisionId,
    pub short_id: &'a str,
    pub content: &'a OfferContent,
    pub shown_from: Timestamp,
    pub shown_until: Option<Timestamp>,
}

impl Bulk {
    pub(crate) const TABLES: [&str; 2] = ["listings", "listing_places"];

    /// As [`super::super::list`] puts it there. `tree` is all categories.
    pub(crate) fn list<'a>(&mut self, new: &NewRow, locations: impl IntoIterator<Item = &'a Location>, tree: &[Category]) {
        if new.shown_until.is_some_and(|until| until <= new.shown_from) {
            return;
        }
        let content = new.content;
        let mut above: HashSet<_> = content.categories.iter().copied().collect();
        // A child stands before or behind its parent; the tree is as deep as it is.
        while let Some(parent) = tree
            .iter()
            .filter(|category| above.contains(&category.id))
            .find_map(|category| category.parent.filter(|parent| !above.contains(parent)))
        {
            above.insert(parent);
        }
        let ancestry: Vec<&Category> = tree.iter().filter(|category| above.contains(&category.id)).collect();
        let cover = Cover::of(&content.categories, tree);
        self.listings.push(Listed {
            text: search_text(content, &ancestry),
            row: Row {
                publication: new.publication,
                offer: new.offer,
                merchant: content.merchant,
                revision: new.revision,
                short_id: new.short_id.to_owned(),
                headline: content.texts.headline.clone(),
                value: content.value.shown(),
                kind: content.value.kind().word(),
                icon: cover.icon,
                hue: cover.hue,
                online: online(content),
                priority: content.contract.priority,
                categories: ancestry.iter().map(|category| category.id.0).collect(),
                valid_until: content.validity.until,
                shown_from: new.shown_from,
                shown_until: new.shown_until,
            },
        });
        for location in locations {
            self.places.row().put(new.publication).put(location.id);
        }
    }

    pub(crate) async fn write(&mut self, conn: &mut PgConnection, lexicon: &mut Lexicon) -> Result<()> {
        lexicon.learn(conn, self.listings.iter().map(|listed| listed.text.as_str())).await?;
        let mut rows = Rows::default();
        for Listed { row, text } in self.listings.drain(..) {
            let search = lexicon.vector(&text)?;
            let shown_until = row.shown_until.map_or_else(|| "infinity".to_owned(), kit::copy::instant);
            rows.row()
                .put(row.publication)
                .put(row.offer)
                .put(row.merchant)
                .put(row.revision)
                .text(&row.short_id)
                .text(&row.headline)
                .text(&row.value)
                .text(row.kind)
                .text(&row.icon)
                .put(row.hue)
                .put(row.online)
                .put(row.priority)
                .array(row.categories)
                .maybe(row.valid_until)
                .time(row.shown_from)
                .text(&shown_until)
                .text(&search);
        }
        let listings =
            "copy listings (publication_id, offer_id, merchant_id, revision_id, short_id, headline, value, kind, icon, hue,
                            online, priority, category_ids, valid_until, shown_from, shown_until, search) from stdin";
        rows.send(conn, listings).await?;
        self.places.send(conn, "copy listing_places (publication_id, location_id) from stdin").await?;
        Ok(())
    }
}

/// What Postgres makes of each word that it was asked about.
#[derive(Debug, Default)]
pub(crate) struct Lexicon {
    words: HashMap<String, Word>,
}

/// A word as the two dictionaries of a listing's search vector read it.
#[derive(Debug, Default)]
struct Word {
    /// How many places of a text it takes up.
    places: u16,
    simple: Vec<(String, Vec<i16>)>,
    english: Vec<(String, Vec<i16>)>,
}

impl Lexicon {
    /// Asks for the words that are not known yet.
    async fn learn(&mut self, conn: &mut PgConnection, texts: impl Iterator<Item = &str>) -> Result<()> {
        let unknown: HashSet<&str> = texts.flat_map(words).filter(|word| !self.words.contains_key(*word)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let unknown: Vec<String> = unknown.into_iter().map(str::to_owned).collect();
        let read = sqlx::query!(
            r#"select word as "word!", english as "english!", lexeme as "lexeme!", positions as "positions!"
               from unnest($1::text[]) as word,
                    lateral (select false as english, s.lexeme, s.positions from unnest(to_tsvector('simple', plain(word))) s
                             union all select true, e.lexeme, e.positions from unnest(to_tsvector('english', plain(word))) e) read"#,
            &unknown
        )
        .fetch_all(conn)
        .await?;
        self.words.extend(unknown.into_iter().map(|word| (word, Word::default())));
        for row in read {
            let Some(word) = self.words.get_mut(&row.word) else { continue };
            if row.english {
                word.english.push((row.lexeme, row.positions));
            } else {
                // Nothing is too common for this dictionary: its last place is the word's.
                let last = row.positions.iter().copied().max().unwrap_or_default();
                word.places = word.places.max(u16::try_from(last).unwrap_or_default());
                word.simple.push((row.lexeme, row.positions));
            }
        }
        Ok(())
    }

    /// `to_tsvector('simple', plain(text)) || to_tsvector('english', plain(text))`, as Postgres reads it.
    fn vector(&self, text: &str) -> Result<String> {
        let all: Vec<&Word> = words(text)
            .map(|word| self.words.get(word).ok_or_else(|| Error::fault("a word was not looked up")))
            .collect::<Result<_>>()?;
        let mut vector = String::with_capacity(text.len() * 3);
        let mut place = 0;
        for word in &all {
            push(&mut vector, &word.simple, place);
            place += word.places;
        }
        for word in &all {
            push(&mut vector, &word.english, place);
            place += word.places;
        }
        Ok(vector)
    }
}

fn push(vector: &mut String, lexemes: &[(String, Vec<i16>)], after: u16) {
    for (lexeme, positions) in lexemes {
        vector.push_str(if vector.is_empty() { "'" } else { " '" });
        for c in lexeme.chars() {
            if matches!(c, '\'' | '\\') {
                vector.push(c);
            }
            vector.push(c);
        }
        vector.push('\'');
        for (i, position) in positions.iter().enumerate() {
            let _ = write!(vector, "{}{}", if i == 0 { ':' } else { ',' }, i32::from(*position) + i32::from(after));
        }
    }
}

/// What stands between blanks.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_ascii_whitespace()
}
