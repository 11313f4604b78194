// How the journeys run: one real Chromium of the system, nothing downloaded, no second tries.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'journeys',
  outputDir: 'artefacts/failures',
  globalSetup: './support/server.ts',
  fullyParallel: true,
  workers: 2,
  // A journey that passes only at the second try is broken.
  retries: 0,
  forbidOnly: true,
  // Patient, for machines that are busy with other things: on two quiet cores the longest journey takes about a minute.
  timeout: 300_000,
  expect: { timeout: 20_000 },
  reporter: 'list',
  use: {
    browserName: 'chromium',
    locale: 'en-US',
    timezoneId: 'America/New_York',
    actionTimeout: 20_000,
    navigationTimeout: 30_000,
    // A trace of every journey takes a sixth of the time of all; one that fails is run again with `--trace on`.
    trace: 'off',
    screenshot: 'only-on-failure',
    // Pictures and measured colours must not depend on how far a transition has come.
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: {
      executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
      args: [
        // Chromium's own sandbox cannot be used as root.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
