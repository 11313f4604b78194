//! Everything at a glance, and every run.

use super::words::{PATH, QUEUE, choices, outcome_badge};
use crate::{
    edit_form::times_done,
    late_page::LatePage,
    shared::{address, follow, loaded, only_for, query, time},
};
use api::jobs::SendTestAlarm;
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use model::{
    AppError, Page,
    access::Permission,
    jobs::{Alarm, JobQuery, JobRun, JobState, LastRun, Overview, RunOutcome, RunQuery, Schedule, TaskCounts},
};
use ui::{
    Alert, Button, Card, CursorPager, ErrorSummary, FilterBar, FilterSelect, FormErrors, Icon, PageHead, StateBadge, Table, Tone,
};

type Shown = (Overview, Page<JobRun>);

pub struct ListPage {
    query: Memo<RunQuery>,
    test: ServerAction<SendTestAlarm>,
    shown: Resource<Result<Shown, AppError>>,
}

impl LatePage for ListPage {
    fn data() -> Self {
        let (query, test) = (query::<RunQuery>(), ServerAction::new());
        let done = times_done(test);
        let shown = Resource::new_blocking(move || (query.get(), done.get()), |(query, _)| api::jobs::look_at_jobs(query));
        Self { query, test, shown }
    }

    fn view(this: Self) -> AnyView {
        let ListPage { query, test, shown } = this;
        let refused = RwSignal::new(Vec::new());
        provide_context(FormErrors(refused.into()));
        follow(test, refused, "The test is under way.");
        let page = move || {
            view! {
                <Title text="Background jobs"/>
                <PageHead title="Background jobs" lead=|| "What the server does by itself, and how it went."/>
                <ErrorSummary title="This was not done:"/>
                {loaded(shown, move |(overview, runs)| {
                    let Overview { alarms, sends_alarms, tasks, schedules, known_tasks } = overview;
                    view! {
                        <div class="flex flex-col gap-6">
                            <Alarms alarms=alarms sends=sends_alarms test=test/>
                            <Queue tasks=tasks/>
                            <Clock schedules=schedules/>
                            <Runs page=runs query=query.get() tasks=known_tasks/>
                        </div>
                    }
                })}
            }
        };
        only_for(Permission::Operate, || page().into_any())
    }
}

#[component]
fn Alarms(alarms: Vec<Alarm>, sends: bool, test: ServerAction<SendTestAlarm>) -> impl IntoView {
    let (lasting, over): (Vec<_>, Vec<_>) = alarms.into_iter().partition(|alarm| alarm.ended_at.is_none());
    let is_quiet = lasting.is_empty();
    let where_to = if sends {
        "Alarms are sent as the settings say."
    } else {
        "Alarms are shown here alone. To have them sent, set TESSERA_ALARM_WEBHOOK or TESSERA_ALARM_MAIL."
    };
    view! {
        <Card title="Alarms">
            <div class="flex flex-col items-start gap-4">
                {lasting.into_iter().map(lasting_alarm).collect_view()}
                {is_quiet.then(|| view! { <p><StateBadge tone=Tone::Positive label="Nothing is wrong"/></p> })}
                {(!over.is_empty()).then(|| view! {
                    <ul class="plain-list">{over.into_iter().map(ended_alarm).collect_view()}</ul>
                })}
                <p class="text-muted">{where_to}</p>
                {sends.then(|| view! {
                    <ActionForm action=test>
                        <Button submit=true icon=Icon::Bell disabled=test.pending()>"Send a test"</Button>
                    </ActionForm>
                })}
            </div>
        </Card>
    }
}

fn lasting_alarm(alarm: Alarm) -> impl IntoView {
    let told = alarm.told_at.map(|at| view! { " Told " {time(at)} "." });
    view! {
        <Alert tone=Tone::Negative title=alarm.what()>
            <p>{alarm.advice()} " Since " {time(alarm.since)} "." {told}</p>
        </Alert>
    }
}

fn ended_alarm(alarm: Alarm) -> impl IntoView {
    view! { <li>{alarm.what()} <p class="text-muted">"Over " {alarm.ended_at.map(time)}</p></li> }
}

