import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/computer/clock.ts';
import type { Ran } from '../../../src/computer/run-program.ts';
import { matches } from '../../../src/protocol/match.ts';
import type { MountedVolume } from '../../../src/protocol/sight.ts';
import { spacepack } from '../../../src/protocol/spacepack/family.ts';
import type { Computer } from '../../../src/volume/computer.ts';
import { createSystemVolumes, type SystemVolumes } from '../../../src/volume/system-volumes.ts';
import { aComputer, MISSING, programs, ran } from '../a-computer.ts';
import { mountedOf, temporaryFolder } from '../a-volume.ts';

const DISKS = readFileSync(new URL('fixtures/disks.json', import.meta.url), 'utf8');
const SYSTEM: Computer['system'] = { platform: 'win32', env: {}, uid: null, program: 'node.exe' };

interface Pc {
  readonly base: string;
  readonly volumes: SystemVolumes;
  readonly scripts: string[];
  readonly asked: string[];
  answer: (script: string) => Ran;
  mountvol: Ran;
  /** When the device arrived, in the form of the scripts. */
  arrival: string;
}

/** What the scripts that ask for the arrival alone print: the system compares. */
const arrivedAt = (pc: Pc, script: string): Ran =>
  pc.arrival === ''
    ? ran('', 1, 'Generic failure')
    : ran(script.includes(`-ne '${pc.arrival}'`) ? 'same\r\n' : 'gone\r\n');

async function aPc(parts: Partial<Computer> = {}): Promise<Pc> {
  const base = await temporaryFolder();
  mkdirSync(join(base, 'E', 'SPACEPAK'), { recursive: true });
  const scripts: string[] = [];
  const { run, asked } = programs({
    'powershell.exe': (args) => {
      const script = Buffer.from(args.at(-1) ?? '', 'base64').toString('utf16le');
      scripts.push(script);
      return script.includes("\n'same'") ? arrivedAt(pc, script) : pc.answer(script);
    },
    'mountvol.exe': () => pc.mountvol,
  });
  const letterRoot = (letter: string): string => join(base, letter);
  const pc: Pc = {
    base,
    scripts,
    asked,
    volumes: createSystemVolumes(aComputer({ run, system: SYSTEM, letterRoot, ...parts })),
    answer: () => ran(DISKS),
    mountvol: ran(''),
    arrival: '134001234567890123',
  };
  return pc;
}

/** Lists, then lets the script that ejects answer with `said`. */
async function releasing(pc: Pc, said: Ran): Promise<unknown> {
  const mounted: MountedVolume = await mountedOf(pc.volumes);
  pc.answer = () => said;
  return pc.volumes.release(mounted).catch((thrown: unknown) => thrown);
}

