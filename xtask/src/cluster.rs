//! The private Postgres of one call of this program, thrown away at its end.

use std::os::unix::fs::PermissionsExt;

use anyhow::{Context, Result};
use kit::cluster::{Cluster, ClusterOptions};

use crate::project::Project;

/// A Postgres whose data nobody wants. It stops and its folder goes when this is dropped.
pub struct Throwaway {
    // Dropped in this order: Postgres stops before its folder goes.
    cluster: Cluster,
    _folder: tempfile::TempDir,
}

impl Throwaway {
    pub fn start(project: &Project) -> Result<Throwaway> {
        let folder = tempfile::Builder::new()
            .prefix("tessera-")
            // Postgres runs as another user when we are root, and has to pass.
            .permissions(std::fs::Permissions::from_mode(0o711))
            .tempdir()
            .context("cannot make a temporary folder")?;
        let cluster = ClusterOptions::new(folder.path())
            .extra_folders([project.tools()])
            .throw_away()
            .setting("max_connections", "200")
            .open()?;
        Ok(Throwaway { cluster, _folder: folder })
    }

    /// The URL of a data base, which is made if it is absent.
    pub fn url(&self, database: &str) -> Result<String> {
        Ok(self.cluster.url(database)?)
    }

    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }
}
