import { defineConfig, devices } from '@playwright/test';
import { CHROMIUM_ARGS, chromiumPath } from './support/chromium.mjs';

export default defineConfig({
  testDir: './specs',
  ...(process.env.SCREENSHOTS
    ? { testMatch: 'screenshots.spec.ts' }
    : { testIgnore: 'screenshots.spec.ts' }),
  outputDir: './test-results',
  reporter: [['list'], ['./support/closing-line.ts']],
  forbidOnly: true,
  retries: 0,
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    ...devices['Desktop Chrome'],
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    actionTimeout: 10_000,
    navigationTimeout: 15_000,
    screenshot: 'only-on-failure',
    trace: process.env.TRACE ? 'retain-on-failure' : 'off',
    launchOptions: { executablePath: chromiumPath(), args: CHROMIUM_ARGS },
  },
});
