import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { profileFamilies } from '../../src/cli/profiles/load.ts';
import { FAMILIES } from '../../src/protocol/families.ts';
import { run, temporaryFile } from '../cli/harness.ts';
import { ardupilot } from '../fake-volume/families/ardupilot.ts';
import {
  createDropWorld,
  type DropDevice,
  type DropWorld,
  type DropWorldOptions,
} from '../fake-volume/families/drop-world.ts';
import { garmin } from '../fake-volume/families/garmin.ts';
import { kobo } from '../fake-volume/families/kobo.ts';
import { lpc } from '../fake-volume/families/lpc.ts';
import { pemicro } from '../fake-volume/families/pemicro.ts';
import { printer } from '../fake-volume/families/printer.ts';
import { ts100 } from '../fake-volume/families/ts100.ts';

const shipped = (name: string): string => fileURLToPath(new URL(`../../profiles/${name}.toml`, import.meta.url));

/** `update` with a shipped profile; what it ended with. */
async function update(name: string, world: DropWorld, payload: Uint8Array, ...options: readonly string[]) {
  const families = [...FAMILIES, ...(await profileFamilies([shipped(name)], FAMILIES))];
  const argv = ['update', temporaryFile(`new.${name === 'kobo' ? 'tgz' : 'bin'}`, payload), '--json', ...options];
  const { result, events } = await run(argv, { environment: world.environment, families });
  const notices = events.flatMap((event) => (event.event === 'notice' ? [event.code] : []));
  return { code: result?.code, verdict: result?.verdict, notices, message: result?.message };
}

interface Kind {
  readonly make: () => DropDevice;
  /** A good image, one of another version, and one that is for something else. */
  readonly good: Uint8Array;
  readonly other: Uint8Array;
  readonly wrong: Uint8Array | null;
  /** Where the payload goes. */
  readonly place: string;
}

const text = (content: string): Uint8Array => Buffer.from(content, 'latin1');
const hex = (line: string): Uint8Array => text(`${`${line}\n`.repeat(100)}:00000001FF\n`);
const abin = (body: string): Uint8Array => {
  const md5 = createHash('md5').update(body).digest('hex');
  return text(`git version: 1234abcd\nMD5: ${md5}\n--\n${body}`);
};
const s19 = (name: string): Uint8Array =>
  text(`S0${name}\n${'S1130000285F245F2212226A000424290008237C2A\n'.repeat(50)}S9030000FC\n`);

const KINDS: Readonly<Record<string, Kind>> = {
  ts100: {
    make: ts100,
    good: hex(':1000000000040020C1000008'),
    other: hex(':1000000000050020C1000008'),
    wrong: text('MZ\x90 a program'.repeat(200)),
    place: 'FIRMWARE.HEX',
  },
  printer: {
    make: printer,
    good: text('the firmware'.repeat(200)),
    other: text('other firmware'.repeat(200)),
    wrong: null,
    place: 'firmware.bin',
  },
  ardupilot: {
    make: ardupilot,
    good: abin('copter'.repeat(500)),
    other: abin('plane'.repeat(500)),
    wrong: text('\x7fELF'.repeat(500)),
    place: 'ardupilot.abin',
  },
  kobo: {
    make: kobo,
    good: gzipSync(`firmware 4.45.23640 ${createHash('sha512').update('a').digest('hex').repeat(30)}`, { level: 0 }),
    other: gzipSync(`firmware 4.46.1 ${createHash('sha512').update('b').digest('hex').repeat(30)}`, { level: 0 }),
    wrong: text('a plain file'.repeat(200)),
    place: '.kobo/KoboRoot.tgz',
  },
  garmin: {
    make: garmin,
    good: text(`GARMINd 510\n${'.'.repeat(3_000)}`),
    other: text(`GARMINd 520\n${'.'.repeat(3_000)}`),
    wrong: text('FIT'.repeat(900)),
    place: 'Garmin/GUPDATE.GCD',
  },
};

const firmwareOf = ({ device }: DropWorld): Buffer | null => {
  const runs = device.runs();
  return runs && Buffer.from(runs);
};

