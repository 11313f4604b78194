//! Files that are too large for the data base, in a folder or in a bucket of an S3 service.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path as FilePath;
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};

/// Why a store does not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    #[error("there is no such store: {0}")]
    Open(String),
    #[error("the store failed: {0}")]
    Store(#[from] object_store::Error),
}

/// Where files are kept; clones share it.
#[derive(Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    root: Path,
}

impl fmt::Debug for Blobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blobs({}/{})", self.store, self.root)
    }
}

/// A file in the store, to be read on as it is sent.
pub struct Blob {
    pub length: u64,
    pub content: BoxStream<'static, Result<Bytes, object_store::Error>>,
}

impl Blobs {
    /// A folder. It need not be there: it is made with the first file.
    pub fn in_folder(folder: &FilePath) -> Result<Blobs, BlobError> {
        let folder = std::path::absolute(folder).map_err(|error| BlobError::Open(error.to_string()))?;
        let root = Path::from_absolute_path(&folder).map_err(|error| BlobError::Open(error.to_string()))?;
        // The row that speaks of a file must not outlive it when the power fails.
        Ok(Blobs { store: Arc::new(LocalFileSystem::new().with_fsync(true)), root })
    }

    /// `s3://bucket/prefix`; who we are, and where the service is, is read from the usual `AWS_*` variables.
    pub fn in_bucket(url: &str) -> Result<Blobs, BlobError> {
        crate::crypto::choose();
        let prefix = url.strip_prefix("s3://").and_then(|rest| rest.split_once('/')).map_or("", |(_, prefix)| prefix);
        let root = Path::parse(prefix.trim_end_matches('/')).map_err(|error| BlobError::Open(error.to_string()))?;
        let store = AmazonS3Builder::from_env().with_url(url).build()?;
        Ok(Blobs { store: Arc::new(store), root })
    }

    /// Keeps a file under `folder/name`, in place of one that is there.
    pub async fn put(&self, folder: &str, name: &str, content: Vec<u8>) -> Result<(), BlobError> {
        self.store.put(&self.path(folder, name), content.into()).await?;
        Ok(())
    }

    /// The file, or none if it is not there.
    pub async fn get(&self, folder: &str, name: &str) -> Result<Option<Blob>, BlobError> {
        match self.store.get(&self.path(folder, name)).await {
            Ok(found) => Ok(Some(Blob { length: found.meta.size, content: found.into_stream() })),
            Err(error) => none(error),
        }
    }

    /// How long the file is, or none if it is not there.
    pub async fn length(&self, folder: &str, name: &str) -> Result<Option<u64>, BlobError> {
        match self.store.head(&self.path(folder, name)).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(error) => none(error),
        }
    }

    /// The folders there are whose files were all written before a moment.
    pub async fn folders_from_before(&self, moment: DateTime<Utc>) -> Result<Vec<String>, BlobError> {
        let (mut old, mut new) = (BTreeSet::new(), BTreeSet::new());
        let mut files = self.store.list(Some(&self.root));
        while let Some(file) = files.try_next().await? {
            let Some(mut parts) = file.location.prefix_match(&self.root) else { continue };
            let (Some(folder), Some(_)) = (parts.next(), parts.next()) else { continue };
            let folder = folder.as_ref().to_owned();
            if file.last_modified < moment {
                old.insert(folder)
            } else {
                new.insert(folder)
            };
        }
        Ok(old.difference(&new).cloned().collect())
    }

    /// Deletes a folder with its files unless one of them was written since a moment; says whether it did.
    pub async fn delete_folder_from_before(&self, folder: &str, moment: DateTime<Utc>) -> Result<bool, BlobError> {
        let files: Vec<_> = self.store.list(Some(&self.root.clone().join(folder))).try_collect().await?;
        if files.iter().any(|file| file.last_modified >= moment) {
            return Ok(false);
        }
        let files = stream::iter(files).map(|file| Ok(file.location));
        self.store.delete_stream(files.boxed()).try_for_each(|_| async { Ok(()) }).await?;
        Ok(true)
    }

    fn path(&self, folder: &str, name: &str) -> Path {
        self.root.clone().join(folder).join(name)
    }
}

fn none<T>(error: object_store::Error) -> Result<Option<T>, BlobError> {
    match error {
        object_store::Error::NotFound { .. } => Ok(None),
        other => Err(other.into()),
    }
}

#[cfg(test)]
mod tests;
