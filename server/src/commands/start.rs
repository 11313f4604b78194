//! The start that every command with a data base shares: settings, Postgres, pool, schema.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use domain::{Actor, Caller, Db, MIGRATIONS, jobs, journal, keys, reference};
use kit::blobs::{BlobError, Blobs};
use kit::cluster::{self, Cluster, ClusterError, ClusterOptions};
use kit::pool::{PoolError, PoolSettings};
use kit::queue::{Queue, QueueError};
use kit::seal::Key;
use kit::secret::Masked;
use kit::shutdown::Shutdown;
use sqlx::PgPool;
use sqlx::migrate::MigrateError;

use crate::config::Settings;
use crate::health;
use crate::jobs::crons;
use crate::pictures;

/// The data base of the private Postgres.
const DATABASE: &str = "tessera";
/// Only one process changes the schema at a time; any number that nothing else locks.
const MIGRATION_LOCK: i64 = 0x7465_7373_6572_6101;
/// The key for secrets in the data folder.
pub(super) const KEY_FILE: &str = "secret.key";
/// How often the private Postgres is looked after.
const WATCH: Duration = Duration::from_millis(250);
/// How often it is asked whether its log reaches the backups.
const WATCH_LOG: Duration = Duration::from_secs(60);

/// Everything a command needs, with the schema up to date.
pub struct Start {
    pub settings: Arc<Settings>,
    pub pool: PgPool,
    pub queue: Queue,
    /// The files of pictures.
    pub pictures: Blobs,
    /// What secrets in the data base are sealed under.
    pub key: Key,
    /// The share in the private Postgres, where that is used.
    cluster: Option<Arc<Cluster>>,
}

/// Why a command could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    #[error(transparent)]
    Pool(#[from] PoolError),
    #[error("TESSERA_PICTURES_URL: {0}.")]
    Pictures(#[from] BlobError),
    #[error("The data base was brought up to date by a newer version of tessera (step {0}): start that version.")]
    Newer(i64),
    #[error("The data base could not be brought up to date: {0}.")]
    Schema(String),
    #[error("{0}")]
    Settings(&'static str),
    #[error("The key for secrets in {file} cannot be used: {why}. Mend the file, or set TESSERA_SECRET_KEY.")]
    KeyFile { file: String, why: String },
    #[error(
        "The secrets of this data base are sealed under another key than {0}: start with the TESSERA_SECRET_KEY or the \
         secret.key that the other processes of this data base have."
    )]
    OtherKey(String),
}

impl Start {
    /// Starts or adopts the private Postgres unless there is a `DATABASE_URL`, connects, and brings the schema up to date.
    pub async fn begin(settings: Settings) -> Result<Start, StartError> {
        if let Some(why) = settings.contradiction() {
            return Err(StartError::Settings(why));
        }
        let pictures = pictures::open(&settings)?;
        let (url, cluster) = match &settings.database_url {
            Some(url) => (url.clone(), None),
            None => {
                let (url, cluster) = open_cluster(&settings).await?;
                (url, Some(Arc::new(cluster)))
            }
        };
        let database = PoolSettings {
            url,
            application: "tessera",
            connections: settings.pool_size,
            patience: settings.pool_timeout,
            statement_timeout: settings.statement_timeout,
        };
        let pool = database.connect().await?;
        let queue = Queue::new(pool.clone());
        bring_up_to_date(&database, &pool, &queue).await?;
        let key = key(&settings, &Db::new(pool.clone())).await?;
        Ok(Start { settings: Arc::new(settings), pool, queue, pictures, key, cluster })
    }

    /// Brings the private Postgres back whenever it is gone, until the word to stop.
    pub fn watch_cluster(&self, shutdown: &Shutdown) {
        let Some(cluster) = self.cluster.clone() else { return };
        tokio::spawn(watch_log(self.pool.clone(), shutdown.clone()));
        let shutdown = shutdown.clone();
        tokio::spawn(async move {
            while !shutdown.is_requested() {
                let cluster = cluster.clone();
                let looked = tokio::task::spawn_blocking(move || {
                    if cluster.is_running() {
                        return;
                    }
                    tracing::warn!("the private Postgres is gone");
                    match cluster.ensure_running() {
                        Ok(()) => tracing::info!("the private Postgres is back"),
                        Err(error) => tracing::error!(%error, "the private Postgres does not come back"),
                    }
                });
                tokio::select! {
                    _ = async { looked.await.ok(); tokio::time::sleep(WATCH).await } => {}
                    () = shutdown.requested() => {}
                }
            }
        });
    }

