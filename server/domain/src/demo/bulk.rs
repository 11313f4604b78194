//! The many offers of a large demo: told in memory as the use cases would write them, and loaded by `copy`.
//!
//! Threads tell the history of some merchants and their offers at a time, while Postgres takes what was told before. Indexes and
//! constraints are off meanwhile and built over everything at the end; all of it is the transaction of the load.

use super::{
    deals::{self, Deal},
    dice::Dice,
    events::{Event, events},
    history::{Beginning, heed, merchant_form, offer_form, publication, remark},
    shops::Shop,
    store,
    stories::Step,
};
use crate::{Error, Op, Result, catalogue::bulk::Lexicon, categories, journal, merchants, offers, reference};
use chrono::TimeDelta;
use kit::shelf::Shelf;
use model::{access::Role, categories::Category, merchants::MerchantStatus, offers::OfferForm, places::PostalCode};
use std::{
    collections::HashMap,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::sync::mpsc;

/// What is to be loaded.
pub(super) struct Asked {
    pub shops: Vec<Shop>,
    /// Offers of these shops.
    pub offers: usize,
    pub seed: u64,
}

/// Offers that are told and written together.
const PART: usize = 5_000;
/// The shops of the first part are so few, so that some merchants have very many offers.
const CROWDED: usize = 10;
/// Parts that wait until Postgres takes them.
const WAITING: usize = 2;

/// What the rows count in the demo's progress.
fn rows(shops: &[Shop], offers: usize) -> usize {
    shops.iter().map(|shop| 1 + shop.sites.len()).sum::<usize>() + offers
}

/// What the load counts in the demo's progress: the indexes take about as long as the rows.
pub(super) fn weight(shops: &[Shop], offers: usize) -> usize {
    if shops.is_empty() { 0 } else { 2 * rows(shops, offers) }
}

/// Loads the shops and their offers; `progress` is told how much is done, at the end the whole weight.
pub(super) async fn load(op: &mut Op, beginning: Beginning, asked: Asked, mut progress: impl FnMut(usize)) -> Result<()> {
    let rows = rows(&asked.shops, asked.offers);
    let tree = categories::all(op).await?;
    let brands = merchants::bulk::brands(op, asked.shops.iter().map(|shop| shop.brand)).await?;
    let codes = reference::postal_codes().into_iter().map(|code| (code.code.clone(), code)).collect();
    let parts = parts(asked.shops.len(), asked.offers);
    let world = Arc::new(World { beginning, shops: asked.shops, seed: asked.seed, parts, tree, brands, codes });

    store::load_fast(op.conn()).await?;
    let tables: Vec<&str> =
        merchants::bulk::Bulk::tables().chain(offers::bulk::Bulk::tables()).chain(journal::Bulk::TABLES).collect();
    let shelf = Shelf::take_off(op.conn(), &tables).await?;
    let (mut lexicon, mut done) = (Lexicon::default(), 0);
    let mut told = tell(world);
    while let Some(part) = told.recv().await {
        let mut part = part?;
        part.merchants.write(op).await?;
        part.offers.write(op, &mut lexicon).await?;
        part.journal.write(op.conn()).await?;
        done += part.rows;
        progress(done);
    }
    if done != rows {
        return Err(Error::fault("a thread that told the demo was lost"));
    }
    let parts = shelf.len();
    let mut built = 0;
    shelf
        .put_back(op.conn(), || {
            built += 1;
            progress(rows + rows * built / parts);
        })
        .await?;
    Ok(())
}

/// Which shops and how many offers belong together.
fn parts(shops: usize, offers: usize) -> Vec<(Range<usize>, usize)> {
    let count = offers.div_ceil(PART).min(shops / CROWDED).max(1);
    let first_shop = |part: usize| match part {
        0 => 0,
        _ if count == 1 => shops,
        _ => CROWDED + (shops - CROWDED) * (part - 1) / (count - 1),
    };
    let first_offer = |part: usize| offers * part / count;
    (0..count).map(|part| (first_shop(part)..first_shop(part + 1), first_offer(part + 1) - first_offer(part))).collect()
}

/// Everything that the threads share.
struct World {
    beginning: Beginning,
    shops: Vec<Shop>,
    seed: u64,
    parts: Vec<(Range<usize>, usize)>,
    tree: Vec<Category>,
    brands: merchants::bulk::Brands,
    codes: HashMap<String, PostalCode>,
}

/// Rows of some merchants and their offers.
#[derive(Default)]
struct Part {
    merchants: merchants::bulk::Bulk,
    offers: offers::bulk::Bulk,
    journal: journal::Bulk,
    rows: usize,
}

/// Has threads tell part after part. They end with the last one, or when nobody listens any more.
fn tell(world: Arc<World>) -> mpsc::Receiver<Result<Part>> {
    let (sender, receiver) = mpsc::channel(WAITING);
    let next = Arc::new(AtomicUsize::new(0));
    for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
        let (world, sender, next) = (world.clone(), sender.clone(), next.clone());
        std::thread::spawn(move || {
            loop {
                let part = next.fetch_add(1, Ordering::Relaxed);
                if part >= world.parts.len() || sender.blocking_send(world.part(part)).is_err() {
                    break;
                }
            }
        });
    }
    receiver
}

