//! Counts tests in what the programs that run them print.

use anyhow::{Context, Result};

/// How many checks and tests passed, and how many failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
}

impl Tally {
    pub fn add(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// Reads a line of cargo's such as `test result: ok. 5 passed; 0 failed; 0 ignored; ..`.
    pub fn of_cargo_line(line: &str) -> Option<Tally> {
        let counts = line.split("test result:").nth(1)?;
        let count = |word: &str| -> Option<u64> {
            let before = counts.split(word).next()?;
            before.trim_end().rsplit(' ').next()?.parse().ok()
        };
        Some(Tally { passed: count(" passed")?, failed: count(" failed")? })
    }

    /// Reads Playwright's report. A test that passed at the second try only has failed.
    pub fn of_playwright(report: &str) -> Result<Tally> {
        let report: serde_json::Value = serde_json::from_str(report).context("cannot read the report of the journeys")?;
        let count = |name: &str| {
            report["stats"][name].as_u64().with_context(|| format!("the report of the journeys has no count of {name}"))
        };
        Ok(Tally { passed: count("expected")?, failed: count("unexpected")? + count("flaky")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_lines_are_counted() {
        assert_eq!(
            Tally::of_cargo_line(
                "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s"
            ),
            Some(Tally { passed: 12, failed: 0 })
        );
        assert_eq!(
            Tally::of_cargo_line("test result: \u{1b}[31mFAILED\u{1b}(B\u{1b}[m. 3 passed; 2 failed; 0 ignored"),
            Some(Tally { passed: 3, failed: 2 })
        );
        assert_eq!(Tally::of_cargo_line("test a_result ... ok"), None);
    }

    #[test]
    fn playwrights_report_is_counted_and_a_flaky_test_has_failed() {
        let report = r#"{"stats":{"expected":7,"skipped":1,"unexpected":2,"flaky":1}}"#;
        assert_eq!(Tally::of_playwright(report).expect("a report"), Tally { passed: 7, failed: 3 });
        assert!(Tally::of_playwright("{}").is_err());
    }
}
