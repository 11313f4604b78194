//! `tessera config`.

use super::Failure;
use crate::config::Settings;

/// Prints the settings in force, one a line.
pub fn print(settings: &Settings) -> Result<(), Failure> {
    for (name, value) in settings.rows() {
        println!("{name}={value}");
    }
    Ok(())
}
