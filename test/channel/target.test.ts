import { TargetFile } from '@tufjs/models';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Release } from '../../src/channel/release.ts';
import { isPlainName, MOST_IMAGE_BYTES, readTarget, releasesOf, tufTargetOf } from '../../src/channel/target.ts';

const RELEASE: Release = {
  name: 'spacepack-1.2.3-0100.dfu',
  product: 'spacepack',
  hardware: ['0100', '00FF'],
  version: { major: 1, minor: 2, revision: 3, build: 4 },
  securityCounter: 5,
  minBatteryPercent: 30,
  notes: 'Faster.\nBrighter.',
  rolloutPercent: 25,
  paused: false,
  sizeBytes: 1000,
  sha256: 'ab'.repeat(32),
};

const described = tufTargetOf(RELEASE).custom['spacepack'] as Readonly<Record<string, unknown>>;

const targetWith = (change: Readonly<Record<string, unknown>>): TargetFile =>
  TargetFile.fromJSON(RELEASE.name, {
    length: RELEASE.sizeBytes,
    hashes: { sha256: RELEASE.sha256 },
    custom: { spacepack: { ...described, ...change } as Record<string, string> },
  });

test('what a release says comes back as it was', () => {
  const target = tufTargetOf(RELEASE);
  const json = JSON.parse(JSON.stringify(target.toJSON()));
  expect(readTarget(TargetFile.fromJSON(RELEASE.name, json))).toEqual({ kind: 'release', release: RELEASE });
});

test('the form is an interface: these are the fields', () => {
  expect(described).toEqual({
    format: 1,
    product: 'spacepack',
    hardware: ['0100', '00FF'],
    version: '1.2.3+4',
    'security-counter': 5,
    'min-battery': 30,
    notes: 'Faster.\nBrighter.',
    rollout: 25,
    paused: false,
  });
});

test('fields of later versions are ignored', () => {
  expect(readTarget(targetWith({ colour: 'red' }))).toMatchObject({ kind: 'release' });
});

describe('a target is malformed', () => {
  test.each<[string, unknown]>([
    ['format', 2],
    ['format', undefined],
    ['product', ''],
    ['product', '../other'],
    ['product', 'x'.repeat(33)],
    ['hardware', '0100'],
    ['hardware', ['01']],
    ['hardware', ['00ff']],
    ['hardware', ['FFFF']],
    ['hardware', Array.from({ length: 65 }, () => '0100')],
    ['version', '1.2'],
    ['version', '1.2.256.1'],
    ['version', 1],
    ['security-counter', -1],
    ['security-counter', 2 ** 32],
    ['security-counter', '5'],
    ['min-battery', 101],
    ['min-battery', null],
    ['notes', undefined],
    ['notes', 'x'.repeat(4001)],
    ['rollout', 101],
    ['rollout', 2.5],
    ['rollout', '100'],
    ['paused', 'no'],
    ['paused', undefined],
  ])('with %s %j, and the message names the field', (field, value) => {
    const message = expect.stringContaining(field);
    expect(readTarget(targetWith({ [field]: value }))).toEqual({ kind: 'malformed', message });
  });

  test.each([
    [{ length: MOST_IMAGE_BYTES + 1 }],
    [{ length: 1.5 }],
    [{ hashes: { sha512: 'ab'.repeat(64) } }],
    [{ hashes: { sha256: 'AB'.repeat(32) } }],
    [{ hashes: { sha256: '../../../../etc/passwd' } }],
    [{ custom: { spacepack: 'text' } }],
    [{ custom: { spacepack: null } }],
  ])('with %j', (change) => {
    const json = { ...tufTargetOf(RELEASE).toJSON(), ...change } as Parameters<typeof TargetFile.fromJSON>[1];
    expect(readTarget(TargetFile.fromJSON(RELEASE.name, json))).toMatchObject({ kind: 'malformed' });
  });

  test('or a release, or another file, whatever it says', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (path, value) => {
        const json = { length: 1, hashes: {}, custom: { spacepack: value } } as Parameters<
          typeof TargetFile.fromJSON
        >[1];
        expect(['release', 'other', 'malformed']).toContain(readTarget(TargetFile.fromJSON(path, json)).kind);
      }),
    );
  });
});

test('a malformed release is left out and told of; the others stay', () => {
  const told: string[] = [];
  const releases = releasesOf([targetWith({ rollout: 101 }), tufTargetOf(RELEASE)], (message) => told.push(message));
  expect(releases).toEqual([RELEASE]);
  expect(told).toHaveLength(1);
});

test('a plain name is one step of a path on every system', () => {
  fc.assert(
    fc.property(fc.string(), (name) => {
      if (!isPlainName(name)) return;
      expect(new URL(`targets/${name}`, 'https://a.example/').pathname).toBe(`/targets/${name}`);
      expect(name).not.toMatch(/[\\/:]/);
    }),
  );
});
