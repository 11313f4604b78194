//! `tessera migrate`.

use super::{Failure, Start};
use crate::config::Settings;

/// Brings the data base up to date, which every start does, and stops.
pub async fn migrate(settings: Settings) -> Result<(), Failure> {
    let start = Start::begin(settings).await?;
    start.end().await?;
    println!("The data base is up to date.");
    Ok(())
}