impl World {
    /// Tells what happened to the shops of a part and to their offers.
    fn part(&self, number: usize) -> Result<Part> {
        let (range, count) = self.parts[number].clone();
        let mut shops = self.shops[range].to_vec();
        if !shops.iter().any(|shop| shop.status == MerchantStatus::Active)
            && let Some(shop) = shops.first_mut()
        {
            // Somebody must be there whom every story suits.
            shop.status = MerchantStatus::Active;
        }
        let now = self.beginning.now;
        let mut dice = Dice(self.seed.wrapping_add((number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)));
        let deals = deals::deals(&mut dice, &shops, count, now);
        let rows = rows(&shops, deals.len());
        let mut telling = Telling {
            world: self,
            shops: &shops,
            deals: &deals,
            part: Part { rows, ..Part::default() },
            merchants: HashMap::new(),
            offers: HashMap::new(),
        };
        for (at, event) in events(&shops, &deals, now) {
            telling.occur(at, event).map_err(|error| Error::fault(format!("the demo's {event:?} cannot be told: {error}")))?;
        }
        Ok(telling.finish())
    }
}

/// A part whose history is being told.
struct Telling<'a> {
    world: &'a World,
    shops: &'a [Shop],
    deals: &'a [Deal],
    part: Part,
    merchants: HashMap<usize, merchants::bulk::Told>,
    offers: HashMap<usize, Offer>,
}

struct Offer {
    told: offers::bulk::Told,
    form: OfferForm,
    /// How many remarks were heeded.
    heeded: usize,
}

impl Telling<'_> {
    fn occur(&mut self, at: model::Timestamp, event: Event) -> Result<()> {
        let Beginning { people, categories, .. } = &self.world.beginning;
        let Part { merchants, offers, journal, .. } = &mut self.part;
        let editor = people.id(Role::Editor);
        match event {
            Event::AddMerchant(i) => {
                let shop = &self.shops[i];
                let form = merchant_form(i, shop, categories);
                let mut told = merchants::bulk::Told::add(merchants, journal, (editor, at), &form, &self.world.brands)?;
                for (seconds, site) in (1..).zip(&shop.sites) {
                    let at = at + TimeDelta::seconds(seconds);
                    told.add_location(merchants, journal, (editor, at), &site.form, &self.world.codes)?;
                }
                self.merchants.insert(i, told);
            }
            Event::SetStatus(i, status) => {
                let told = self.merchants.get_mut(&i).ok_or_else(|| Error::fault("the merchant is not there yet"))?;
                told.set_status(merchants, journal, (editor, at), status)?;
            }
            Event::AddOffer(i) => {
                let deal = &self.deals[i];
                let merchant = self.merchants.get(&deal.shop).ok_or_else(|| Error::fault("the merchant is not there yet"))?;
                let form = offer_form(deal, merchant.id, |site| merchant.locations[site].id, categories, people);
                let told = offers::bulk::Told::add(offers, journal, (editor, at), &form)?;
                self.offers.insert(i, Offer { told, form, heeded: 0 });
            }
            Event::Take(i, step) => {
                let deal = &self.deals[i];
                let (step, now) = (deal.story[step], self.world.beginning.now);
                let act = (people.id(step.taken_by()), at);
                let Offer { told, form, heeded } =
                    self.offers.get_mut(&i).ok_or_else(|| Error::fault("the offer is not there yet"))?;
                let locations = self.merchants.get(&deal.shop).map_or(&[][..], |merchant| &merchant.locations);
                match step {
                    Step::Edit => {
                        heed(deal, form, *heeded);
                        *heeded += 1;
                        told.save(offers, journal, act, form)?;
                    }
                    Step::Send => told.send_for_review(journal, act)?,
                    Step::AskForChanges => told.ask_for_changes(journal, act, remark(deal, *heeded).0)?,
                    Step::Approve => told.approve(offers, journal, act)?,
                    Step::Publish | Step::PublishForATime | Step::ScheduleSoon | Step::Schedule => {
                        told.publish(journal, act, &publication(deal, step, at, now), locations)?;
                    }
                    Step::Pause => told.pause(journal, act)?,
                    Step::Resume => told.resume(journal, act, locations)?,
                    Step::End => told.end(journal, act)?,
                    Step::Archive => told.archive(journal, act)?,
                }
            }
            Event::Settle(i) => {
                if let Some(offer) = self.offers.get_mut(&i) {
                    offer.told.settle(journal, at);
                }
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Part {
        for (i, deal) in self.deals.iter().enumerate() {
            if let Some(offer) = self.offers.remove(&i) {
                let locations = self.merchants.get(&deal.shop).map_or(&[][..], |merchant| &merchant.locations);
                offer.told.finish(&mut self.part.offers, locations, &self.world.tree);
            }
        }
        for i in 0..self.shops.len() {
            if let Some(merchant) = self.merchants.remove(&i) {
                merchant.finish(&mut self.part.merchants);
            }
        }
        self.part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shop_and_every_offer_is_in_one_part() {
        for (shops, offers) in [(1, 1), (9, 5_001), (60, 440), (98_000, 995_000), (980, 12_346), (98_000, 0), (50, 1_000_000)] {
            let parts = parts(shops, offers);
            assert_eq!(parts.iter().map(|(_, count)| count).sum::<usize>(), offers);
            let mut next = 0;
            for (range, _) in parts {
                assert!(range.start == next && !range.is_empty(), "{shops} shops, {offers} offers");
                next = range.end;
            }
            assert_eq!(next, shops);
        }
    }
}
