import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { checkSurroundings } from '../../../../src/cli/commands/doctor/surroundings.ts';
import { temporaryFolder } from '../../harness.ts';

/** A computer with these files, and no others that matter. */
function having(files: Readonly<Record<string, string>>): string {
  const root = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

/** Kernel releases as people show them; the other marks are those of systemd-detect-virt(1) and of each system's own manual. */
const WSL_2 = '5.15.90.1-microsoft-standard-WSL2\n';
const WSL_1 = '4.4.0-19041-Microsoft\n';
const PLAIN = '6.1.0-28-amd64\n';

test.each<[string, Record<string, string>, Record<string, string>, RegExp, RegExp]>([
  ['WSL 2', { 'proc/sys/kernel/osrelease': WSL_2 }, {}, /WSL/, /usbipd/],
  ['WSL 1', { 'proc/sys/kernel/osrelease': WSL_1 }, {}, /WSL/, /in Windows itself/],
  [
    'ChromeOS',
    { 'dev/.cros_milestone': '120\n', 'run/systemd/container': 'lxc\n' },
    {},
    /ChromeOS/,
    /another computer/,
  ],
  ['a snap', {}, { SNAP: '/snap/node/1', SNAP_NAME: 'node' }, /snap node/, /snap connect node:removable-media/],
  ['a Flatpak', { '.flatpak-info': '[Application]\n' }, {}, /Flatpak/, /flatpak/],
  ['Docker', { '.dockerenv': '' }, {}, /\(docker\)/, /\/run\/udev/],
  ['Podman', { 'run/.containerenv': '' }, {}, /\(podman\)/, /\/run\/udev/],
  ['a container of systemd', { 'run/systemd/container': 'systemd-nspawn\n' }, {}, /\(systemd-nspawn\)/, /outside/],
  ['a container by its variable', {}, { container: 'oci' }, /\(oci\)/, /outside/],
])('the doctor says why nothing may be seen in %s', async (_, files, variables, message, remedy) => {
  const root = having({ 'proc/sys/kernel/osrelease': PLAIN, ...files });
  const found = await checkSurroundings({ platform: 'linux', variables }, root);
  expect(found).toMatchObject([{ topic: 'surroundings', state: 'note' }]);
  expect(found[0]?.message).toMatch(message);
  expect(found[0]?.remedy).toMatch(remedy);
});

test('on a plain computer there is nothing to say, and on other systems nothing is looked for', async () => {
  const root = having({ 'proc/sys/kernel/osrelease': PLAIN });
  expect(await checkSurroundings({ platform: 'linux', variables: {} }, root)).toEqual([]);
  const odd = having({ '.dockerenv': '' });
  expect(await checkSurroundings({ platform: 'darwin', variables: { container: 'x' } }, odd)).toEqual([]);
});
