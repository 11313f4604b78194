//! One job: where it stands, its runs, and what can be done about it.

use super::words::{PATH, outcome_badge, state_badge};
use crate::{
    edit_form::times_done,
    late_page::LatePage,
    shared::{follow, loaded, messages, only_for, returned, time},
};
use api::jobs::{CancelJob, RetryJob};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use model::{
    AppError,
    access::Permission,
    jobs::{JobRecord, JobRun, JobState, QueuedJob},
};
use ui::{
    Button, ButtonKind, Card, ConfirmDialog, DescriptionList, Detail, ErrorSummary, FormErrors, Icon, PageHead, RecordColumns,
    Table,
};

#[derive(Clone, Copy)]
struct Actions {
    retry: ServerAction<RetryJob>,
    cancel: ServerAction<CancelJob>,
}

pub struct RecordPage {
    actions: Actions,
    record: Resource<Result<(JobRecord, Option<AppError>), AppError>>,
}

impl LatePage for RecordPage {
    fn data() -> Self {
        let actions = Actions { retry: ServerAction::new(), cancel: ServerAction::new() };
        let map = use_params_map();
        let id = Memo::new(move |_| map.with(|map| map.get("job").unwrap_or_default()));
        let returned = returned::<()>();
        let (retried, cancelled) = (times_done(actions.retry), times_done(actions.cancel));
        let record = Resource::new_blocking(
            move || (id.get(), retried.get() + cancelled.get()),
            move |(id, times)| async move {
                let record = api::jobs::load_job(id).await?;
                Ok((record, if times == 0 { returned.await.map(|back| back.error) } else { None }))
            },
        );
        Self { actions, record }
    }

    fn view(this: Self) -> AnyView {
        let RecordPage { actions, record } = this;
        let refused = RwSignal::new(Vec::new());
        provide_context(FormErrors(refused.into()));
        follow(actions.retry, refused, "The job runs as soon as a worker is free.");
        follow(actions.cancel, refused, "The job is cancelled.");
        let page = move || {
            view! {
                <Title text="Job"/>
                {loaded(record, move |(record, error)| {
                    if let Some(error) = &error {
                        refused.set(messages(error));
                    }
                    view! { <Record record=record actions=actions/> }
                })}
            }
        };
        only_for(Permission::Operate, || page().into_any())
    }
}

#[component]
fn Record(record: JobRecord, actions: Actions) -> impl IntoView {
    let JobRecord { id, task, queued, runs } = record;
    let crumbs = vec![(PATH.to_owned(), "Background jobs".to_owned())];
    let newest = runs.first().map(|run| run.outcome);
    let state = queued.as_ref().map(|job| job.state);
    let badge = move || match state {
        Some(state) => Some(state_badge(state).into_any()),
        None => newest.map(|outcome| outcome_badge(outcome).into_any()),
    };
    let aside = move || match queued {
        Some(job) => view! { <About job=job.clone()/> <Steer job=job actions=actions/> }.into_any(),
        None => view! { <Card title="About"><p>"This job has left the queue: it was done or cancelled."</p></Card> }.into_any(),
    };
    view! {
        <PageHead title=format!("Job {id}: {task}") crumbs=crumbs badge=badge/>
        <RecordColumns aside=aside>
            <ErrorSummary title="This was not done:"/>
            <Card title="Runs"><Runs runs=runs/></Card>
        </RecordColumns>
    }
}

#[component]
fn Runs(runs: Vec<JobRun>) -> impl IntoView {
    if runs.is_empty() {
        return view! { <p class="text-muted">"It did not run yet."</p> }.into_any();
    }
    view! {
        <Table label="Runs of this job, newest first" stacks=true>
            <thead>
                <tr>
                    <th scope="col">"Began"</th>
                    <th scope="col">"Outcome"</th>
                    <th scope="col">"Took"</th>
                    <th scope="col">"Try"</th>
                    <th scope="col">"Message"</th>
                    <th scope="col">"Worker"</th>
                </tr>
            </thead>
            <tbody>{runs.into_iter().map(|run| view! { <Run run=run/> }).collect_view()}</tbody>
        </Table>
    }
    .into_any()
}

#[component]
fn Run(run: JobRun) -> impl IntoView {
    let (took, worker) = (run.took(), run.worker.clone());
    view! {
        <tr>
            <th scope="row">{time(run.started_at)}</th>
            <td>{outcome_badge(run.outcome)}</td>
            <td data-label="Took">{took}</td>
            <td data-label="Try">{run.attempt}</td>
            <td class="wrap">{run.message}</td>
            <td data-label="Worker" class="max-w-40" title=worker>{run.worker}</td>
        </tr>
    }
}

#[component]
fn About(job: QueuedJob) -> impl IntoView {
    let given = if job.fields.is_empty() { "Nothing".to_owned() } else { job.fields.join(", ") };
    let waits = matches!(job.state, JobState::Ready | JobState::Retrying | JobState::Scheduled);
    view! {
        <Card title="About">
            <DescriptionList>
                <Detail label="Task">{job.task}</Detail>
                <Detail label="Added">{time(job.created_at)}</Detail>
                {job.running_since.map(|at| view! { <Detail label="Runs since">{time(at)}</Detail> })}
                {waits.then(|| view! { <Detail label="Next try">{time(job.run_at)}</Detail> })}
                <Detail label="Tries">{format!("{} of {}", job.attempts, job.max_attempts)}</Detail>
                <Detail label="Was given">{given}</Detail>
            </DescriptionList>
        </Card>
    }
}

#[component]
fn Steer(job: QueuedJob, actions: Actions) -> impl IntoView {
    let id = job.id.to_string();
    let runs = job.state == JobState::Running;
    let retry = match job.state {
        JobState::Running | JobState::Ready => None,
        JobState::Retrying => Some(("Try again now", "It does not wait for its next try.")),
        JobState::Scheduled => Some(("Run now", "It does not wait for its time.")),
        JobState::Failed => Some(("Try again", "It is tried at once, and gets all of its tries anew.")),
    };
    let means = if runs {
        "A worker has it. This run goes on to its end; if it fails, the job is not tried again."
    } else {
        "It leaves the queue and does not run again. Its runs so far stay on record. This cannot be undone."
    };
    let (for_retry, for_cancel) = (id.clone(), id);
    view! {
        <Card title="What to do">
            <div class="flex flex-col gap-5">
                {retry.map(|(words, means)| view! {
                    <ActionForm action=actions.retry attr:class="flex flex-col items-start gap-4">
                        <p>{means}</p>
                        <input type="hidden" name="id" value=for_retry/>
                        <Button submit=true icon=Icon::RefreshCw>{words}</Button>
                    </ActionForm>
                })}
                <div><Button kind=ButtonKind::Danger opens="cancel-job" icon=Icon::Ban>"Cancel job"</Button></div>
                <ConfirmDialog id="cancel-job" title="Cancel this job?" text=means>
                    <ActionForm action=actions.cancel>
                        <input type="hidden" name="id" value=for_cancel/>
                        <Button kind=ButtonKind::Danger submit=true>"Cancel job"</Button>
                    </ActionForm>
                </ConfirmDialog>
            </div>
        </Card>
    }
}
