//! The demo's history: what its staff did over the last months, in the order in which they did it.

use super::{
    Progress,
    deals::Deal,
    events::{BEGINNING, Event, events},
    people::People,
    shops::{SOURCE, Shop},
    store,
    stories::{REMARKS, Step, halfway},
};
use crate::{Actor, Error, Op, Result, categories, merchants, offers, reference};
use chrono::TimeDelta;
use model::{
    CategoryId, LocationId, MerchantId, OfferId, RevisionId, Timestamp, Version,
    access::Role,
    conflict::Choices,
    merchants::{MerchantForm, MerchantStatus},
    offers::{OfferForm, PublishForm},
};
use std::collections::HashMap;

/// Everything that happens, and how far it has come.
pub(super) struct History<'a> {
    op: &'a mut Op,
    now: Timestamp,
    shops: &'a [Shop],
    deals: &'a [Deal],
    people: &'a People,
    categories: &'a HashMap<&'static str, CategoryId>,
    merchants: HashMap<usize, Merchant>,
    offers: HashMap<usize, Offer>,
}

struct Merchant {
    id: MerchantId,
    version: Version,
    form: MerchantForm,
    locations: Vec<LocationId>,
}

struct Offer {
    id: OfferId,
    version: Version,
    form: OfferForm,
    revision: Option<RevisionId>,
    /// How many remarks were heeded.
    heeded: usize,
}

/// What stands before the first merchant comes.
pub(super) struct Beginning {
    /// The end of the history.
    pub now: Timestamp,
    pub people: People,
    /// By their slugs.
    pub categories: HashMap<&'static str, CategoryId>,
}

impl Beginning {
    /// Adds the staff, with whom everything begins.
    pub(super) async fn make(op: &mut Op, password: &str) -> Result<Self> {
        let now = op.now;
        store::prefer_indexes(op.conn()).await?;
        op.set_time(now - BEGINNING);
        let people = People::add(op, password).await?;
        let known = categories::all(op).await?;
        let id_of = |slug| known.iter().find(|category| category.slug == slug).map(|category| (slug, category.id));
        let categories = reference::categories().iter().filter_map(|category| id_of(category.slug)).collect();
        Ok(Self { now, people, categories })
    }
}

impl<'a> History<'a> {
    /// Nothing has happened yet but what `beginning` says.
    pub(super) fn new(op: &'a mut Op, beginning: &'a Beginning, shops: &'a [Shop], deals: &'a [Deal]) -> Self {
        let Beginning { now, people, categories } = beginning;
        Self { op, now: *now, shops, deals, people, categories, merchants: HashMap::new(), offers: HashMap::new() }
    }

    /// Lets everything happen.
    pub(super) async fn happen(mut self, mut progress: impl FnMut(Progress)) -> Result<()> {
        let events = events(self.shops, self.deals, self.now);
        // Locations are the most of it.
        let weight = |event: &Event| match event {
            Event::AddMerchant(shop) => 1 + self.shops[*shop].sites.len(),
            _ => 1,
        };
        let total = events.iter().map(|(_, event)| weight(event)).sum();
        let weights: Vec<usize> = events.iter().map(|(_, event)| weight(event)).collect();
        let mut done = 0;
        for ((at, event), weight) in events.into_iter().zip(weights) {
            self.op.set_time(at);
            self.occur(event).await.map_err(|error| self.explain(event, &error))?;
            done += weight;
            progress(Progress { done, total });
        }
        Ok(())
    }

    /// A use case that refuses what the demo asks for is a fault of the demo: this says which.
    fn explain(&self, event: Event, error: &Error) -> Error {
        let about = match event {
            Event::AddMerchant(shop) | Event::SetStatus(shop, _) => self.shops[shop].name.clone(),
            Event::AddOffer(deal) => format!("{:?}", self.deals[deal].form),
            Event::Take(deal, step) => format!("step {step} of {:?}, {}", self.deals[deal].story, self.deals[deal].form.headline),
            Event::Settle(deal) => self.deals[deal].form.headline.clone(),
        };
        Error::fault(format!("the demo's {event:?} failed: {error} ({about})"))
    }

    async fn occur(&mut self, event: Event) -> Result<()> {
        match event {
            Event::AddMerchant(shop) => self.add_merchant(shop).await,
            Event::SetStatus(shop, status) => self.set_status(shop, status).await,
            Event::AddOffer(deal) => self.add_offer(deal).await,
            Event::Take(deal, step) => self.take(deal, step).await,
            Event::Settle(_) => {
                self.op.actor = Actor::Server;
                offers::settle_due(self.op).await.map(drop)
            }
        }
    }

    async fn add_merchant(&mut self, i: usize) -> Result<()> {
        self.op.actor = self.people.actor(Role::Editor);
        let shop = &self.shops[i];
        let form = merchant_form(i, shop, self.categories);
        let id = merchants::add(self.op, &form).await?;
        let mut locations = Vec::with_capacity(shop.sites.len());
        for site in &shop.sites {
            self.op.set_time(self.op.now + TimeDelta::seconds(1));
            locations.push(merchants::add_location(self.op, id, &site.form).await?);
        }
        self.merchants.insert(i, Merchant { id, version: Version(1), form, locations });
        Ok(())
    }

