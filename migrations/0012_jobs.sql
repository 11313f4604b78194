-- Each run of a background task: what the queue itself forgets once a job is done. A run without an end is under way, or its
-- worker was killed.
create table job_runs (
    id bigint generated always as identity primary key,
    job_id bigint not null,
    task text not null,
    attempt smallint not null,
    worker text not null,
    started_at timestamptz not null,
    ended_at timestamptz,
    outcome text not null default 'running'
        check (outcome in ('running', 'done', 'failed', 'failed_for_good', 'interrupted', 'cancelled')),
    message text check (length(message) <= 1000),
    check ((outcome = 'running') = (ended_at is null))
);
create index on job_runs (job_id, id desc);
create index on job_runs (task, id desc);
create index on job_runs (outcome, id desc);
create index on job_runs (task, outcome, id desc);
create index job_runs_open on job_runs (job_id) where ended_at is null;
-- Rows come in the order of time, so a few pages of this index hold it all.
create index on job_runs using brin (started_at);

-- What the clock starts, as the newest program that came up knows it: so that the desk, and a server that works on no jobs,
-- can tell what should have run.
create table job_schedules (
    task text primary key,
    schedule text not null,
    since timestamptz not null
);

-- What an operator should look at, from when on, until when, and whether they were told of either.
create table alarms (
    id uuid primary key,
    kind text not null check (kind in ('failed', 'old', 'late')),
    about text not null,
    since timestamptz not null,
    -- The mails that tell the state it is in.
    mails uuid[] not null default '{}',
    told_at timestamptz,
    ended_at timestamptz,
    end_told_at timestamptz
);
create unique index alarms_lasting on alarms (kind, about) where ended_at is null;
create index on alarms (since desc, id desc);
create index alarms_untold on alarms (since) where told_at is null or (ended_at is not null and end_told_at is null);
