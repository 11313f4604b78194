//! Holds the structure that no compiler holds: the order of the modules, and that each table has one writer.
//!
//! Both tests read the sources of this crate.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// The modules in the order of `lib.rs`.
fn order() -> Vec<String> {
    let lib = fs::read_to_string(root().join("lib.rs")).unwrap();
    lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';').map(str::to_owned)).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The sources of a module, tests left out, comments taken out.
fn sources(module: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(module)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if name == "tests" {
                continue;
            } else if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                // What follows `mod tests {` in a file is a test as well.
                let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
                let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
                found.push((path, code.join("\n")));
            }
        }
    }
    found
}

/// Names that follow `crate::`, alone or in braces.
fn crate_names(code: &str) -> BTreeSet<String> {
    let word = |text: &str| text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => _ = names.insert(word(rest)),
            Some(list) => {
                let (mut depth, mut part) = (0, String::new());
                for c in list.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => _ = names.insert(word(&std::mem::take(&mut part))),
                        c if depth == 0 => part.push(c),
                        _ => {}
                    }
                }
                names.insert(word(&part));
            }
        }
    }
    names
}

/// Tables that a text of SQL writes.
fn written(code: &str, tables: &BTreeSet<String>) -> BTreeSet<String> {
    let mut written = BTreeSet::new();
    let lower = code.to_lowercase();
    for verb in ["insert into ", "update ", "delete from ", "truncate ", "copy "] {
        for (at, _) in lower.match_indices(verb) {
            let name: String = lower[at + verb.len()..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if tables.contains(&name) {
                written.insert(name);
            }
        }
    }
    written
}

/// Every table that a migration makes.
fn tables() -> BTreeSet<String> {
    let folder = root().join("../../../migrations");
    let mut tables = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let sql = fs::read_to_string(entry.unwrap().path()).unwrap();
        let names =
            sql.lines().filter_map(|line| line.strip_prefix("create table ")).map(|rest| rest.split([' ', '(']).next().unwrap());
        tables.extend(names.map(str::to_owned));
    }
    tables
}

#[test]
fn modules_call_only_modules_above_them() {
    let order = order();
    assert!(order.len() > 5, "the list in lib.rs was not found: {order:?}");
    let mut wrong = Vec::new();
    for (place, module) in order.iter().enumerate() {
        for (path, code) in sources(module) {
            let called = crate_names(&code);
            let below = order[place + 1..].iter().filter(|later| called.contains(*later));
            wrong.extend(below.map(|later| format!("{} uses {later}", path.display())));
        }
    }
    assert!(wrong.is_empty(), "a module calls one below it in lib.rs:\n{}", wrong.join("\n"));
}

#[test]
fn every_table_is_written_by_one_module() {
    let tables = tables();
    let mut writers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for module in order() {
        for (_, code) in sources(&module) {
            for table in written(&code, &tables) {
                writers.entry(table).or_default().insert(module.clone());
            }
        }
    }
    let shared: Vec<_> = writers.iter().filter(|(_, modules)| modules.len() > 1).collect();
    assert!(shared.is_empty(), "tables with several writers: {shared:?}");
    // Tables that nobody writes yet, or that the kit writes.
    let nobody: Vec<_> = tables.iter().filter(|t| !writers.contains_key(*t)).map(String::as_str).collect();
    let kept_by_triggers = ["catalogue_changes", "catalogue_versions"];
    let nobody: Vec<_> = nobody.into_iter().filter(|table| !kept_by_triggers.contains(table)).collect();
    assert_eq!(nobody, ["audit_log_rest", "clients", "outbox_rest"], "tables without a writer");
}

#[test]
fn sql_stands_only_in_stores() {
    let mut wrong = Vec::new();
    for module in order() {
        for (path, code) in sources(&module) {
            let in_store = path.components().any(|part| part.as_os_str() == "store" || part.as_os_str() == "store.rs");
            if !in_store && (code.contains("sqlx::query") || code.contains("QueryBuilder::new")) {
                wrong.push(path);
            }
        }
    }
    assert!(wrong.is_empty(), "SQL outside of a store: {wrong:?}");
}
