import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Channel, ChannelView, Release } from '../../src/channel/client.ts';
import { temporaryFolder } from '../cli/harness.ts';
import { buildPayload, type DeviceVersion } from '../fake-volume/index.ts';
import { sha256 } from '../fake-volume/spacepack/checksum.ts';

/** A channel that is but a list, for tests of what is done with what it says. */
export interface ListedChannel extends Channel {
  /** What was asked of it, in order. */
  readonly asked: string[];
  publish(version: Partial<DeviceVersion>, parts?: Partial<Release>): Release;
}

/** An empty channel. */
export function aChannel(): ListedChannel {
  const folder = temporaryFolder();
  const releases: Release[] = [];
  const asked: string[] = [];
  return {
    asked,
    publish(version, parts = {}) {
      const payload = buildPayload({ version: { major: 0, ...version } });
      const whole = { major: 0, minor: 0, revision: 0, build: 0, ...version };
      const release: Release = {
        name: `fw-${whole.major}.${whole.minor}.${whole.revision}.dfu`,
        product: 'spacepack',
        hardware: [],
        version: whole,
        securityCounter: 1,
        minBatteryPercent: 0,
        notes: 'Charges faster.',
        rolloutPercent: 100,
        paused: false,
        sizeBytes: payload.length,
        sha256: Buffer.from(sha256(payload)).toString('hex'),
        ...parts,
      };
      writeFileSync(join(folder, release.name), payload);
      releases.push(release);
      return release;
    },
    async check(): Promise<ChannelView> {
      asked.push('check');
      return { releases, freshness: 'unchanged', expiresAt: new Date(Date.UTC(2027, 0, 1)), requests: 1 };
    },
    heardAt: async () => null,
    async download({ name }) {
      asked.push(`download ${name}`);
      return join(folder, name);
    },
  };
}
