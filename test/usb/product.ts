import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Guest } from './machine/guest.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/**
 * Packs the tarball, or takes the one that SPACEPACK_TARBALL names, installs it in an empty folder as `npm install --ignore-scripts` does, and packs that for the guest, which
 * has no network. Twice: `plain.tar` as it is, and `native.tar` with the native part of drivelist, which no script may build
 * here and which is taken from this checkout. Resolves with the folder that holds both.
 */
export function packProduct(): string {
  const folder = mkdtempSync(join(tmpdir(), 'spacepack-product-'));
  const npm = (...args: readonly string[]) =>
    execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  const tarball = process.env['SPACEPACK_TARBALL'] ?? pack(folder);
  npm('init', '--yes', '--silent');
  npm('install', '--ignore-scripts', '--no-audit', '--no-fund', '--silent', resolve(tarball));
  const tar = (name: string) => execFileSync('tar', ['-cf', name, 'node_modules'], { cwd: folder });
  tar('plain.tar');
  const native = join(ROOT, 'node_modules', 'drivelist', 'build');
  const place = join(folder, 'node_modules', 'drivelist');
  if (existsSync(native) && existsSync(place)) {
    mkdirSync(place, { recursive: true });
    cpSync(native, join(place, 'build'), { recursive: true });
    tar('native.tar');
  }
  rmSync(join(folder, 'node_modules'), { recursive: true });
  return folder;
}

function pack(folder: string): string {
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error('Expected npm pack to leave a tarball, found none.');
  return join(folder, tarball);
}

/** Puts a packed product into the guest, with `spacepack` on the path. */
export async function installProduct(guest: Guest, folder: string, variant: 'plain' | 'native'): Promise<void> {
  copyFileSync(join(folder, `${variant}.tar`), join(guest.emulator.shared, 'product.tar'));
  await guest.ask(
    'rm -rf /opt/product && mkdir -p /opt/product && tar -xf /host/product.tar -C /opt/product && ' +
      'ln -sf /opt/product/node_modules/.bin/spacepack /usr/local/bin/spacepack',
  );
}
