-- A month whose first rows went to the partition of the rest cannot get a partition of its own any more: those rows stay where they are.
-- The months after it must not suffer for it.
create or replace function ensure_month_partitions(parent regclass, ahead integer) returns void
    language plpgsql as $$
declare
    -- Truncating a partition would pass by the trigger of its parent.
    guard constant text := 'create trigger no_truncate before truncate on %I for each statement execute function refuse_change()';
    first date := date_trunc('month', now() at time zone 'UTC')::date;
    month date;
    name text;
begin
    -- Two processes that start at once would both try to create the same partition.
    perform pg_advisory_xact_lock(hashtext('ensure_month_partitions'));
    for i in 0..ahead loop
        month := first + make_interval(months => i);
        name := format('%s_%s', parent::text, to_char(month, 'YYYY_MM'));
        if to_regclass(name) is null then
            begin
                execute format('create table %I partition of %s for values from (%L) to (%L)',
                    name, parent, month::timestamp at time zone 'UTC', (month + interval '1 month') at time zone 'UTC');
                execute format(guard, name);
            exception when check_violation then
                raise notice '% keeps the rows of % with the rest', parent, to_char(month, 'YYYY-MM');
            end;
        end if;
    end loop;
end $$;
