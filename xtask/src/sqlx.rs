//! Writes `.sqlx`, what the data base says about each statement in the code, and tells whether it is up to date. A build
//! reads it instead of a data base.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use crate::children;
use crate::cluster::Throwaway;
use crate::fingerprint::{self, Fingerprint};
use crate::project::{Project, headline};

/// Folders whose Rust code may hold checked statements.
const CODE: [&str; 2] = ["app", "server"];

/// Writes `.sqlx` anew.
pub fn prepare(project: &Project) -> Result<()> {
    crate::prerequisites::check(project, crate::prerequisites::For::Prepare)?;
    headline("statements");
    let cluster = Throwaway::start(project)?;
    let made = tempfile::tempdir().context("cannot make a temporary folder")?;
    let mut check = project.cargo();
    check.args(["check", "--all-targets"]).args(project.server_packages());
    let compiled = describe_statements(project, &cluster, made.path(), &mut check);
    children::go_on()?;

    let folder = project.root.join(".sqlx");
    let (new, old) = (statements(made.path())?, statements(&folder)?);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    for (name, text) in &new {
        if old.get(name) != Some(text) {
            fs::write(folder.join(name), text).with_context(|| format!("cannot write {name}"))?;
        }
    }
    compiled
        .with_context(|| format!("{} statements were written and none removed, since the code does not compile", new.len()))?;
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        fs::remove_file(folder.join(name)).with_context(|| format!("cannot remove {name}"))?;
    }
    println!("{} statements stand in .sqlx: commit it with the code.", new.len());
    Ok(())
}

/// Fails when `.sqlx` is not what [`prepare`] would write. `check` is a cargo command that compiles all of the server's
/// code without making programs of it.
pub fn check_fresh(project: &Project, cluster: &Throwaway, check: &mut Command) -> Result<()> {
    let mut fingerprint = Fingerprint::new();
    fingerprint
        .program()
        .file(&project.root.join("Cargo.lock"))
        .tree(&project.root.join("migrations"), &[])
        .tree(&project.root.join(".sqlx"), &[]);
    for code in CODE {
        fingerprint.tree(&project.root.join(code), &[".rs", ".toml"]);
    }
    let fingerprint = fingerprint.finish();
    let stamp = project.cache().join("sqlx.stamp");
    if fingerprint::is_stamped(&stamp, &fingerprint) {
        println!("Nothing has changed since .sqlx was last found up to date.");
        return Ok(());
    }
    let made = tempfile::tempdir().context("cannot make a temporary folder")?;
    describe_statements(project, cluster, made.path(), check)?;
    let (wanted, present) = (statements(made.path())?, statements(&project.root.join(".sqlx"))?);
    let stale = differences(&wanted, &present);
    if !stale.is_empty() {
        for line in &stale {
            println!("{line}");
        }
        bail!(".sqlx is stale: run `cargo xtask prepare` and commit what it writes");
    }
    println!("{} statements are up to date.", wanted.len());
    fingerprint::stamp(&stamp, &fingerprint)
}

/// Compiles the code against a data base with all migrations; its macros write a file for each statement into `folder`.
fn describe_statements(project: &Project, cluster: &Throwaway, folder: &Path, check: &mut Command) -> Result<()> {
    let url = cluster.url("statements")?;
    migrate(project, cluster, "statements")?;
    let _touched = Touched::touch(roots_with_statements(project)?)?;
    check.env("DATABASE_URL", url).env("SQLX_OFFLINE", "false").env("SQLX_OFFLINE_DIR", folder);
    children::run(check)
}

/// Applies the migrations in the order of their numbers, each file in one transaction.
fn migrate(project: &Project, cluster: &Throwaway, database: &str) -> Result<()> {
    let mut files: Vec<(u64, PathBuf)> = Vec::new();
    for file in fingerprint::files(&project.root.join("migrations"), &[".sql"]) {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let number = name
            .split('_')
            .next()
            .and_then(|number| number.parse().ok())
            .with_context(|| format!("the migration {name} does not begin with a number"))?;
        files.push((number, file));
    }
    files.sort();
    for (_, file) in files {
        let script = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        cluster.cluster().run_script(database, &script).with_context(|| format!("the migration {} fails", file.display()))?;
    }
    Ok(())
}

/// The roots of all crates, tests included, in which checked statements stand.
fn roots_with_statements(project: &Project) -> Result<Vec<PathBuf>> {
    let mut roots = Vec::new();
    for code in CODE {
        for file in fingerprint::files(&project.root.join(code), &[".rs"]) {
            let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
            if holds_statement(&text) {
                roots.extend(crate_roots(&file));
            }
        }
    }
    roots.sort();
    roots.dedup();
    Ok(roots)
}

fn holds_statement(text: &str) -> bool {
    ["", "_as", "_scalar", "_file", "_file_as", "_file_scalar"].iter().any(|kind| text.contains(&format!("query{kind}!(")))
}

