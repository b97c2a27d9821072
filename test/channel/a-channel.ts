import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll } from 'vitest';
import type { Pace } from '../../src/channel/bounded-body.ts';
import { type Channel, type ChannelOptions, openChannel } from '../../src/channel/client.ts';
import { addRelease, type Wishes } from '../../src/channel/publisher/add.ts';
import { initChannel, type Publishing } from '../../src/channel/publisher/init.ts';
import type { Release } from '../../src/channel/release.ts';
import { openPayload } from '../../src/image/source.ts';
import { FAMILIES } from '../../src/protocol/families.ts';
import { requireVersion } from '../../src/protocol/versions.ts';
import { fixtureKey } from '../image/fixtures.ts';
import { createImage } from '../image/images.ts';

/** Cheap to guess, so that tests do not spend their time on it. */
export const PASSPHRASES = {
  offline: 'correct horse battery',
  online: 'staple for the server',
  rounds: 1_000,
} as const;
const DAY_MS = 86_400_000;
const maker = fixtureKey('maker');

export const daysFrom = (date: Date, days: number): Date => new Date(date.getTime() + days * DAY_MS);

const place = mkdtempSync(join(tmpdir(), 'spacepack-test-channel-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

/** A new folder; it is removed after all tests of the file. */
export function temporaryFolder(): string {
  return mkdtempSync(join(place, 'test-'));
}

export interface ImageWishes {
  readonly version: string;
  readonly securityCounter?: number;
  readonly hardware?: number;
  readonly productId?: number;
  readonly sizeBytes?: number;
}

/** An image of that version, signed by the maker of the fixtures. */
export function imageOf({
  version,
  securityCounter = 1,
  hardware = 0xffff,
  productId = 0x1111,
  sizeBytes = 5000,
}: ImageWishes): Uint8Array {
  return createImage({
    application: Buffer.alloc(sizeBytes, `application ${version} `),
    version: requireVersion(version),
    securityCounter,
    vendorId: 0x19e7,
    productId,
    hardware,
    signingKey: maker,
  });
}

/** A channel that our own publisher keeps in a folder. */
export interface TestChannel {
  readonly publishing: Publishing;
  readonly folder: string;
  /** Its first trust root. */
  readonly rootPath: string;
  /** Publishes an image of that version. */
  add(image: ImageWishes, wishes?: Partial<Wishes>): Promise<Release>;
  /** The folder as it is now, for those who would serve it later. */
  copy(): string;
  at(now: Date): Publishing;
}

export async function aChannel(now: Date = new Date()): Promise<TestChannel> {
  const place = temporaryFolder();
  const folder = join(place, 'site');
  const publishing: Publishing = {
    families: FAMILIES,
    folder,
    keys: join(place, 'keys'),
    passphrases: PASSPHRASES,
    now,
  };
  const { rootPath } = await initChannel(publishing);
  return {
    publishing,
    folder,
    rootPath,
    at: (date) => ({ ...publishing, now: date }),
    async add(image, wishes = {}) {
      const path = join(place, `${image.version}.dfu`);
      writeFileSync(path, imageOf(image));
      const usual = { minBatteryPercent: 0, notes: '', rolloutPercent: 100, paused: false };
      return addRelease(publishing, { image: await openPayload(path), publicKeys: [], ...usual, ...wishes });
    },
    copy() {
      const other = join(temporaryFolder(), 'site');
      cpSync(folder, other, { recursive: true });
      return other;
    },
  };
}

/** A client with folders of its own. */
export interface TestClient extends Channel {
  readonly directory: string;
  readonly cache: string;
  readonly notices: readonly string[];
  /** The same client, started anew: another address, another date. */
  reopened(change: Partial<ChannelOptions>): Promise<TestClient>;
}

/** For tests of slowness alone: the others must not depend on how busy the computer is. */
export const IMPATIENT: Pace = { windowMs: 1_000, leastBytes: 1, mostMs: 60_000 };

export async function aClient(options: Partial<ChannelOptions> & Pick<ChannelOptions, 'url'>): Promise<TestClient> {
  const place = temporaryFolder();
  const notices: string[] = [];
  const all = {
    families: FAMILIES,
    directory: join(place, 'state'),
    cache: join(place, 'cache'),
    variables: {},
    notice: (message: string) => void notices.push(message),
    ...options,
  };
  const channel = await openChannel(all);
  const { root: _, ...later } = all;
  return {
    ...channel,
    directory: all.directory,
    cache: all.cache,
    notices,
    reopened: (change) => aClient({ ...later, ...change }),
  };
}

export const urlOf = (folder: string): string => pathToFileURL(folder).href;
