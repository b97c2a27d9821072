import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Real USB in an emulator: `npm run test:usb`. One guest a file, two files at a time. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/usb/{usual,exhaustive,figures}/*.test.ts'],
    globalSetup: ['test/usb/global-setup.ts'],
    // Nets for what never ends. No test depends on how long something takes.
    testTimeout: 1_800_000,
    hookTimeout: 1_800_000,
    maxWorkers: 2,
  },
});

export default config;
