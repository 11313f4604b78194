//! Checks of our own on the source: every class has a rule in the stylesheet, and islands stand only where they work.

mod classes;
mod css;

use std::fs;
use std::path::Path;
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use proc_macro2::{TokenStream, TokenTree};

use crate::fingerprint;
use crate::project::Project;

use classes::Source;

/// Where pages are written.
const PAGES: [&str; 2] = ["app", "server/src"];
/// Portals that the browser takes over whole: an island in one of them breaks the next navigation.
const WITHOUT_ISLANDS: [&str; 2] = ["app/desk", "app/merchant"];

/// Fails when a class in the code has no rule in the stylesheet: it is misspelled, or put together from pieces, which the
/// stylesheet's compiler does not find.
pub fn classes(project: &Project, stylesheet: &Path) -> Result<()> {
    let css = fs::read_to_string(stylesheet).with_context(|| format!("cannot read {}", stylesheet.display()))?;
    let rules = css::classes(&css);
    let mut sources = Vec::new();
    for folder in PAGES {
        sources.extend(read_sources(project, folder)?);
    }
    let faults = classes::faults(&sources, &rules);
    refuse(&faults)?;
    println!("Every class in the code has a rule.");
    Ok(())
}

/// Fails when an island stands in a portal that the browser takes over whole.
pub fn islands(project: &Project) -> Result<()> {
    let mut faults = Vec::new();
    for folder in WITHOUT_ISLANDS {
        for source in read_sources(project, folder)? {
            for line in island_lines(source.tokens) {
                faults.push(format!(
                    "{}:{line}: an island breaks the next navigation in a portal that the browser takes over whole",
                    source.name
                ));
            }
        }
    }
    refuse(&faults)?;
    println!("No island stands where it would break.");
    Ok(())
}

fn refuse(faults: &[String]) -> Result<()> {
    for fault in faults {
        println!("{fault}");
    }
    match faults.len() {
        0 => Ok(()),
        1 => bail!("there is one fault"),
        many => bail!("there are {many} faults"),
    }
}

fn read_sources(project: &Project, folder: &str) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for path in fingerprint::files(&project.root.join(folder), &[".rs"]) {
        let name = path.strip_prefix(&project.root).unwrap_or(&path).display().to_string();
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {name}"))?;
        let tokens = TokenStream::from_str(&text).map_err(|error| anyhow::anyhow!("{name} is no Rust code: {error}"))?;
        sources.push(Source { name, tokens });
    }
    Ok(sources)
}

/// The lines of `#[island]` and `#[leptos::island]`, with or without arguments.
fn island_lines(tokens: TokenStream) -> Vec<usize> {
    let mut lines = Vec::new();
    let mut after_hash = false;
    for token in tokens {
        if let TokenTree::Group(group) = &token {
            let is_island = after_hash
                && group
                    .stream()
                    .into_iter()
                    .take_while(|part| !matches!(part, TokenTree::Group(_)))
                    .filter_map(|part| match part {
                        TokenTree::Ident(ident) => Some(ident.to_string()),
                        _ => None,
                    })
                    .last()
                    .is_some_and(|name| name == "island");
            if is_island {
                lines.push(group.span_open().start().line);
            }
            lines.extend(island_lines(group.stream()));
        }
        after_hash = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#');
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(code: &str) -> Vec<usize> {
        island_lines(TokenStream::from_str(code).expect("Rust code"))
    }

    #[test]
    fn islands_are_found_wherever_they_stand() {
        let code = "#[island]\nfn A() {}\nmod inner {\n#[leptos::island(lazy)]\nfn B() {}\n}";
        assert_eq!(lines(code), [1, 4]);
    }

    #[test]
    fn components_and_other_mentions_are_none() {
        assert!(lines("#[component]\nfn A() { island(); let a = [island]; }").is_empty());
        assert!(lines("// #[island]\n#[doc = \"#[island]\"]\nfn A() {}").is_empty());
    }
}