describe('drives of Windows', () => {
  test('a SpacePack with a letter is mounted there', async () => {
    const pc = await aPc();
    const { drive, volume, mount } = await mountedOf(pc.volumes);
    expect(drive).toMatchObject({ id: '\\\\.\\PHYSICALDRIVE1', scheme: 'mbr' });
    expect(matches(spacepack, drive)).toBe(true);
    expect(volume).toMatchObject({ id: 'E:', fileSystem: 'fat32' });
    expect(mount).toMatchObject({ path: join(pc.base, 'E'), readOnly: false });
  });

  test('a drivelist that sees nothing hides nothing, and one that sees more makes us look again, once', async () => {
    const blind = await aPc({ drivelist: async () => [{ device: '\\\\.\\PhysicalDrive0', external: false }] });
    expect(await blind.volumes.list()).toHaveLength(1);
    const quick = await aPc({ drivelist: async () => [{ device: '\\\\.\\PhysicalDrive7', external: true }] });
    expect(await quick.volumes.list()).toHaveLength(1);
    await quick.volumes.list();
    expect([blind.scripts.length, quick.scripts.length]).toEqual([1, 3]);
    const agreeing = await aPc({ drivelist: async () => [{ device: '\\\\.\\PhysicalDrive1', external: true }] });
    await agreeing.volumes.list();
    expect(agreeing.scripts).toHaveLength(1);
  });

  test.each([
    ['is missing', MISSING],
    ['fails', ran('', 1, 'Get-CimInstance : Access denied')],
  ])('PowerShell %s: that is "not known", never "everything left"', async (_, answer) => {
    const pc = await aPc();
    pc.answer = () => answer;
    await expect(pc.volumes.list()).rejects.toMatchObject({ code: 'listing-failed' });
  });

  test('a letter that cannot be looked at is "not known", never "not mounted"', async () => {
    const pc = await aPc();
    rmSync(join(pc.base, 'E'), { recursive: true });
    symlinkSync(join(pc.base, 'E'), join(pc.base, 'E'));
    await expect(pc.volumes.list()).rejects.toMatchObject({ code: 'listing-failed' });
  });

  test('a letter that shows no file system any more is gone', async () => {
    const pc = await aPc();
    const mounted = await mountedOf(pc.volumes);
    expect(await pc.volumes.entries(mounted, 'SPACEPAK')).toEqual([]);
    rmSync(join(pc.base, 'E'), { recursive: true });
    await expect(pc.volumes.entries(mounted, 'SPACEPAK')).rejects.toMatchObject({ code: 'volume-gone' });
  });

  test('a new letter ends a wait', async () => {
    const pc = await aPc();
    await pc.volumes.list();
    mkdirSync(join(pc.base, 'F'));
    await pc.volumes.changed(pc.volumes.changeCount(), 3_600_000);
  });
});

describe('one odd disk', () => {
  const odd = { disk: 'USBSTOR\\DISK&VEN_MOPHIE&PROD_SPACEPACK&REV_A102\\SP0042&0', trouble: 'Generic failure' };

  test('hides no other one', async () => {
    const pc = await aPc();
    const { disks } = JSON.parse(DISKS);
    pc.answer = () => ran(JSON.stringify({ disks: [{ ...odd, disk: 'USBSTOR\\DISK\\1' }, ...disks] }));
    expect(await pc.volumes.list()).toHaveLength(1);
    expect(await pc.volumes.list()).toHaveLength(1);
  });

  test('that was described before is "not known", never "left"', async () => {
    const pc = await aPc();
    expect(await pc.volumes.list()).toHaveLength(1);
    pc.answer = () => ran(JSON.stringify({ disks: [odd] }));
    await expect(pc.volumes.list()).rejects.toMatchObject({
      code: 'listing-failed',
      message: expect.stringContaining('Generic failure'),
    });
  });
});

describe('a device that was pulled out and is back with its letter between two verbs', () => {
  const pulled = async (): Promise<{ pc: Pc; mounted: MountedVolume; clock: { ms: number } }> => {
    const clock = { ms: 0 };
    const pc = await aPc({ clock: { ...systemClock, now: () => clock.ms } });
    const mounted = await mountedOf(pc.volumes);
    return { pc, mounted, clock };
  };

  test('is noticed by the date of its arrival', async () => {
    const { pc, mounted, clock } = await pulled();
    clock.ms += 3_000;
    expect(await pc.volumes.entries(mounted, 'SPACEPAK')).toEqual([]);
    pc.arrival = '134001234567999999';
    clock.ms += 3_000;
    await expect(pc.volumes.entries(mounted, 'SPACEPAK')).rejects.toMatchObject({ code: 'volume-gone' });
  });

  test('is not asked for at each call: that would take a second each time', async () => {
    const { pc, mounted, clock } = await pulled();
    clock.ms += 1_000;
    await pc.volumes.entries(mounted, 'SPACEPAK');
    expect(pc.scripts).toHaveLength(1);
  });

  test('is "not known" if PowerShell does not say', async () => {
    const { pc, mounted, clock } = await pulled();
    clock.ms += 3_000;
    pc.arrival = '';
    await expect(pc.volumes.entries(mounted, 'SPACEPAK')).rejects.toMatchObject({ code: 'listing-failed' });
  });

  test('is never ejected', async () => {
    const { pc, mounted } = await pulled();
    pc.answer = (script) => {
      const [asked, ejected] = [script.indexOf(`-ne '${pc.arrival}'`), script.indexOf('InvokeVerb')];
      return ran(asked > 0 && asked < ejected ? 'gone\r\n' : 'released\r\n');
    };
    await expect(pc.volumes.release(mounted)).rejects.toMatchObject({ code: 'volume-gone' });
  });
});

