//! Background jobs and their alarms.

#[cfg(feature = "ssr")]
use crate::server::{context, lead_back, read, write_form};
use leptos::prelude::*;
use model::{
    AppError, Page,
    codec::Json,
    jobs::{JobId, JobQuery, JobRecord, JobRun, Overview, QueuedJob, RunQuery},
};

/// Everything at a glance, and the runs that were asked for.
#[server(prefix = "/desk/api", output = Json)]
pub async fn look_at_jobs(query: RunQuery) -> Result<(Overview, Page<JobRun>), AppError> {
    let channels = &context().settings.alarms;
    read(async |op| domain::jobs::look(op, &query, channels).await).await
}

/// The jobs of the queue.
#[server(prefix = "/desk/api", output = Json)]
pub async fn list_jobs(query: JobQuery) -> Result<Page<QueuedJob>, AppError> {
    read(async |op| domain::jobs::list(op, &query).await).await
}

/// One job with its runs; `id` as it stands in the address.
#[server(prefix = "/desk/api", output = Json)]
pub async fn load_job(id: String) -> Result<JobRecord, AppError> {
    read(async |op| domain::jobs::load(op, &id).await).await
}

#[server(prefix = "/desk/api", output = Json)]
pub async fn retry_job(id: JobId) -> Result<(), AppError> {
    write_form(&(), async |op| domain::jobs::retry(op, id).await).await?;
    lead_back(&format!("/desk/jobs/{id}"));
    Ok(())
}

#[server(prefix = "/desk/api", output = Json)]
pub async fn cancel_job(id: JobId) -> Result<(), AppError> {
    write_form(&(), async |op| domain::jobs::cancel(op, id).await).await?;
    lead_back(&format!("/desk/jobs/{id}"));
    Ok(())
}

/// Sends a message by which an operator sees that alarms arrive.
#[server(prefix = "/desk/api", output = Json)]
pub async fn send_test_alarm() -> Result<(), AppError> {
    let channels = &context().settings.alarms;
    write_form(&(), async |op| domain::jobs::send_test(op, channels).await).await?;
    lead_back("/desk/jobs");
    Ok(())
}
