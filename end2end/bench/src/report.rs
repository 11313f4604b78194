//! The report: one table, with each aim beside its figure.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::browser::FirstLoad;
use crate::load::Measured;
use crate::program::Memory;

/// What a figure is to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    None,
    /// At least half as many requests a second as the bare route.
    HalfOfBare,
    /// 99 of a hundred within 30 ms.
    StaffList,
}

const STAFF_LIST: Duration = Duration::from_millis(30);
const MEMORY: u64 = 150_000_000;
const READY: Duration = Duration::from_secs(1);
/// Bytes of a first load, by what its name begins with.
const FIRST_LOADS: [(&str, u64); 2] = [("Member home", 110_000), ("Desk", 230_000)];

/// Parts of the time of one page, each measured with one connection.
pub struct Parts {
    pub page: Duration,
    /// An answer without a page: HTTP and the layers that every request passes.
    pub http: Duration,
    pub fixed: Duration,
    /// The page's statements alone; none without pgbench.
    pub query: Option<Duration>,
}

/// A figure that is no rate.
struct Figure {
    name: String,
    value: String,
    aim: String,
    met: Option<bool>,
    number: f64,
}

pub struct Report {
    offers: u32,
    seconds: u64,
    rates: Vec<(String, Measured, Aim)>,
    figures: Vec<Figure>,
    remarks: Vec<String>,
    bare: f64,
}

impl Report {
    pub fn new(offers: u32, seconds: u64) -> Report {
        Report { offers, seconds, rates: Vec::new(), figures: Vec::new(), remarks: Vec::new(), bare: 0.0 }
    }

    pub fn add(&mut self, name: &str, measured: Measured, aim: Aim) {
        println!("{name}: {:.0}/s, p99 {}", measured.per_second, millis(measured.p99));
        if let Some(failure) = &measured.first_failure {
            self.remarks.push(format!("{name}, first failure: {failure}"));
        }
        self.rates.push((name.to_owned(), measured, aim));
    }

    /// The rate that others are compared with.
    pub fn bare(&mut self, measured: Measured) -> f64 {
        self.bare = measured.per_second;
        self.add("Bare axum and sqlx, the same 24 rows as JSON", measured, Aim::None);
        self.bare
    }

    pub fn beside(&mut self, name: &str, measured: Measured) {
        self.add(name, measured, Aim::None);
    }

    pub fn pgbench(&mut self, measured: Result<Measured>) {
        match measured {
            Ok(measured) => self.add("pgbench, the same statement, prepared", measured, Aim::None),
            Err(error) => self.remarks.push(format!("pgbench was not measured: {error:#}")),
        }
    }

    fn figure(&mut self, name: &str, value: String, number: f64, aim: (&str, Option<bool>)) {
        println!("{name}: {value}");
        self.figures.push(Figure { name: name.to_owned(), value, number, aim: aim.0.to_owned(), met: aim.1 });
    }

    pub fn ready(&mut self, time: Duration) {
        let aim = ("at most 1 s", Some(time <= READY));
        self.figure("From start to ready, on the existing data folder, Postgres included", millis(time), time.as_secs_f64(), aim);
    }

    pub fn visible(&mut self, seen: usize, of: usize) {
        let value = format!("{seen} of {of}");
        self.figure("Published and seen at the next request", value, seen as f64, ("all", Some(seen == of)));
    }

    pub fn memory(&mut self, memory: Memory) {
        let aim = ("at most 150 MB", Some(memory.peak <= MEMORY));
        let value = format!("{:.1} MB, at the end {:.1} MB", memory.peak as f64 / 1e6, memory.now as f64 / 1e6);
        self.figure("Most memory of the server under all of this load", value, memory.peak as f64, aim);
    }

    pub fn first_load(&mut self, loads: Result<Vec<FirstLoad>>) {
        match loads {
            Ok(loads) => loads.into_iter().for_each(|load| self.one_first_load(load)),
            Err(error) => self.remarks.push(format!("First loads were not counted: {error:#}")),
        }
    }

