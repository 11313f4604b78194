//! `tessera mail`: whether the settings for mail are right.

use clap::Subcommand;
use domain::mail::{deliver_now, letters};

use super::Failure;
use crate::config::Settings;

/// What can be done about mail from a shell.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Send a test mail at once, and say what the mail server answers
    Test {
        /// Address to send it to
        address: String,
    },
}

/// Sends the test mail past data base and queue: it is the settings that are tried.
pub async fn try_out(settings: &Settings, Command::Test { address }: Command) -> Result<(), Failure> {
    let mailer = settings.mailer()?.ok_or("No mail server is set: set TESSERA_SMTP_URL (--smtp-url) and TESSERA_MAIL_FROM.")?;
    deliver_now(&mailer, &settings.desk_url(), &letters::test(&address)).await?;
    println!("The mail server took a mail to {address}.");
    Ok(())
}