describe('releasing on Windows', () => {
  test('ejects as the Explorer does', async () => {
    const pc = await aPc();
    expect(await releasing(pc, ran('released\r\n'))).toHaveLength(1);
    expect(pc.scripts.at(-1)).toContain("InvokeVerb('Eject')");
    expect(pc.scripts.at(-1)).toContain(join(pc.base, 'E'));
  });

  test.each([
    ['that somebody holds is busy', ran('held\r\n'), 'volume-busy'],
    ['that has left is gone', ran('gone\r\n'), 'volume-gone'],
    ['without rights says so', ran('', 1, 'Access is denied'), 'volume-permission'],
  ])('a volume %s', async (_, said, code) => {
    expect(await releasing(await aPc(), said)).toMatchObject({ code });
  });
});

describe('another volume of the same device', () => {
  /** The same device with a second volume, `F:`. */
  const withTwo = async (): Promise<{ pc: Pc; mounted: MountedVolume; second: string }> => {
    const pc = await aPc();
    const mounted = await mountedOf(pc.volumes);
    const second = join(pc.base, 'F');
    const other = { ...mounted.volume, id: 'F:', mount: { path: second, id: 'x', readOnly: false } };
    return { pc, mounted: { ...mounted, drive: { ...mounted.drive, volumes: [mounted.volume, other] } }, second };
  };

  test('keeps it from being ejected, for that takes the whole device, and is named', async () => {
    const { pc, mounted, second } = await withTwo();
    mkdirSync(second);
    await expect(pc.volumes.release(mounted)).rejects.toMatchObject({
      code: 'volume-busy',
      message: expect.stringContaining(second),
      remedy: expect.stringContaining(second),
    });
    expect(pc.scripts.join()).not.toContain('Eject');
  });

  test('that has lost its letter meanwhile does not', async () => {
    const { pc, mounted } = await withTwo();
    pc.answer = () => ran('released\r\n');
    expect(await pc.volumes.release(mounted)).toEqual([mounted.mount.path]);
  });
});

describe('mounting on Windows', () => {
  test('gives a free letter by mountvol', async () => {
    const pc = await aPc();
    const mounted = await mountedOf(pc.volumes);
    await pc.volumes.mount(mounted.drive, { ...mounted.volume, id: '\\\\?\\Volume{1}\\', mount: null });
    expect(pc.asked.at(-1)).toBe('mountvol.exe Z: \\\\?\\Volume{1}\\');
  });

  test('for reading alone is not to be had: with a letter come files of the system', async () => {
    const pc = await aPc();
    const mounted = await mountedOf(pc.volumes);
    await expect(pc.volumes.mount(mounted.drive, mounted.volume, { readOnly: true })).rejects.toMatchObject({
      code: 'volume-not-mounted',
    });
    expect(pc.asked.join()).not.toContain('mountvol.exe');
  });

  test('without rights says how to do it', async () => {
    const pc = await aPc();
    const mounted = await mountedOf(pc.volumes);
    pc.mountvol = ran('Access is denied.', 5);
    await expect(pc.volumes.mount(mounted.drive, mounted.volume)).rejects.toMatchObject({
      code: 'volume-not-mounted',
      remedy: expect.stringContaining('diskmgmt.msc'),
    });
  });
});