    async fn set_status(&mut self, shop: usize, status: MerchantStatus) -> Result<()> {
        self.op.actor = self.people.actor(Role::Editor);
        let Some(merchant) = self.merchants.get_mut(&shop) else { return Err(Error::fault("the merchant is not there yet")) };
        merchant.form.status = status.word().to_owned();
        merchant.version =
            merchants::save(self.op, merchant.id, merchant.version, &merchant.form, &Choices::default()).await?.version;
        Ok(())
    }

    async fn add_offer(&mut self, i: usize) -> Result<()> {
        self.op.actor = self.people.actor(Role::Editor);
        let deal = &self.deals[i];
        let merchant = self.merchants.get(&deal.shop).ok_or_else(|| Error::fault("the merchant is not there yet"))?;
        let form = offer_form(deal, merchant.id, |site| merchant.locations[site], self.categories, self.people);
        let id = offers::add(self.op, &form).await?;
        self.offers.insert(i, Offer { id, version: Version(1), form, revision: None, heeded: 0 });
        Ok(())
    }

    async fn take(&mut self, i: usize, step: usize) -> Result<()> {
        let (op, deal, now) = (&mut *self.op, &self.deals[i], self.now);
        let step = deal.story[step];
        let Some(offer) = self.offers.get_mut(&i) else { return Err(Error::fault("the offer is not there yet")) };
        op.actor = self.people.actor(step.taken_by());
        let revision = || offer.revision.ok_or_else(|| Error::fault("there is no revision yet"));
        match step {
            Step::Edit => {
                heed(deal, &mut offer.form, offer.heeded);
                offer.heeded += 1;
                offer.version = offers::save(op, offer.id, offer.version, &offer.form, &Choices::default()).await?.version;
            }
            Step::Send => offer.revision = Some(offers::send_for_review(op, offer.id, offer.version).await?),
            Step::AskForChanges => offers::ask_for_changes(op, revision()?, remark(deal, offer.heeded).0).await?,
            Step::Approve => offers::approve(op, revision()?).await?,
            Step::Publish | Step::PublishForATime | Step::ScheduleSoon | Step::Schedule => {
                let form = publication(deal, step, op.now, now);
                offers::publish(op, offer.id, revision()?, &form).await?;
            }
            Step::Pause => offers::pause(op, offer.id).await?,
            Step::Resume => offers::resume(op, offer.id).await?,
            Step::End => {
                let publications = offers::get(op, offer.id).await?.publications;
                let standing = publications.iter().find(|publication| publication.stands());
                let standing = standing.ok_or_else(|| Error::fault("nothing is published"))?;
                offers::end(op, offer.id, standing.id).await?;
            }
            Step::Archive => offers::archive(op, offer.id).await?,
        }
        Ok(())
    }
}

/// What the editor fills in for the shop at this place of the list.
pub(super) fn merchant_form(place: usize, shop: &Shop, categories: &HashMap<&'static str, CategoryId>) -> MerchantForm {
    let signs_later = shop.status == MerchantStatus::Active && place.is_multiple_of(8);
    let first =
        if signs_later || shop.status == MerchantStatus::Prospect { MerchantStatus::Prospect } else { MerchantStatus::Active };
    MerchantForm {
        name: shop.name.clone(),
        brand: shop.brand.to_owned(),
        website: shop.website.unwrap_or_default().to_owned(),
        status: first.word().to_owned(),
        categories: shop.categories.iter().map(|slug| categories[slug].to_string()).collect(),
        external_ids: format!("{SOURCE}: {}", shop.external_id),
        ..MerchantForm::default()
    }
}

/// What the editor fills in for an offer of a merchant whose locations `site` knows.
pub(super) fn offer_form(
    deal: &Deal,
    merchant: MerchantId,
    site: impl Fn(usize) -> LocationId,
    categories: &HashMap<&'static str, CategoryId>,
    people: &People,
) -> OfferForm {
    OfferForm {
        merchant: merchant.to_string(),
        locations: deal.sites.iter().map(|place| site(*place).to_string()).collect(),
        categories: deal.categories.iter().map(|slug| categories[slug].to_string()).collect(),
        owner: deal.owner.map(|role| people.id(role).to_string()).unwrap_or_default(),
        ..deal.form.clone()
    }
}

/// What the reviewer asks for once so many remarks were heeded, and what is added to the terms then.
pub(super) fn remark(deal: &Deal, heeded: usize) -> (&'static str, &'static str) {
    REMARKS[(deal.remark + heeded) % REMARKS.len()]
}

/// Changes a draft as the next remark asks.
pub(super) fn heed(deal: &Deal, form: &mut OfferForm, heeded: usize) {
    form.terms = format!("{}\n- {}", form.terms, remark(deal, heeded).1);
    if heeded % 2 == 1 || deal.remark.is_multiple_of(3) {
        form.limit_total = "1500".to_owned();
    }
}

/// What the campaign manager fills in.
pub(super) fn publication(deal: &Deal, step: Step, at: Timestamp, now: Timestamp) -> PublishForm {
    let passed = halfway(at, now).format("%Y-%m-%dT%H:%M").to_string();
    let until = deal.planned_end.map(|day| format!("{day}T00:00")).unwrap_or_default();
    match step {
        Step::ScheduleSoon => PublishForm { from: passed, ..PublishForm::default() },
        Step::PublishForATime => PublishForm { until: passed, ..PublishForm::default() },
        Step::Schedule => {
            let (from, zone) = (format!("{}T06:00", deal.starts), "America/New_York".to_owned());
            PublishForm { from, until, zone, ..PublishForm::default() }
        }
        _ => PublishForm { until, ..PublishForm::default() },
    }
}
