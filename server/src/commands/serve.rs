//! `tessera serve`.

mod connections;

use std::net::SocketAddr;

use kit::shutdown::Shutdown;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use self::connections::Bounds;
use super::{Failure, Start};
use crate::config::Settings;
use crate::state::AppState;
use crate::{alarms, jobs, metrics, router};

/// Serves until it is told to stop, then lets requests and jobs in hand finish.
pub async fn serve(settings: Settings) -> Result<(), Failure> {
    let shutdown = stop_on_signals()?;
    // A taken address is told at once, not after the data base was started.
    let listener =
        TcpListener::bind(settings.listen).await.map_err(|error| cannot_listen("--listen", settings.listen, &error))?;
    let post = jobs::Post::of(&settings)?;
    let start = Start::begin(settings).await?;
    let served = serve_requests(&start, post, listener, &shutdown).await;
    shutdown.request();
    start.end().await?;
    tracing::info!("stopped");
    served
}

async fn serve_requests(start: &Start, post: jobs::Post, listener: TcpListener, shutdown: &Shutdown) -> Result<(), Failure> {
    start.watch_cluster(shutdown);
    listen_for_metrics(start, shutdown).await?;
    let worker = start_worker(start, post.clone(), shutdown);

    let state =
        AppState::new(start.settings.clone(), start.pool.clone(), start.queue.clone(), start.pictures.clone(), start.key.clone());
    let app = router::build(state);
    let watching = alarms::keep_watch(start, post, shutdown.clone());
    let serving = connections::serve(listener, app, Bounds::beside(start.settings.pool_size), shutdown);
    tracing::info!(address = %start.settings.listen, "listening");

    let out_of_patience = async {
        shutdown.requested().await;
        tokio::time::sleep(start.settings.shutdown_timeout).await;
    };
    tokio::select! {
        ((), ()) = async { tokio::join!(serving, watching) } => {}
        () = out_of_patience => tracing::warn!("requests in flight were cut off"),
    }
    if let Some(worker) = worker {
        worker.await??;
    }
    Ok(())
}

fn start_worker(
    start: &Start,
    post: jobs::Post,
    shutdown: &Shutdown,
) -> Option<tokio::task::JoinHandle<Result<(), kit::queue::QueueError>>> {
    if start.settings.no_worker {
        return None;
    }
    Some(tokio::spawn(jobs::run(start, post, shutdown.clone())))
}

/// Hears SIGTERM, Ctrl-C and the closing of the terminal. A second one ends the program at once.
pub(super) fn stop_on_signals() -> Result<Shutdown, Failure> {
    let shutdown = Shutdown::new();
    let said = shutdown.clone();
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
                _ = hangup.recv() => {}
            }
            if said.is_requested() {
                std::process::exit(130);
            }
            tracing::info!("stopping");
            said.request();
        }
    });
    Ok(shutdown)
}

/// Serves the metrics if they are wanted.
pub(super) async fn listen_for_metrics(start: &Start, shutdown: &Shutdown) -> Result<(), Failure> {
    let (Some(address), asked_for) = start.settings.metrics() else { return Ok(()) };
    match TcpListener::bind(address).await {
        Ok(listener) => metrics::serve(listener, start.pool.clone(), start.queue.clone(), shutdown.clone())?,
        Err(error) if asked_for => return Err(cannot_listen("--metrics-listen", address, &error)),
        Err(error) => tracing::warn!(%address, %error, "the metrics are not served"),
    }
    Ok(())
}

fn cannot_listen(setting: &str, address: SocketAddr, error: &std::io::Error) -> Failure {
    format!("{setting}: nothing can listen at {address}: {error}.").into()
}