    /// Closes the pool and gives the share in the private Postgres back; the last one to do so stops it.
    pub async fn end(self) -> Result<(), StartError> {
        // Closing waits for connections in use; nobody who is still at work now is worth waiting for.
        let _ = tokio::time::timeout(Duration::from_secs(2), self.pool.close()).await;
        if let Some(cluster) = self.cluster {
            off_thread(move || match Arc::try_unwrap(cluster) {
                Ok(cluster) => cluster.close(),
                // Whoever still looks after it drops the last share within moments.
                Err(shared) => {
                    std::thread::sleep(2 * WATCH);
                    Arc::into_inner(shared).map_or(Ok(()), Cluster::close)
                }
            })
            .await?;
        }
        Ok(())
    }
}

/// Says so when the log does not reach the backups: Postgres keeps it and tries again, until its disk is full.
async fn watch_log(pool: PgPool, shutdown: Shutdown) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(WATCH_LOG) => {}
            () = shutdown.requested() => return,
        }
        if let Ok(Some(since)) = health::log_stuck_since(&pool).await {
            tracing::error!(%since, "the log of the data base does not reach the backups: postgres.log in the data folder says why");
        }
    }
}

/// The key for secrets: the one that is set, else the one in the data folder, which the first start makes. It must be the one
/// that this data base goes with.
async fn key(settings: &Settings, db: &Db) -> Result<Key, StartError> {
    let failed = |error: model::AppError| StartError::Schema(error.to_string());
    let server = || Caller::local(Actor::Server);
    let (key, name) = match &settings.secret_key {
        Some(key) => (key.clone(), "TESSERA_SECRET_KEY".to_owned()),
        None => {
            let folder = data_dir(settings)?;
            let (file, name) = (folder.join(KEY_FILE), folder.join(KEY_FILE).display().to_string());
            let unusable = |error: std::io::Error| StartError::KeyFile { file: name.clone(), why: error.to_string() };
            let key = match Key::read(&file).map_err(unusable)? {
                Some(key) => key,
                // A new key would open nothing of what others sealed.
                None if db.read(server(), async |op| keys::is_chosen(op).await).await.map_err(failed)? => {
                    return Err(StartError::OtherKey(format!("any here, since {name} is missing")));
                }
                None => {
                    let key = Key::random();
                    match key.write(&file) {
                        Ok(()) => key,
                        // Another process was first.
                        Err(error) => Key::read(&file).ok().flatten().ok_or_else(|| unusable(error))?,
                    }
                }
            };
            (key, name)
        }
    };
    match db.write(server(), async |op| keys::agree(op, &key).await).await.map_err(failed)? {
        true => Ok(key),
        false => Err(StartError::OtherKey(format!("the one in {name}"))),
    }
}

async fn open_cluster(settings: &Settings) -> Result<(Masked, Cluster), StartError> {
    let options = cluster_options(settings)?;
    off_thread(move || {
        let cluster = options.open()?;
        Ok((Masked::new(cluster.url(DATABASE)?), cluster))
    })
    .await
}

/// How the private Postgres is opened.
pub(super) fn cluster_options(settings: &Settings) -> Result<ClusterOptions, ClusterError> {
    let options = ClusterOptions::new(data_dir(settings)?).pg_bin(settings.pg_bin.clone());
    // Where the program cannot be told, the one stays in use that made the last backup.
    Ok(std::env::current_exe().map_or(options.clone(), |program| options.archiver(program)))
}

/// The folder of everything that this program keeps.
pub(super) fn data_dir(settings: &Settings) -> Result<PathBuf, ClusterError> {
    settings.data_dir.clone().map_or_else(cluster::default_data_dir, Ok)
}

/// Runs work that blocks; a panic in it goes on here.
async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> Result<T, ClusterError> + Send + 'static) -> Result<T, StartError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Ok(done?),
        Err(stopped) => std::panic::resume_unwind(stopped.into_panic()),
    }
}

/// Brings the schema up to date, and with it what must be there before anything is written.
async fn bring_up_to_date(database: &PoolSettings, pool: &PgPool, queue: &Queue) -> Result<(), StartError> {
    let failed = |error: &dyn std::error::Error| StartError::Schema(error.to_string());
    let mut connection = database.connect_for_maintenance().await?;
    sqlx::query("select pg_advisory_lock($1)").bind(MIGRATION_LOCK).execute(&mut connection).await.map_err(|e| failed(&e))?;
    let done = async {
        MIGRATIONS.run(&mut connection).await.map_err(|error| match error {
            MigrateError::VersionMissing(step) => StartError::Newer(step),
            other => failed(&other),
        })?;
        queue.install().await.map_err(|error: QueueError| failed(&error))?;
        let begin = async |op: &mut domain::Op| {
            journal::prepare_months(op).await?;
            jobs::register(op, &crons()).await?;
            reference::load_missing(op).await
        };
        Db::new(pool.clone()).write(Caller::local(Actor::Server), begin).await.map_err(|error| failed(&error))
    };
    let done = done.await;
    // The lock goes with the connection.
    let _ = sqlx::Connection::close(connection).await;
    done
}
