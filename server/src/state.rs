//! What every door of the server shares.

use std::sync::Arc;

use api::server::Context;
use axum::extract::FromRef;
use domain::Db;
use kit::blobs::Blobs;
use kit::oidc::Provider;
use kit::queue::Queue;
use kit::seal::Key;
use leptos::config::LeptosOptions;
use sqlx::PgPool;

use crate::assets;
use crate::config::Settings;
use crate::page_cache::PageCache;

/// Made once at the start; clones share everything.
#[derive(Clone)]
pub struct AppState {
    pub settings: Arc<Settings>,
    pub pool: PgPool,
    pub queue: Queue,
    /// The files of pictures.
    pub pictures: Blobs,
    /// What pages and server functions reach.
    pub context: Context,
    /// None where every page is rendered anew.
    pub page_cache: Option<PageCache>,
    /// The provider through which staff sign in.
    pub provider: Option<Arc<Provider>>,
    pub leptos: LeptosOptions,
}

impl AppState {
    pub fn new(settings: Arc<Settings>, pool: PgPool, queue: Queue, pictures: Blobs, key: Key) -> AppState {
        let shared = api::server::Settings {
            public_url: settings.public_url(),
            desk_url: settings.desk_url(),
            alarms: crate::alarms::channels(&settings),
            sign_in: settings.sign_in_ways(),
        };
        let context = Context { db: Db::new(pool.clone()).with_key(key), settings: Arc::new(shared) };
        let page_cache = PageCache::new(context.db.clone(), settings.page_cache);
        let provider = settings.provider().map(|provider| Arc::new(Provider::new(provider)));
        let leptos = LeptosOptions::builder()
            .output_name("desk")
            // No such folder: Leptos would read the split manifest from it, which the shell provides from memory.
            .site_root("embedded")
            .site_pkg_dir(assets::folder())
            .site_addr(settings.listen)
            .build();
        AppState { settings, pool, queue, pictures, context, page_cache, provider, leptos }
    }
}

impl FromRef<AppState> for PgPool {
    fn from_ref(state: &AppState) -> PgPool {
        state.pool.clone()
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> LeptosOptions {
        state.leptos.clone()
    }
}