describe.each(Object.entries(KINDS))('%s', (name, { make, good, other, wrong, place }) => {
  const world = (options?: DropWorldOptions): DropWorld => createDropWorld(make(), options);

  test('applied, and the user’s files stay', async () => {
    const one = world();
    one.device.files.set('KEEP.ME', text("the user's"));
    expect(await update(name, one, good)).toMatchObject({ code: 'applied' });
    expect(firmwareOf(one)).toEqual(Buffer.from(good));
    expect(one.records.size).toBe(0);
    expect(one.device.files.get('KEEP.ME')).toEqual(text("the user's"));
    expect(one.device.files.has(place)).toBe(false);
  });

  test('a second update is judged by what is new', async () => {
    const one = world();
    await update(name, one, good);
    expect(await update(name, one, other)).toMatchObject({ code: 'applied' });
    expect(firmwareOf(one)).toEqual(Buffer.from(other));
  });

  test('the same again: the witness of the first one proves nothing', async () => {
    const one = world();
    await update(name, one, good);
    expect(await update(name, one, good)).toMatchObject({ verdict: 'indeterminate', code: 'no-answer' });
  });

  test('an image for something else is refused before anything is written', async () => {
    if (wrong === null) return;
    const one = world();
    const before = new Map(one.device.files);
    const { verdict, code } = await update(name, one, wrong);
    expect([verdict, code?.startsWith('image-')]).toEqual(['refused', true]);
    expect([...one.device.files]).toEqual([...before]);
    expect(one.records.size).toBe(0);
  });

  test('a file of the user in the payload’s place is neither taken for ours nor removed', async () => {
    const one = world();
    one.device.files.set(place, text('mine'));
    const stays = createDropWorld({ ...one.device, react: () => null });
    expect(await update(name, stays, good)).toMatchObject({ code: 'device-busy' });
    expect(stays.device.files.get(place)).toEqual(text('mine'));
  });

  test('the cable is pulled in the middle: nothing is claimed, and a rerun installs it', async () => {
    const one = world({ cutAfterBytes: 1_024 });
    const first = await update(name, one, good);
    expect(first.verdict).toBe('indeterminate');
    expect(firmwareOf(one)).toBeNull();
    one.calm();
    expect(await update(name, one, good)).toMatchObject({ code: 'applied' });
    expect(firmwareOf(one)).toEqual(Buffer.from(good));
  });

  test('killed in the middle: the rerun removes what is torn and installs it, or another image', async () => {
    for (const next of [good, other]) {
      const one = world({ killedAfterBytes: 1_024 });
      await update(name, one, good);
      one.calm();
      const { code, notices } = await update(name, one, next);
      expect([code, notices]).toEqual(['applied', expect.arrayContaining(['record-dropped'])]);
      expect(firmwareOf(one)).toEqual(Buffer.from(next));
    }
  });

  test('killed before a byte: a later change by somebody else is not taken for ours', async () => {
    const one = world({ killedAfterBytes: 0 });
    await update(name, one, good);
    one.device.files.delete(place);
    one.calm();
    const aside = make();
    for (const [path, bytes] of aside.files) one.device.files.set(path, bytes);
    one.device.files.set(place, other);
    one.device.react()?.work();
    const { notices } = await update(name, one, other, '--dry-run');
    expect(notices).not.toContain('record-resolved');
  });

  test('it never comes back: nothing is claimed, and the record stays', async () => {
    const device = make();
    const one = createDropWorld({
      ...device,
      react: () => ({ isInPlace: false, awayMs: null, work: () => {} }),
    });
    expect(await update(name, one, good)).toMatchObject({ verdict: 'indeterminate', code: 'never-returned' });
    expect(one.records.size).toBe(1);
  });

  test('it comes back late: the next run finds out how it ended', async () => {
    const device = make();
    const one = createDropWorld({
      ...device,
      react() {
        const reaction = device.react();
        return reaction && { ...reaction, awayMs: 3_000_000 };
      },
    });
    expect(await update(name, one, good)).toMatchObject({ verdict: 'indeterminate' });
    await one.environment.clock.sleep(4_000_000);
    const { notices } = await update(name, one, good);
    expect(notices).toContain('record-resolved');
    expect(firmwareOf(one)).toEqual(Buffer.from(good));
  });

  test('a dry run writes nothing', async () => {
    const one = world();
    const before = [...one.device.files];
    expect(await update(name, one, good, '--dry-run')).toMatchObject({ code: 'would-apply' });
    expect([...one.device.files]).toEqual(before);
  });
});

