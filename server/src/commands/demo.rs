//! `tessera demo`: something to look at and to try things on.

use std::io::IsTerminal as _;

use clap::Args;
use domain::demo::{self, DemoError, Loaded, PEOPLE, Progress, Scale};
use domain::{Actor, Caller, Db, accounts};
use indicatif::{ProgressBar, ProgressStyle};
use model::AppError;
use model::access::Role;

use super::serve::stop_on_signals;
use super::{Failure, Start};
use crate::config::Settings;

/// How much to load, and what to do where there is something.
#[derive(Debug, Args)]
pub struct Demo {
    /// Merchants, with five locations each on average [default: one for ten offers, from 2000 to 100000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    merchants: Option<u32>,
    /// Offers of these merchants; all but the first hundreds are loaded at once
    #[arg(long, value_name = "N", default_value = "5000", value_parser = clap::value_parser!(u32).range(0..=10_000_000))]
    offers: u32,
    /// The same seed gives the same merchants and offers
    #[arg(long, value_name = "S", default_value = "1")]
    seed: u64,
    /// Password of all accounts [default: a random one, which is printed]
    #[arg(long, value_name = "P")]
    password: Option<String>,
    /// Do nothing if the data base holds something already, instead of failing
    #[arg(long)]
    if_empty: bool,
}

/// Loads the demo and prints who can sign in.
pub async fn load(settings: Settings, asked: Demo) -> Result<(), Failure> {
    let stop = stop_on_signals()?;
    let address = format!("{}/desk", settings.desk_url());
    let start = Start::begin(settings).await?;
    let db = Db::new(start.pool.clone());
    let password = asked.password.unwrap_or_else(demo::new_password);
    let offers = asked.offers as usize;
    let merchants = asked.merchants.map_or_else(|| Scale::merchants_for(offers), |merchants| merchants as usize);
    let scale = Scale { merchants, offers, seed: asked.seed };
    let outcome = tokio::select! {
        outcome = demo::load(&db, scale, &password, progress()) => Some(outcome),
        () = stop.requested() => None,
    };
    let people = people(&db).await;
    start.end().await?;
    match outcome {
        Some(Ok(loaded)) => tell(loaded, &address, &password),
        Some(Err(refusal @ DemoError::NotEmpty(_))) if asked.if_empty => tell_again(&refusal, &address, &people?),
        Some(Err(refusal)) => return Err(refusal.into()),
        None => return Err("The demo was stopped; nothing of it was kept.".into()),
    }
    Ok(())
}

/// Shows how far the demo has come: a bar on a terminal, elsewhere a line at each tenth.
fn progress() -> impl FnMut(Progress) {
    let bar = std::io::stderr().is_terminal().then(|| {
        let style = ProgressStyle::with_template("Loading the demo [{wide_bar}] {percent} %, {eta} left");
        ProgressBar::no_length().with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
    });
    let mut told = 0;
    move |Progress { done, total }| match &bar {
        Some(bar) if done == total => bar.finish_and_clear(),
        Some(bar) => {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
        }
        None => {
            let tenths = done * 10 / total.max(1);
            if tenths > told {
                told = tenths;
                eprintln!("Loading the demo: {tenths}0 %");
            }
        }
    }
}

/// The accounts of the demo that are there.
async fn people(db: &Db) -> Result<Vec<(Role, &'static str)>, AppError> {
    db.read(Caller::local(Actor::CommandLine), async |op| {
        let mut there = Vec::new();
        for (role, email) in PEOPLE {
            match accounts::find(op, email).await {
                Ok(_) => there.push((role, email)),
                Err(domain::Error::App(AppError::NotFound)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(there)
    })
    .await
}

fn tell(loaded: Loaded, address: &str, password: &str) {
    let Loaded { merchants, locations, offers } = loaded;
    println!("The demo is loaded: {merchants} merchants, {locations} locations, {offers} offers.");
    println!("Sign in at {address} with the password {password} as:");
    tell_people(&PEOPLE);
}

/// The password was told when the demo was loaded, and only its hash is kept.
fn tell_again(refusal: &DemoError, address: &str, people: &[(Role, &str)]) {
    println!("{refusal}");
    if !people.is_empty() {
        println!("Sign in at {address}, with the password that was told at first, as:");
        tell_people(people);
        println!("`tessera account password-link EMAIL` prints a link to set a new one.");
    }
}

fn tell_people(people: &[(Role, &str)]) {
    for (role, email) in people {
        println!("  {email:<24} {}", role.label());
    }
}

#[cfg(test)]
mod tests {
    /// The pictures of offers are made of their category's icon.
    #[test]
    fn every_category_of_the_beginning_has_an_icon_of_the_kit() {
        let table = include_str!("../../domain/src/reference/data/categories.tsv");
        let icons: Vec<&str> = table.lines().skip(1).filter_map(|line| line.split('\t').nth(3)).collect();
        assert_eq!(icons.len(), 90);
        for icon in icons {
            assert!(ui::Icon::named(icon).is_some(), "{icon}");
        }
    }
}
