//! The jobs of the queue.

use super::words::{PATH, QUEUE, choices, state_badge};
use crate::{
    late_page::LatePage,
    shared::{address, loaded, only_for, query, time},
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::{
    AppError, Page,
    access::Permission,
    jobs::{JobQuery, JobState, QueuedJob},
};
use ui::{CursorPager, EmptyState, FilterBar, FilterSelect, Icon, PageHead, SearchField, Table};

pub struct QueuePage {
    query: Memo<JobQuery>,
    jobs: Resource<Result<Page<QueuedJob>, AppError>>,
}

impl LatePage for QueuePage {
    fn data() -> Self {
        let query = query::<JobQuery>();
        Self { query, jobs: Resource::new_blocking(move || query.get(), api::jobs::list_jobs) }
    }

    fn view(this: Self) -> AnyView {
        let QueuePage { query, jobs } = this;
        let asked = query.get_untracked();
        let crumbs = vec![(PATH.to_owned(), "Background jobs".to_owned())];
        let page = move || {
            view! {
                <Title text="Jobs in the queue"/>
                <PageHead title="Jobs in the queue" crumbs=crumbs lead=|| "What waits, runs, is tried again or failed. What is done has left the queue."/>
                <FilterBar action=QUEUE label="Filter the queue">
                    <SearchField name="task" label="Task" value=asked.task placeholder="Name of the task"/>
                    <FilterSelect name="state" label="State" options=choices!(JobState) value=asked.state/>
                </FilterBar>
                {loaded(jobs, move |page| view! { <Rows page=page query=query.get()/> })}
            }
        };
        only_for(Permission::Operate, || page().into_any())
    }
}

#[component]
fn Rows(page: Page<QueuedJob>, query: JobQuery) -> impl IntoView {
    if page.items.is_empty() {
        return view! { <EmptyState icon=Icon::CircleCheck title="No such job" text="Nothing in the queue is like that: it was done, or never added."/> }
            .into_any();
    }
    let next = page.next.map(|after| address(QUEUE, &JobQuery { after: after.0, ..query })).unwrap_or_default();
    view! {
        <Table label="Jobs, newest first" stacks=true>
            <thead>
                <tr>
                    <th scope="col">"Job"</th>
                    <th scope="col">"Task"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"Added"</th>
                    <th scope="col">"Next try"</th>
                    <th scope="col">"Tries"</th>
                    <th scope="col">"Last message"</th>
                </tr>
            </thead>
            <tbody>{page.items.into_iter().map(|job| view! { <Row job=job/> }).collect_view()}</tbody>
        </Table>
        <CursorPager next=next/>
    }
    .into_any()
}

#[component]
fn Row(job: QueuedJob) -> impl IntoView {
    let waits = matches!(job.state, JobState::Ready | JobState::Retrying | JobState::Scheduled);
    view! {
        <tr>
            <th scope="row"><a class="link" href=format!("{PATH}/{}", job.id)>{format!("Job {}", job.id)}</a></th>
            <td>{job.task}</td>
            <td>{state_badge(job.state)}</td>
            <td data-label="Added">{time(job.created_at)}</td>
            <td data-label="Next try">{waits.then(|| time(job.run_at))}</td>
            <td data-label="Tries">{format!("{} of {}", job.attempts, job.max_attempts)}</td>
            <td class="wrap">{job.message}</td>
        </tr>
    }
}
