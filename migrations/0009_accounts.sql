-- Sessions carry the epoch that their account was in when they began; one of an earlier epoch opens nothing, even if its row
-- was written after the others were ended. Sessions from before this step carry none, which counts as the first.
alter table accounts add column session_epoch bigint not null default 0;
