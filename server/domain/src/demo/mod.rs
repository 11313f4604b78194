//! The demo: merchants, locations and offers to look at and to try things on, made out of real names and places.
//!
//! Owns no table: everything goes through the use cases of the other modules, in the hands of the demo's staff, so that history,
//! audit log and approvals are what they would be. What a seed gives is the same for ever, but for ids and for times, which are
//! told back from now.

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

use crate::{Actor, Caller, Db, Op, Result, reference};
use dice::Dice;
use history::History;
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
    #[error(transparent)]
    App(#[from] AppError),
}

/// Loads the demo into an empty data base, whole or not at all, with one password for its accounts.
pub async fn load(
    db: &Db,
    scale: Scale,
    password: &str,
    mut progress: impl FnMut(Progress),
) -> std::result::Result<Loaded, DemoError> {
    parse_password(password, password).map_err(AppError::from)?;
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
        let mut dice = Dice(scale.seed);
        let shops = shops::shops(&mut dice, scale.merchants, op.now.date_naive());
        let deals = deals::deals(&mut dice, &shops, scale.offers, op.now);
        let loaded =
            Loaded { merchants: shops.len(), locations: shops.iter().map(|shop| shop.sites.len()).sum(), offers: deals.len() };
        History::begin(op, &shops, &deals, password).await?.happen(&mut progress).await?;
        Ok(Ok(loaded))
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