describe('what each device says no to', () => {
  test('an iron that could not take it renames the file to .ERR, also beside an old one', async () => {
    const one = createDropWorld(ts100());
    const bad = (line: string): Uint8Array => text(`:10\n${line}\n`.repeat(200));
    expect(await update('ts100', one, bad(':20'))).toMatchObject({ code: 'rejected-other' });
    expect(await update('ts100', one, bad(':30'))).toMatchObject({ code: 'rejected-other' });
    expect(await update('ts100', one, KINDS['ts100']?.good ?? bad(''))).toMatchObject({ code: 'applied' });
    expect(await update('ts100', one, bad(':30'))).toMatchObject({ code: 'no-answer' });
  });

  test('a printer that leaves the file as it is has not answered', async () => {
    const one = createDropWorld(printer({ isIgnoring: true }));
    one.device.files.set('FIRMWARE.CUR', KINDS['printer']?.good ?? text(''));
    const { code } = await update('printer', one, KINDS['printer']?.good ?? text(''));
    expect(code).toBe('no-answer');
    expect(one.device.files.has('firmware.bin')).toBe(true);
  });

  test('each rename of ArduPilot has its verdict', async () => {
    const good = abin('copter'.repeat(500));
    const broken = text(Buffer.from(good).toString('latin1').replace('copter', 'cobter'));
    expect(await update('ardupilot', createDropWorld(ardupilot()), broken)).toMatchObject({ code: 'rejected-other' });
    for (const failsAt of ['verify', 'flash'] as const) {
      const one = createDropWorld(ardupilot({ failsAt }));
      expect(await update('ardupilot', one, good)).toMatchObject({ code: 'failed-other' });
    }
  });

  test('a reader or receiver whose version stays has not answered', async () => {
    const tgz = gzipSync('something else, without firmware in it', { level: 0 });
    expect(await update('kobo', createDropWorld(kobo()), tgz)).toMatchObject({ code: 'no-answer' });
    expect(await update('garmin', createDropWorld(garmin()), text('GARMINd junk'))).toMatchObject({
      code: 'no-answer',
    });
  });
});

describe('P&E', () => {
  test('"Ready" after "Ready" proves nothing; after something else it does', async () => {
    const idle = createDropWorld(pemicro());
    expect(await update('pemicro', idle, s19('0000'))).toMatchObject({ verdict: 'indeterminate' });
    const stuck = createDropWorld(pemicro({ says: 'Programming...\r\n' }));
    expect(await update('pemicro', stuck, s19('0000'))).toMatchObject({ code: 'applied' });
    expect(firmwareOf(stuck)).toEqual(Buffer.from(s19('0000')));
  });

  test('an error is a rejection', async () => {
    const one = createDropWorld(pemicro());
    expect(await update('pemicro', one, text('S0 and no end\n'))).toMatchObject({ code: 'rejected-other' });
  });
});

describe('LPC', () => {
  const image = text('vectors'.repeat(1_000));

  test('the flash memory is written over in place and read from a new mount; that it starts is not claimed', async () => {
    const one = createDropWorld(lpc());
    expect(await update('lpc', one, image)).toMatchObject({ verdict: 'indeterminate', code: 'written' });
    expect(Buffer.from(one.device.runs() ?? []).subarray(0, image.length)).toEqual(Buffer.from(image));
    expect(one.device.files.has('firmware.bin')).toBe(true);
  });

  test('a cell that is wrong is told', async () => {
    const one = createDropWorld(lpc({ faultyAt: 5_000 }));
    expect(await update('lpc', one, image)).toMatchObject({ verdict: 'failed', code: 'failed-verify' });
  });

  test('a cut leaves nothing claimed, and a rerun writes it', async () => {
    const one = createDropWorld(lpc(), { cutAfterBytes: 1_024 });
    expect((await update('lpc', one, image)).verdict).toBe('indeterminate');
    one.calm();
    expect(await update('lpc', one, image)).toMatchObject({ code: 'written' });
  });
});
