//! The demo: merchants, locations and offers to look at and to try things on, made out of real names and places.
//!
//! Owns no table: everything goes through the use cases of the other modules, in the hands of the demo's staff, so that history,
//! audit log and approvals are what they would be. Of a large demo all but the first offers are loaded at once, by [`bulk`]: their rows
//! are those that the use cases would have written. What a seed gives is the same for ever, but for ids and for times, which are
//! told back from now.

mod bulk;
mod deals;
mod dice;
mod events;
mod history;
mod people;
mod shops;
mod sites;
mod source;
mod store;
mod stories;
#[cfg(test)]
mod tests;
mod words;

use crate::{Actor, Caller, Db, Op, Result, offers, reference};
use dice::Dice;
use history::{Beginning, History};
use model::{AppError, accounts::parse_password};
pub use people::{PEOPLE, new_password};

/// How much to load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// Each has five locations on average.
    pub merchants: usize,
    pub offers: usize,
    pub seed: u64,
}

impl Default for Scale {
    fn default() -> Self {
        Self { merchants: 2_000, offers: 5_000, seed: 1 }
    }
}

/// So many offers come about by the use cases, with all that people do to them. More are loaded at once.
const BY_USE_CASES: usize = 500;
/// More offers than that need so many merchants: some for them, the others for those of the use cases.
const LEAST_MERCHANTS: usize = 100;

impl Scale {
    /// As many merchants as suit so many offers, with ten offers each where there are many.
    pub fn merchants_for(offers: usize) -> usize {
        (offers / 10).clamp(Self::default().merchants, 100_000)
    }
}

/// How far the loading has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Steps of the demo's history, merchants, locations and offers taken together.
    pub done: usize,
    pub total: usize,
}

/// What was loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loaded {
    pub merchants: usize,
    pub locations: usize,
    pub offers: usize,
}

/// Why the demo was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("The data base already holds {0}; the demo is loaded into an empty one only.")]
    NotEmpty(String),
    #[error("Somebody else is loading the demo into this data base.")]
    Busy,
    #[error(
        "More than {BY_USE_CASES} offers need at least {LEAST_MERCHANTS} merchants; ask for more merchants or for fewer offers."
    )]
    TooFewMerchants,
    #[error(transparent)]
    App(#[from] AppError),
}

/// Loads the demo into an empty data base, whole or not at all, with one password for its accounts.
pub async fn load(
    db: &Db,
    scale: Scale,
    password: &str,
    progress: impl FnMut(Progress),
) -> std::result::Result<Loaded, DemoError> {
    load_after(db, scale, BY_USE_CASES, password, progress).await
}

/// The first offers come about by the use cases, the others are loaded at once.
async fn load_after(
    db: &Db,
    scale: Scale,
    by_use_cases: usize,
    password: &str,
    mut progress: impl FnMut(Progress),
) -> std::result::Result<Loaded, DemoError> {
    parse_password(password, password).map_err(AppError::from)?;
    if scale.offers > by_use_cases && scale.merchants < LEAST_MERCHANTS {
        return Err(DemoError::TooFewMerchants);
    }
    let caller = || Caller::local(Actor::CommandLine);
    db.read(caller(), async |op| match store::holdings(op.conn()).await?.as_slice() {
        [] => store::sweep(op.conn()).await,
        _ => Ok(()),
    })
    .await?;
    db.write(caller(), async |op| {
        if let Some(refusal) = refusal(op).await? {
            return Ok(Err(refusal));
        }
        reference::load_missing(op).await?;
        let now = op.now;
        let mut dice = Dice(scale.seed);
        let mut shops = shops::shops(&mut dice, scale.merchants, now.date_naive());
        let (merchants, locations) = (shops.len(), shops.iter().map(|shop| shop.sites.len()).sum());
        let at_once = scale.offers > by_use_cases;
        // As many shops for the offers of the use cases as a demo of the usual size has.
        let Scale { merchants: usual_shops, offers: usual_offers, .. } = Scale::default();
        let by_use_cases_shops = (by_use_cases * usual_shops / usual_offers).min(shops.len() / 2);
        let rest = if at_once { shops.split_off(by_use_cases_shops) } else { Vec::new() };
        let deals = deals::deals(&mut dice, &shops, scale.offers.min(by_use_cases), now);
        let beginning = Beginning::make(op, password).await?;
        let (left, mut offers) = (if rest.is_empty() { 0 } else { scale.offers - deals.len() }, deals.len());
        let (begun, mut steps) = (bulk::weight(&rest, left), 0);
        History::new(op, &beginning, &shops, &deals)
            .happen(|Progress { done, total }| {
                steps = total;
                progress(Progress { done, total: total + begun });
            })
            .await?;
        if !rest.is_empty() {
            let asked = bulk::Asked { shops: rest, offers: left, seed: dice.seed() };
            bulk::load(op, beginning, asked, |done| progress(Progress { done: steps + done, total: steps + begun })).await?;
            offers += left;
        }
        offers::have_followed_locations(op).await?;
        store::refresh_statistics(op.conn()).await?;
        Ok(Ok(Loaded { merchants, locations, offers }))
    })
    .await?
}

async fn refusal(op: &mut Op) -> Result<Option<DemoError>> {
    if !store::be_alone(op.conn()).await? {
        return Ok(Some(DemoError::Busy));
    }
    let holdings = store::holdings(op.conn()).await?;
    Ok(match holdings.as_slice() {
        [] => None,
        [one] => Some(DemoError::NotEmpty(one.clone())),
        [several @ .., last] => Some(DemoError::NotEmpty(format!("{} and {last}", several.join(", ")))),
    })
}