/// The files from which the crates around a source file are compiled.
fn crate_roots(file: &Path) -> Vec<PathBuf> {
    let Some(package) = file.ancestors().find(|folder| folder.join("Cargo.toml").is_file()) else {
        return Vec::new();
    };
    let mut roots = vec![package.join("src/lib.rs"), package.join("src/main.rs")];
    for test in fs::read_dir(package.join("tests")).into_iter().flatten().flatten() {
        roots.push(test.path());
        roots.push(test.path().join("main.rs"));
    }
    roots.retain(|root| root.is_file());
    roots
}

/// Files that look changed for as long as this lives. Cargo does not know that the data base counts, so that it has to
/// be told to compile again; with the old time back, it does not do so for everything else that was built.
struct Touched(Vec<TouchedFile>);

struct TouchedFile {
    path: PathBuf,
    before: SystemTime,
    since: SystemTime,
}

impl Touched {
    #[expect(clippy::disallowed_methods, reason = "cargo compares the times of files with the machine's clock")]
    fn touch(files: Vec<PathBuf>) -> Result<Touched> {
        let mut touched = Touched(Vec::new());
        for path in files {
            let change = || -> std::io::Result<(SystemTime, SystemTime)> {
                let before = time_of(&path)?;
                set_time(&path, SystemTime::now())?;
                Ok((before, time_of(&path)?))
            };
            let (before, since) = change().with_context(|| format!("cannot touch {}", path.display()))?;
            touched.0.push(TouchedFile { path, before, since });
        }
        Ok(touched)
    }
}

impl Drop for Touched {
    fn drop(&mut self) {
        for file in &self.0 {
            // Somebody may have written it in between: then the new time is the right one.
            if time_of(&file.path).is_ok_and(|time| time == file.since) {
                // At worst cargo compiles something once more.
                let _ = set_time(&file.path, file.before);
            }
        }
    }
}

fn time_of(file: &Path) -> std::io::Result<SystemTime> {
    fs::metadata(file)?.modified()
}

fn set_time(file: &Path, time: SystemTime) -> std::io::Result<()> {
    File::options().append(true).open(file)?.set_modified(time)
}

/// The statements' files in a folder: name and content.
fn statements(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    for file in fingerprint::files(folder, &[".json"]) {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("query-") {
            let text = fs::read(&file).with_context(|| format!("cannot read {name}"))?;
            found.insert(name.into_owned(), text);
        }
    }
    Ok(found)
}

/// One line for each statement in which `present` is not `wanted`.
fn differences(wanted: &BTreeMap<String, Vec<u8>>, present: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, text) in wanted {
        match present.get(name) {
            None => lines.push(format!("missing from .sqlx: {}", excerpt(text))),
            Some(other) if other != text => {
                lines.push(format!("described anew by the data base: {}", excerpt(text)));
            }
            Some(_) => {}
        }
    }
    for (name, text) in present {
        if !wanted.contains_key(name) {
            lines.push(format!("no longer in the code: {}", excerpt(text)));
        }
    }
    lines
}

/// The beginning of a statement, on one line.
fn excerpt(file: &[u8]) -> String {
    let value: serde_json::Value = serde_json::from_slice(file).unwrap_or_default();
    let words: Vec<_> = value["query"].as_str().unwrap_or("an unreadable file").split_whitespace().collect();
    words.join(" ").chars().take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(query: &str) -> Vec<u8> {
        serde_json::json!({ "query": query }).to_string().into_bytes()
    }

    #[test]
    fn every_way_of_being_stale_is_named() {
        let wanted = BTreeMap::from([
            ("query-1.json".to_owned(), file("select 1")),
            ("query-2.json".to_owned(), file("select  2\n from b")),
        ]);
        assert!(differences(&wanted, &wanted).is_empty());
        let present =
            BTreeMap::from([("query-2.json".to_owned(), file("select 2 from c")), ("query-3.json".to_owned(), file("select 3"))]);
        assert_eq!(
            differences(&wanted, &present),
            [
                "missing from .sqlx: select 1",
                "described anew by the data base: select 2 from b",
                "no longer in the code: select 3",
            ]
        );
    }

    #[test]
    fn only_checked_statements_count() {
        assert!(holds_statement("sqlx::query_as!(Row, \"select\")"));
        assert!(holds_statement("query!(\n\"select\")"));
        assert!(!holds_statement("sqlx::query(\"select\")"));
    }

    #[test]
    fn a_touched_file_gets_its_time_back_unless_somebody_wrote_it() {
        let folder = tempfile::tempdir().expect("make a folder");
        let path = folder.path().join("lib.rs");
        fs::write(&path, "").expect("write");
        let at = |seconds| SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        let (old, edited) = (at(1_000_000_000), at(1_100_000_000));
        set_time(&path, old).expect("set");

        let touched = Touched::touch(vec![path.clone()]).expect("touch");
        assert!(time_of(&path).expect("time") > edited);
        drop(touched);
        assert_eq!(time_of(&path).expect("time"), old);

        let touched = Touched::touch(vec![path.clone()]).expect("touch");
        set_time(&path, edited).expect("set");
        drop(touched);
        assert_eq!(time_of(&path).expect("time"), edited);
    }
}
