// Starts the server over demo data of its own before the journeys, and stops it after them.
//
// `DATABASE_URL` must name an empty data base. Without it the program starts a private Postgres in a folder that goes at
// the end.
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PASSWORD } from './people';

const ARTEFACTS = resolve(import.meta.dirname, '../artefacts');
const LOG = join(ARTEFACTS, 'server.log');
const BINARY = resolve(process.env.TESSERA_BIN || join(import.meta.dirname, '../../target/debug/tessera'));
/** A first start makes a Postgres, a data base and its schema. */
const LONGEST_START_MS = 60_000;
const LONGEST_STOP_MS = 30_000;

export default async function start(): Promise<() => Promise<void>> {
  mkdirSync(ARTEFACTS, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), 'tessera-journeys-'));
  // Postgres runs as another user when we are root, and has to pass.
  chmodSync(folder, 0o711);
  try {
    return await startIn(folder);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function startIn(folder: string): Promise<() => Promise<void>> {
  const address = `127.0.0.1:${await freePort()}`;
  process.env.JOURNEYS_HOOK = `http://127.0.0.1:${await freePort()}/hook`;
  process.env.JOURNEYS_DATA = join(folder, 'data');
  process.env.JOURNEYS_URL = `http://${address}`;
  const log = openSync(LOG, 'w');
  const run = (...args: string[]) => spawn(BINARY, args, { env: environment(), stdio: ['ignore', log, log] });
  const demo = run('demo', '--merchants', '52', '--offers', '120', '--seed', '7', '--password', PASSWORD);
  const loaded = await ended(demo);
  if (loaded !== 0) throw new Error(`\`tessera demo\` ended with ${loaded}:\n${readFileSync(LOG, 'utf8')}`);
  const server = run('serve', '--listen', address, '--metrics-listen', 'off', '--log-format', 'text');
  closeSync(log);
  try {
    await ready(server, `http://${address}`);
  } catch (error) {
    server.kill('SIGKILL');
    throw error;
  }
  return async () => {
    await stop(server);
    rmSync(folder, { recursive: true, force: true });
    expectNoFaults();
  };
}

/** A second process of the same program over the same data, with settings of its own; answers how to stop it. */
export async function startBeside(port: number, settings: Record<string, string>): Promise<() => Promise<void>> {
  const log = openSync(LOG, 'a');
  const args = ['serve', '--no-worker', '--listen', `127.0.0.1:${port}`, '--metrics-listen', 'off', '--log-format', 'text'];
  const env = { ...environment(), ...settings };
  const server = spawn(BINARY, args, { env, stdio: ['ignore', log, log] });
  closeSync(log);
  try {
    await ready(server, `http://127.0.0.1:${port}`);
  } catch (error) {
    server.kill('SIGKILL');
    throw error;
  }
  return async () => await stop(server);
}

/** The program gets no setting of the user's but where Postgres is; alarms go to a port where nobody listens until a journey does. */
function environment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, LANG, PG_BIN, DATABASE_URL, JOURNEYS_DATA, JOURNEYS_HOOK } = process.env;
  return { PATH, HOME, TMPDIR, LANG, PG_BIN, DATABASE_URL, TESSERA_DATA_DIR: JOURNEYS_DATA, TESSERA_ALARM_WEBHOOK: JOURNEYS_HOOK };
}

export async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}

async function ended(child: ChildProcess): Promise<number | string> {
  if (child.exitCode !== null) return child.exitCode;
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'nothing'));
  });
}

async function ready(server: ChildProcess, url: string): Promise<void> {
  const until = Date.now() + LONGEST_START_MS;
  while (Date.now() < until) {
    if (server.exitCode !== null) break;
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(50);
  }
  throw new Error(`the server did not start:\n${readFileSync(LOG, 'utf8')}`);
}

async function stop(server: ChildProcess): Promise<void> {
  const end = ended(server);
  server.kill('SIGTERM');
  const code = await Promise.race([end, sleep(LONGEST_STOP_MS, undefined, { ref: false })]);
  if (code === 0) return;
  server.kill('SIGKILL');
  throw new Error(code === undefined ? 'the server did not stop on SIGTERM' : `the server ended with ${code}`);
}

/** A page may look right while the server had to own up to a fault. */
function expectNoFaults(): void {
  const lines = readFileSync(LOG, 'utf8').replaceAll(/\u001b\[[0-9;]*m/g, '').split('\n');
  const faults = lines.filter((line) => / ERROR |panicked at/.test(line));
  if (faults.length > 0) throw new Error(`the server logged faults (${LOG}):\n${faults.join('\n')}`);
}
