import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** The real program, harmed call by call: `npm run test:faults`. Its runs wait far more than they work. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts'],
    globalSetup: ['test/faults/global-setup.ts'],
    maxWorkers: 2,
    // Each is a process of some 60 MB.
    maxConcurrency: 24,
  },
});

export default config;
