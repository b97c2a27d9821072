import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Import {
  readonly file: string;
  /** A path from the root of the project, or the name of a package or of a `node:` module. */
  readonly target: string;
  readonly typeOnly: boolean;
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = [
    ...text.matchAll(/(?:^|\n)(?:import|export)\s(type\s)?[^;'"]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)/g),
  ];
  return found.map(([, type, from, dynamic]) => {
    const name = from ?? dynamic ?? '';
    const target = name.startsWith('.') ? relative(root, resolve(root, dirname(file), name)) : name;
    return { file, target, typeOnly: type !== undefined };
  });
}

const all = [...sources('src'), ...sources('test/fake-volume')].flatMap(importsOf);
const within = (folder: string): Import[] => all.filter(({ file }) => file.startsWith(folder));
const breaking = (folder: string, allowed: (found: Import) => boolean): string[] =>
  within(folder)
    .filter((found) => !allowed(found))
    .map(({ file, target }) => `${file} → ${target}`);

const inside =
  (...folders: string[]) =>
  ({ target }: Import): boolean =>
    folders.some((folder) => target.startsWith(folder));

describe('who may import whom', () => {
  test('there is something to look at', () => {
    expect(all.length).toBeGreaterThan(100);
  });

  test('protocol is pure: nothing but itself, and crc-32 in its checksum', () => {
    const allowed = inside('src/protocol/');
    expect(
      breaking(
        'src/protocol/',
        (found) => allowed(found) || (found.target === 'crc-32' && found.file === 'src/protocol/checksum.ts'),
      ),
    ).toEqual([]);
    for (const file of sources('src/protocol')) {
      const text = readFileSync(join(root, file), 'utf8');
      expect([file, /\basync\b|\bawait\b|\bDate\b|\bperformance\b|\bprocess\./.test(text)]).toEqual([file, false]);
    }
  });

  test('of the families only the list of them is known', () => {
    const importers = within('src/protocol/')
      .filter(inside('src/protocol/spacepack/'))
      .map(({ file }) => file);
    expect(importers.filter((file) => !file.startsWith('src/protocol/spacepack/'))).toEqual([
      'src/protocol/families.ts',
    ]);
  });

  test('volume knows the protocol, the disks, and nobody else', () => {
    const packages = ['drivelist', 'chokidar', 'plist'];
    const allowed = inside('src/protocol/', 'src/computer/', 'src/volume/', 'node:');
    expect(breaking('src/volume/', (found) => allowed(found) || packages.includes(found.target))).toEqual([]);
  });

  test('only volume touches drives and watches folders', () => {
    const disks = ['drivelist', 'chokidar'];
    expect(
      all
        .filter(({ file, target }) => disks.includes(target) && !file.startsWith('src/volume/'))
        .map(({ file }) => file),
    ).toEqual([]);
  });

  test('fs-extra is for the computer’s own disk, in one file', () => {
    const importers = all.filter(({ target }) => target.startsWith('fs-extra')).map(({ file }) => file);
    expect([...new Set(importers)]).toEqual(['src/computer/own-disk.ts']);
  });

  test('the computer knows nothing of devices and volumes', () => {
    const packages = ['env-paths', 'fs-extra/esm'];
    const allowed = inside('src/computer/', 'node:');
    const values = ['errors', 'commitment', 'shapes'].map((name) => `src/protocol/${name}.ts`);
    const isAllowed = (found: Import): boolean =>
      allowed(found) || packages.includes(found.target) || values.includes(found.target);
    expect(breaking('src/computer/', isAllowed)).toEqual([]);
  });

  test('the engine meets the volume by the types of its port only', () => {
    const allowed = inside('src/protocol/', 'src/engine/');
    expect(
      breaking('src/engine/', (found) => allowed(found) || (found.target === 'src/volume/port.ts' && found.typeOnly)),
    ).toEqual([]);
  });

  test('nobody outside of a family’s folder knows its files, ids and formats', () => {
    const words = /SPACEPAK|\bSpacePack\b|INFO\.TXT|STATUS\.TXT|UPDATE\.(BIN|TRG)|MCUboot|DFU suffix|19e7|mophie/;
    // What plays scenarios shows one device, the simulated SpacePack; a lister shows what a recorded system wrote.
    // MCUboot images and DFU suffixes are public formats: what a file is, is said by these names.
    const shows =
      /^src\/cli\/commands\/simulate\/|^src\/volume\/win32\/listing\.ts$|^src\/protocol\/firmware\/(file-kinds|dfu-suffix|raw-format)\.ts$/;
    const outside = sources('src').filter((file) => !file.startsWith('src/protocol/spacepack/') && !shows.test(file));
    const found = outside.filter((file) => words.test(readFileSync(join(root, file), 'utf8')));
    expect(found).toEqual([]);
    const importers = all.filter(({ target }) => target.startsWith('src/protocol/spacepack/')).map(({ file }) => file);
    const strangers = importers.filter(
      (file) => file.startsWith('src/') && !file.startsWith('src/protocol/spacepack/'),
    );
    expect([...new Set(strangers)]).toEqual(['src/protocol/families.ts']);
    const entries = all.filter(({ target }) => target === 'src/protocol/families.ts').map(({ file }) => file);
    expect(entries.sort()).toEqual(['src/cli/program.ts', 'src/index.ts']);
  });

  test('the engine cannot ask whether the world is simulated', () => {
    for (const file of sources('src/engine')) {
      const text = readFileSync(join(root, file), 'utf8');
      expect([file, /simulat|fake|process\.platform/.test(text)]).toEqual([file, false]);
    }
  });

  test('the channel knows images and the protocol, and neither devices nor volumes; nobody below it knows of it', () => {
    const packages = [
      '@tufjs/models',
      'tuf-js',
      'tuf-js/dist/error.js',
      '@tufjs/models/dist/delegations.js',
      '@tufjs/models/dist/role.js',
      'socks-proxy-agent',
      'http-proxy-agent',
      'https-proxy-agent',
    ];
    const allowed = inside('src/channel/', 'src/image/', 'src/protocol/', 'src/computer/', 'node:');
    expect(breaking('src/channel/', (found) => allowed(found) || packages.includes(found.target))).toEqual([]);
    const below = ['src/protocol/', 'src/volume/', 'src/engine/', 'src/image/'];
    expect(below.flatMap((folder) => breaking(folder, (found) => !inside('src/channel/')(found)))).toEqual([]);
    const clients = within('src/channel/').filter(({ file }) => !file.startsWith('src/channel/publisher/'));
    expect(clients.filter(inside('src/channel/publisher/')).map(({ file }) => file)).toEqual([]);
  });

  test('only the simulate command reaches the fake volume', () => {
    const reaching = all.filter(({ file, target }) => file.startsWith('src/') && target.startsWith('test/'));
    expect(
      reaching.filter(({ file }) => !file.startsWith('src/cli/commands/simulate')).map(({ file }) => file),
    ).toEqual([]);
  });

  test('a group of commands uses the rooms beside it, and no other group', () => {
    const groupOf = (path: string): string => dirname(relative('src/cli/commands', path)).split('/')[0] ?? '';
    const foreign = within('src/cli/commands/').filter(
      ({ file, target }) =>
        target.startsWith('src/cli/commands/') &&
        target !== 'src/cli/commands/command.ts' &&
        file !== 'src/cli/commands/index.ts' &&
        groupOf(file) !== groupOf(target),
    );
    expect(foreign.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
  });

  test('the rooms of the command line know no command, but for the parser, which looks them up', () => {
    const rooms = within('src/cli/').filter(({ file }) => !file.startsWith('src/cli/commands/'));
    const known = rooms.filter(inside('src/cli/commands/')).filter(({ target }) => !target.endsWith('/command.ts'));
    expect([...new Set(known.map(({ file }) => dirname(file)))]).toEqual(['src/cli/parse']);
  });

  test('text knows nothing of us', () => {
    const allowed = inside('src/cli/text/', 'src/protocol/printable.ts', 'node:');
    expect(breaking('src/cli/text/', allowed)).toEqual([]);
  });

  test('the device shares no code with the host: types, and the error class at the port', () => {
    const shared = within('test/fake-volume/').filter(({ target }) => target.startsWith('src/'));
    const allowed = ({ target, typeOnly }: Import): boolean => typeOnly || target === 'src/protocol/errors.ts';
    expect(shared.filter((found) => !allowed(found)).map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
    expect(within('test/fake-volume/').filter(({ target }) => target === 'crc-32')).toEqual([]);
  });

  test('the simulated firmware knows no world: the card in its slot, and what a world asks of a device', () => {
    const allowed = inside('test/fake-volume/spacepack/', 'node:');
    const files = ['cards/card', 'cards/content', 'device', 'random'].map((name) => `test/fake-volume/${name}.ts`);
    const isAllowed = (found: Import): boolean => allowed(found) || files.includes(found.target);
    expect(breaking('test/fake-volume/spacepack/', isAllowed)).toEqual([]);
  });

  test('cards and worlds know no firmware: only the device that a world makes', () => {
    const knows = inside('test/fake-volume/spacepack/');
    const isAllowed = (found: Import): boolean =>
      !knows(found) ||
      (found.target === 'test/fake-volume/spacepack/device.ts' && /(memory|folders)\/\w+\.ts$/.test(found.file));
    expect(['cards', 'memory', 'folders'].flatMap((room) => breaking(`test/fake-volume/${room}/`, isAllowed))).toEqual(
      [],
    );
  });

  test('the login item knows devices by the public verbs, and nothing of volumes', () => {
    const own = ['darwin/property-list', 'win32/powershell'];
    const allowed = [
      inside(
        'src/agent/',
        'src/protocol/',
        'src/channel/channel-url.ts',
        'src/channel/client.ts',
        'src/channel/release.ts',
        'src/computer/',
        'node:',
      ),
      inside(
        'src/devices/find.ts',
        'src/devices/update.ts',
        'src/image/open-image.ts',
        'src/devices/while-mounted.ts',
        'src/devices/choose.ts',
        'plist',
      ),
      inside(...own.map((name) => `src/volume/${name}.ts`)),
      ({ target, typeOnly }: Import): boolean =>
        typeOnly && ['src/engine/report.ts', 'src/volume/port.ts'].includes(target),
    ];
    expect(breaking('src/agent/', (found) => allowed.some((holds) => holds(found)))).toEqual([]);
  });

  test('nobody but the command line knows the login item', () => {
    const knowing = all.filter(({ file, target }) => target.startsWith('src/agent/') && !file.startsWith('src/agent/'));
    expect(knowing.filter(({ file }) => !file.startsWith('src/cli/')).map(({ file }) => file)).toEqual([]);
  });

  test('the benchmarks import what is built', () => {
    const built = readdirSync(join(root, 'bench')).flatMap((file) => [
      ...readFileSync(join(root, 'bench', file), 'utf8').matchAll(/'\.\.\/dist\/([^']+)\.js'/g),
    ]);
    expect(built.length).toBeGreaterThan(3);
    for (const [, path = ''] of built) expect([path, existsSync(join(root, `${path}.ts`))]).toEqual([path, true]);
  });

  test('nothing imports in a circle', () => {
    const next = new Map<string, string[]>();
    for (const { file, target, typeOnly } of all) if (!typeOnly) next.set(file, [...(next.get(file) ?? []), target]);
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) throw new Error([...path.slice(path.indexOf(file)), file].join(' → '));
      if (done.has(file)) return;
      for (const target of next.get(file) ?? []) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of next.keys()) visit(file, []);
  });
});

describe('names', () => {
  const EXPORTED = /^export (?:async )?(?:abstract )?(?:const|let|function\*?|class|interface|type|enum) (\w+)/gm;
  /** The library hands in the families that are known, and keeps the names of what it wraps. */
  const FACE = 'src/index.ts';

  test('what is exported has a name of its own', () => {
    const places = new Map<string, string[]>();
    for (const file of sources('src').filter((each) => each !== FACE)) {
      const names = [...readFileSync(join(root, file), 'utf8').matchAll(EXPORTED)].map(([, name = '']) => name);
      // An overloaded function is exported once for each of its signatures.
      for (const name of new Set(names)) places.set(name, [...(places.get(name) ?? []), file]);
    }
    expect(places.size).toBeGreaterThan(300);
    const twice = [...places].filter(([, files]) => files.length > 1).map(([name, files]) => [name, files.sort()]);
    expect(twice).toEqual([]);
  });
});
