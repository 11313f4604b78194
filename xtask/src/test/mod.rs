//! Checks and tests everything, stage by stage, and counts.

mod stages;
mod tally;

use std::cell::OnceCell;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::children;
use crate::cluster::Throwaway;
use crate::prerequisites::{self, For};
use crate::project::{Project, headline};

use tally::Tally;

/// A part of the work that can be asked for alone.
struct Stage {
    name: &'static str,
    run: fn(&mut Run) -> Result<()>,
}

/// In the order in which faults are cheap to find.
const STAGES: [Stage; 8] = [
    Stage { name: "format", run: stages::format },
    Stage { name: "sqlx", run: stages::statements },
    Stage { name: "clippy", run: stages::clippy },
    Stage { name: "rust", run: stages::rust },
    Stage { name: "wasm", run: stages::wasm },
    Stage { name: "style", run: stages::style },
    Stage { name: "islands", run: stages::islands },
    Stage { name: JOURNEYS, run: stages::journeys },
];
const JOURNEYS: &str = "journeys";

/// What one call shares between its stages.
struct Run<'a> {
    project: &'a Project,
    /// Started when a stage first needs it, and stopped at the end.
    cluster: OnceCell<Throwaway>,
    tally: Tally,
}

impl Run<'_> {
    /// The one Postgres of this call.
    fn cluster(&self) -> Result<&Throwaway> {
        if let Some(cluster) = self.cluster.get() {
            return Ok(cluster);
        }
        let started = Throwaway::start(self.project)?;
        Ok(self.cluster.get_or_init(|| started))
    }

    /// Counts one check and shows why it fails; the next one is made in any case.
    fn check(&mut self, name: &str, check: impl FnOnce(&Self) -> Result<()>) -> Result<()> {
        println!("-- {name}");
        match check(self) {
            Ok(()) => self.tally.passed += 1,
            Err(error) => {
                children::go_on()?;
                self.fail(&format!("{name}: {error:#}"));
            }
        }
        Ok(())
    }

    fn fail(&mut self, reason: &str) {
        eprintln!("FAILED {reason}");
        self.tally.failed += 1;
    }
}

/// What became of one stage.
struct Outcome {
    name: &'static str,
    took: Duration,
    tally: Tally,
}

/// Runs the named stages, or all. The last line counts what passed and what failed.
pub fn test(project: &Project, names: &[String]) -> Result<ExitCode> {
    let stages = choose(names)?;
    let mut outcomes = Vec::new();
    headline("prerequisites");
    let begun = Instant::now();
    let browser = stages.iter().any(|stage| stage.name == JOURNEYS);
    let met = prerequisites::check(project, For::Test { browser });
    let mut tally = Tally::default();
    if let Err(error) = &met {
        children::go_on()?;
        eprintln!("FAILED prerequisites: {error:#}");
        tally.failed = 1;
    }
    outcomes.push(Outcome { name: "prerequisites", took: begun.elapsed(), tally });
    if met.is_ok() {
        run_stages(project, &stages, &mut outcomes)?;
    }
    Ok(report(&outcomes))
}

fn choose(names: &[String]) -> Result<Vec<&'static Stage>> {
    for name in names {
        if !STAGES.iter().any(|stage| stage.name == name) {
            let known: Vec<_> = STAGES.iter().map(|stage| stage.name).collect();
            bail!("there is no stage `{name}`; there are {}", known.join(", "));
        }
    }
    Ok(STAGES.iter().filter(|stage| names.is_empty() || names.iter().any(|name| name == stage.name)).collect())
}

fn run_stages(project: &Project, stages: &[&Stage], outcomes: &mut Vec<Outcome>) -> Result<()> {
    let mut run = Run { project, cluster: OnceCell::new(), tally: Tally::default() };
    for stage in stages {
        headline(stage.name);
        let begun = Instant::now();
        if let Err(error) = (stage.run)(&mut run) {
            children::go_on()?;
            run.fail(&format!("{}: {error:#}", stage.name));
        }
        let outcome = Outcome { name: stage.name, took: begun.elapsed(), tally: std::mem::take(&mut run.tally) };
        println!("-- {} took {:.1} s", outcome.name, outcome.took.as_secs_f64());
        outcomes.push(outcome);
    }
    Ok(())
}

fn report(outcomes: &[Outcome]) -> ExitCode {
    headline("summary");
    println!("{:>9}  {:>7}  {:>7}  stage", "seconds", "passed", "failed");
    let mut sum = Tally::default();
    for outcome in outcomes {
        println!(
            "{:>9.1}  {:>7}  {:>7}  {}",
            outcome.took.as_secs_f64(),
            outcome.tally.passed,
            outcome.tally.failed,
            outcome.name
        );
        sum.add(outcome.tally);
    }
    println!("{} passed, {} failed", sum.passed, sum.failed);
    if sum.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_stages_run_in_their_own_order_and_unknown_ones_are_refused() {
        let named = |names: &[&str]| -> Result<Vec<&str>> {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            Ok(choose(&names)?.iter().map(|stage| stage.name).collect())
        };
        assert_eq!(named(&["wasm", "format"]).expect("known"), ["format", "wasm"]);
        assert_eq!(named(&[]).expect("all").len(), STAGES.len());
        assert!(named(&["fromat"]).is_err());
    }
}