    fn one_first_load(&mut self, load: FirstLoad) {
        let most = FIRST_LOADS.iter().find(|(name, _)| load.name.starts_with(name)).map(|(_, most)| *most);
        let aim = most.map_or_else(String::new, |most| format!("at most {} KB", most / 1000));
        let kb = |bytes: u64| bytes as f64 / 1e3;
        let value = format!("{:.1} KB in {} files, the document {:.1} KB", kb(load.bytes), load.files, kb(load.document));
        let met = most.map(|most| load.bytes <= most);
        self.figure(&format!("First load without pictures: {}", load.name), value, load.bytes as f64, (&aim, met));
    }

    pub fn where_time_goes(&mut self, parts: Parts) {
        let Parts { page, http, fixed, query } = parts;
        let render = fixed.saturating_sub(http);
        let mut text = format!(
            "One page of 24, rendered anew, one connection: {} in all; HTTP and layers {} (an answer of one line), rendering {} (the \
             page with fixed data, less that)",
            millis(page),
            millis(http),
            millis(render)
        );
        match query {
            Some(query) => {
                let rest = page.saturating_sub(http + render + query);
                text += &format!(", its two statements {} (pgbench), the rest {}.", millis(query), millis(rest));
            }
            None => text += ", statements and the rest not told apart without pgbench.",
        }
        self.remarks.push(text);
    }

    fn aim(&self, measured: &Measured, aim: Aim) -> (&'static str, Option<bool>) {
        match aim {
            Aim::None => ("", None),
            Aim::HalfOfBare => ("half of bare", Some(measured.per_second * 2.0 >= self.bare && measured.failures == 0)),
            Aim::StaffList => ("p99 at most 30 ms", Some(measured.p99 <= STAFF_LIST && measured.failures == 0)),
        }
    }

    /// The whole report as Markdown.
    pub fn table(&self) -> String {
        let mut text = format!("# {} offers\n\n", self.offers);
        text += "| measure | requests/s | p50 | p99 | of bare | failures | aim | |\n|---|--:|--:|--:|--:|--:|---|---|\n";
        for (name, measured, aim) in &self.rates {
            let (aim, met) = self.aim(measured, *aim);
            text += &format!(
                "| {name} | {:.0} | {} | {} | {:.2} | {} | {aim} | {} |\n",
                measured.per_second,
                millis(measured.p50),
                millis(measured.p99),
                measured.per_second / self.bare,
                measured.failures,
                word(met)
            );
        }
        text += "\n| figure | | aim | |\n|---|---|---|---|\n";
        for Figure { name, value, aim, met, .. } in &self.figures {
            text += &format!("| {name} | {value} | {aim} | {} |\n", word(*met));
        }
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        text += &format!(
            "\n{} connections in a closed loop if not said otherwise, {} s each after a fifth of that to warm up. The load, the server and Postgres share \
             the {cores} cores of one machine, so each figure is lower than the server's own. A wrong status or text is a failure.\n",
            crate::CONNECTIONS,
            self.seconds
        );
        for remark in &self.remarks {
            text += &format!("\n{remark}\n");
        }
        text
    }

    fn json(&self) -> Value {
        let rates = self.rates.iter().map(|(name, measured, aim)| {
            json!({
                "name": name, "requests": measured.requests, "per_second": measured.per_second,
                "p50_ms": measured.p50.as_secs_f64() * 1e3, "p99_ms": measured.p99.as_secs_f64() * 1e3,
                "of_bare": measured.per_second / self.bare, "largest_body": measured.bytes, "failures": measured.failures,
                "met": self.aim(measured, *aim).1,
            })
        });
        let figures = self.figures.iter().map(
            |Figure { name, value, aim, met, number }| json!({ "name": name, "value": value, "number": number, "aim": aim, "met": met }),
        );
        json!({
            "offers": self.offers, "seconds": self.seconds, "connections": crate::CONNECTIONS,
            "rates": rates.collect::<Vec<_>>(), "figures": figures.collect::<Vec<_>>(), "remarks": self.remarks,
        })
    }

    pub fn write(&self, folder: &Path) -> Result<()> {
        let name = format!("bench-{}", self.offers);
        std::fs::write(folder.join(format!("{name}.md")), self.table()).context("cannot write the table")?;
        std::fs::write(folder.join(format!("{name}.json")), serde_json::to_string_pretty(&self.json())?)
            .context("cannot write the figures")
    }
}

fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

fn word(met: Option<bool>) -> &'static str {
    match met {
        Some(true) => "met",
        Some(false) => "**missed**",
        None => "",
    }
}
