import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/usb/**', 'test/faults/**'],
    setupFiles: ['test/without-drivelist.ts'],
    // Nets for what never ends, far above what anything takes: no test depends on how busy the machine is.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 300_000 } },
  },
});

export default config;
