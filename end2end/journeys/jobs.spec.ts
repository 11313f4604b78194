// What the server does by itself: a job that fails is seen, tried again and done; another is cancelled.
import { createServer, type Server } from 'node:http';
import { expect, open, type Page, test, withAndWithoutScripts } from '../support/test';

// There is one webhook, where now nobody listens and now somebody does.
test.describe.configure({ mode: 'serial' });

const hook = new URL(process.env.JOURNEYS_HOOK ?? 'http://127.0.0.1:9');

/** Listens at the webhook; answers what is posted there. */
async function listen(): Promise<{ server: Server; said: string[] }> {
  const said: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += part));
    request.on('end', () => {
      said.push(body);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(Number(hook.port), hook.hostname, resolve));
  return { server, said };
}

/** Sends a test alarm that nobody takes, and opens the page of its job once it has failed. */
async function failingJob(page: Page): Promise<void> {
  await open(page, '/desk/jobs');
  await page.getByRole('button', { name: 'Send a test' }).click();
  const failed = page.getByRole('region', { name: 'Jobs, newest first' }).getByRole('row', { name: /To be tried again/ });
  await expect(async () => {
    await page.goto('/desk/jobs/queue?task=tell_alarm&state=retrying');
    await expect(failed.first()).toContainText('cannot be reached', { timeout: 1_000 });
    // By then its next try is far enough away that it does not come in between.
    await expect(failed.first()).toContainText('3 of 12', { timeout: 1_000 });
  }).toPass();
  const href = await failed.first().getByRole('link').first().getAttribute('href');
  await open(page, href ?? '');
}

withAndWithoutScripts(() => {
  test('a job that fails is seen with its message, tried again once somebody listens, and done', async ({ desk }) => {
    const admin = await desk('admin');
    await failingJob(admin);
    const runs = admin.getByRole('region', { name: 'Runs of this job, newest first' });
    await expect(runs.getByRole('row').nth(1)).toContainText(`${hook.host} cannot be reached`);
    const { server, said } = await listen();
    try {
      await admin.getByRole('button', { name: 'Try again now' }).click();
      await expect(async () => {
        await admin.reload();
        await expect(runs.getByRole('row').nth(1)).toContainText('Done', { timeout: 1_000 });
        // The worker lets it go a moment after it was done.
        await expect(admin.getByRole('main')).toContainText('This job has left the queue', { timeout: 1_000 });
      }).toPass();
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
    expect(said.join()).toContain('this is a test');
    await expect(admin.getByRole('button', { name: 'Cancel job' })).toHaveCount(0);
  });

  test('a job that is cancelled leaves the queue and is not tried again', async ({ desk }) => {
    const admin = await desk('admin');
    await failingJob(admin);
    await admin.getByRole('button', { name: 'Cancel job' }).click();
    await admin.getByRole('dialog').getByRole('button', { name: 'Cancel job' }).click();
    await expect(admin.getByRole('main')).toContainText('This job has left the queue');
    await expect(admin.getByRole('region', { name: 'Runs of this job, newest first' }).getByRole('row').nth(1)).toContainText('Cancelled');
    await admin.goto('/desk/audit?action=job.cancelled');
    await expect(admin.getByRole('region', { name: 'Audit log, newest first' }).getByRole('row').nth(1)).toContainText('tell alarm');
  });

  test('who does not operate the server sees nothing of it', async ({ desk, problems }) => {
    const analyst = await desk('analyst');
    await analyst.goto('/desk');
    await expect(analyst.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Background jobs' })).toHaveCount(0);
    problems.expect(403);
    for (const path of ['/desk/jobs', '/desk/jobs/queue', '/desk/jobs/1']) {
      expect((await analyst.goto(path))?.status(), path).toBe(403);
      await expect(analyst.getByRole('main')).toContainText('Your role does not allow this.');
      await expect(analyst.getByRole('table')).toHaveCount(0);
    }
  });
});