#[component]
fn Queue(tasks: Vec<TaskCounts>) -> impl IntoView {
    if tasks.is_empty() {
        return view! { <Card title="In the queue"><p class="text-muted">"The queue is empty: nothing waits, runs or failed."</p></Card> }.into_any();
    }
    let heads = JobState::ALL.iter().map(|state| view! { <th scope="col" class="num">{state.label()}</th> }).collect_view();
    view! {
        <Card title="In the queue" actions=|| view! { <a class="link" href=QUEUE>"All jobs"</a> }>
            <Table label="Jobs in the queue by task">
                <thead>
                    <tr>
                        <th scope="col">"Task"</th>
                        {heads}
                        <th scope="col">"Oldest waiting"</th>
                    </tr>
                </thead>
                <tbody>{tasks.into_iter().map(|task| view! { <Task task=task/> }).collect_view()}</tbody>
            </Table>
        </Card>
    }
    .into_any()
}

#[component]
fn Task(task: TaskCounts) -> impl IntoView {
    let TaskCounts { task, counts, oldest_ready } = task;
    let at = |state: &str| address(QUEUE, &JobQuery { task: task.clone(), state: state.to_owned(), ..Default::default() });
    let all = at("");
    let cells = JobState::ALL
        .iter()
        .zip(counts)
        .map(|(state, count)| match count {
            0 => view! { <td class="num text-muted">"0"</td> }.into_any(),
            _ => view! { <td class="num"><a class="link" href=at(state.word())>{count}</a></td> }.into_any(),
        })
        .collect_view();
    view! {
        <tr>
            <th scope="row"><a class="link" href=all>{task}</a></th>
            {cells}
            <td>{oldest_ready.map(time)}</td>
        </tr>
    }
}

#[component]
fn Clock(schedules: Vec<Schedule>) -> impl IntoView {
    view! {
        <Card title="By the clock">
            <Table label="Scheduled tasks">
                <thead>
                    <tr>
                        <th scope="col">"Task"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Last run"</th>
                        <th scope="col">"Next run"</th>
                        <th scope="col">"Schedule, UTC"</th>
                    </tr>
                </thead>
                <tbody>{schedules.into_iter().map(|schedule| view! { <Scheduled schedule=schedule/> }).collect_view()}</tbody>
            </Table>
        </Card>
    }
}

#[component]
fn Scheduled(schedule: Schedule) -> impl IntoView {
    let Schedule { task, schedule, last, next, is_late } = schedule;
    let (tone, word) = if is_late { (Tone::Negative, "Late") } else { (Tone::Positive, "In time") };
    let last = match last {
        None => "Never".into_any(),
        Some(LastRun { job, at, outcome }) => view! {
            <a class="link" href=format!("{PATH}/{job}")>{time(at)}</a>
            " "
            {outcome_badge(outcome)}
        }
        .into_any(),
    };
    view! {
        <tr>
            <th scope="row">{task}</th>
            <td><StateBadge tone=tone label=word/></td>
            <td>{last}</td>
            <td>{next.map(time)}</td>
            <td><code>{schedule}</code></td>
        </tr>
    }
}

#[component]
fn Runs(page: Page<JobRun>, query: RunQuery, tasks: Vec<String>) -> impl IntoView {
    let options = tasks.into_iter().map(|task| (task.clone(), task)).collect();
    let next = page.next.map(|after| address(PATH, &RunQuery { after: after.0, ..query.clone() })).unwrap_or_default();
    let rows = if page.items.is_empty() {
        view! { <p class="text-muted">"No run is like that."</p> }.into_any()
    } else {
        view! {
            <Table label="Runs, newest first" stacks=true>
                <thead>
                    <tr>
                        <th scope="col">"Began"</th>
                        <th scope="col">"Task"</th>
                        <th scope="col">"Outcome"</th>
                        <th scope="col">"Took"</th>
                        <th scope="col">"Try"</th>
                        <th scope="col">"Message"</th>
                    </tr>
                </thead>
                <tbody>{page.items.into_iter().map(|run| view! { <Run run=run/> }).collect_view()}</tbody>
            </Table>
            <CursorPager next=next/>
        }
        .into_any()
    };
    view! {
        <Card title="Runs">
            <FilterBar action=PATH label="Filter the runs">
                <FilterSelect name="task" label="Task" options=options value=query.task/>
                <FilterSelect name="outcome" label="Outcome" options=choices!(RunOutcome) value=query.outcome/>
            </FilterBar>
            {rows}
        </Card>
    }
}

#[component]
fn Run(run: JobRun) -> impl IntoView {
    let took = run.took();
    view! {
        <tr>
            <th scope="row"><a class="link" href=format!("{PATH}/{}", run.job)>{time(run.started_at)}</a></th>
            <td>{run.task}</td>
            <td>{outcome_badge(run.outcome)}</td>
            <td data-label="Took">{took}</td>
            <td data-label="Try">{run.attempt}</td>
            <td class="wrap">{run.message}</td>
        </tr>
    }
}
