import { vi } from 'vitest';

/**
 * As most people have it, for npm and Homebrew skip its install script: every test runs without drivelist, but for those that are about it.
 */
vi.mock('drivelist', () => ({ default: {}, list: undefined }));
