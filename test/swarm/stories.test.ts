import { describe, expect, test } from 'vitest';
import { play } from './play.ts';
import { type StoryParts, storyOf } from './story.ts';
import { tell, tellEnd } from './tell.ts';

const TRIGGER = 'SPACEPAK/UPDATE.TRG';
const PAYLOAD = 'SPACEPAK/UPDATE.BIN';
const TWINS = [{}, {}];
const UPDATED_TWIN = [{}, { runs: 2 }];

interface Told extends StoryParts {
  /** How its runs must end, in the order in which they do. Default: not said. */
  readonly verdicts?: readonly string[];
}

/** Stories that ended in something that must never be, by what happens to the device. New ones are pasted from the swarm. */
const STORIES: Readonly<Record<string, Told>> = {
  'two have one serial; the second one is named by its port': {
    verdicts: ['applied'],
    devices: TWINS,
    runs: [{ by: 'port', device: 1 }],
  },
  'two have one serial; the second one is named by its drive': {
    verdicts: ['applied'],
    devices: TWINS,
    runs: [{ by: 'drive', device: 1 }],
  },
  'two have one serial and one port is as unknown as the other': {
    verdicts: ['refused'],
    host: { ports: 'untold' },
    devices: TWINS,
    runs: [{ by: 'serial' }],
  },
  'one has no serial in its descriptor and comes first; the other is named by its serial': {
    verdicts: ['applied'],
    devices: [{ hasUsbSerial: false }, { serial: 'SPa0000002' }],
    runs: [{ by: 'serial', device: 1 }],
  },
  'one has no serial in its descriptor and runs the image; the other does not': {
    verdicts: ['applied'],
    devices: [
      { hasUsbSerial: false, runs: 2 },
      { serial: 'SPa0000002', hasUsbSerial: false },
    ],
    runs: [{ by: 'serial', device: 1 }],
  },
  'the flash memory fails, and an updated twin was there all along': {
    verdicts: ['failed'],
    devices: [{ troubles: [{ at: 'erase', visit: 1, outcome: 'fail', backAfterMs: 0 }] }, { runs: 2 }],
    runs: [{ by: 'port' }],
  },
  'the device hangs while it is away, and an updated twin was there all along': {
    verdicts: ['indeterminate'],
    devices: [{ troubles: [{ at: 'program', visit: 1, outcome: 'hang', backAfterMs: 0 }] }, { runs: 2 }],
    runs: [{ by: 'port' }],
  },
  'the device loses power while it is away, and an updated twin is plugged in elsewhere': {
    verdicts: ['indeterminate'],
    devices: [
      { troubles: [{ at: 'program', visit: 1, outcome: 'lose-power', backAfterMs: 200_000 }] },
      { runs: 2, plugged: false },
    ],
    events: [{ when: { ms: 9_000 }, what: 'plug', device: 1 }],
  },
  'the device never comes back, and an updated twin is plugged in where no ports are known': {
    verdicts: ['indeterminate'],
    host: { ports: 'untold' },
    devices: [
      { troubles: [{ at: 'program', visit: 1, outcome: 'hang', backAfterMs: 0 }] },
      { runs: 2, plugged: false },
    ],
    events: [{ when: { ms: 9_000 }, what: 'plug', device: 1 }],
  },
  'the computer mounts nothing by itself, and a twin is mounted already': {
    verdicts: ['applied'],
    host: { automounter: false },
    devices: UPDATED_TWIN,
    runs: [{ by: 'port' }],
  },
  'the system writes serials in capitals': {
    verdicts: ['applied'],
    host: { serials: 'capitals' },
    runs: [{ by: 'serial' }],
  },
  'the system tells neither serials nor ports': { verdicts: ['applied'], host: { serials: 'untold', ports: 'untold' } },
  'both attachments have one name, and nobody mounts the volume': {
    verdicts: ['applied'],
    host: { attachments: 'kept', automounter: false },
  },
  'closing the record fails after the device has said applied': {
    verdicts: ['applied'],
    ownDisk: [{ calls: ['close'] }],
  },
  'closing the record reports an error, and it is closed': {
    verdicts: ['applied'],
    ownDisk: [{ calls: ['close'], when: 'after', count: 1 }],
  },
  'giving the lock back fails': { verdicts: ['applied'], ownDisk: [{ calls: ['unlock'] }] },
  'the home is read-only': {
    verdicts: ['refused'],
    ownDisk: [{ calls: ['prepare', 'save', 'close', 'lock', 'unlock'] }],
  },
  'the home becomes read-only when the record is to be saved': {
    verdicts: ['refused'],
    ownDisk: [{ calls: ['save', 'close', 'unlock'] }],
  },
  'the record is saved though saving it reports an error': {
    verdicts: ['refused'],
    ownDisk: [{ calls: ['save'], when: 'after', count: 1 }],
  },
  'the home hangs': { verdicts: ['refused'], ownDisk: [{ hang: 'never' }] },
  'a run is killed after the trigger, and the next one cannot read': {
    verdicts: ['indeterminate'],
    runs: [{}, { atMs: 8_000 }],
    events: [{ when: { verb: 'release', path: null, visit: 1, device: 0 }, what: 'kill', run: 0 }],
    failures: [{ verb: 'read', process: 2, code: 'volume-io' }],
  },
  'a run is killed after the trigger, and the next one comes while the device is away': {
    verdicts: ['applied'],
    runs: [{}, { atMs: 4_000 }],
    events: [{ when: { verb: 'release', path: null, visit: 1, device: 0 }, what: 'kill', run: 0 }],
  },
  'a run is killed after the trigger, and the next one is by another user': {
    verdicts: ['applied'],
    runs: [{}, { atMs: 1_000, user: 'ben' }],
    events: [{ when: { verb: 'release', path: null, visit: 1, device: 0 }, what: 'kill', run: 0 }],
  },
  'the computer sleeps while the device is away': {
    verdicts: ['applied'],
    events: [{ when: { ms: 3_000 }, what: 'sleep', ms: 70_000, busPower: true, isCounted: true }],
  },
  'the computer sleeps while the device is about to leave, and its clock stands still': {
    verdicts: ['applied'],
    host: { listMs: 100 },
    events: [{ when: { ms: 1_500 }, what: 'sleep', ms: 400_000, busPower: true, isCounted: false }],
  },
  'the computer sleeps through the whole time that was allowed': {
    verdicts: ['applied'],
    runs: [{ capMs: 30_000 }],
    events: [{ when: { ms: 3_000 }, what: 'sleep', ms: 400_000, busPower: true, isCounted: true }],
  },
  'the program is stopped when it has just released the volume': {
    verdicts: ['applied'],
    events: [{ when: { verb: 'release', path: null, visit: 1, device: 0 }, what: 'stop', run: 0, ms: 400_000 }],
  },
  'a torn trigger lies on the card, and the device is pinged': {
    verdicts: ['unchanged'],
    runs: [{ action: 'ping' }],
    events: [{ when: { ms: 0 }, what: 'foreign', device: 0, file: 'torn-trigger' }],
  },
  'the device has answered a malformed trigger, and is pinged': {
    verdicts: ['unchanged'],
    runs: [{ action: 'ping', atMs: 100_000 }],
    events: [{ when: { ms: 0 }, what: 'foreign', device: 0, file: 'malformed-trigger' }],
  },
  'another program has committed another image': {
    events: [{ when: { ms: 0 }, what: 'foreign', device: 0, file: 'install' }],
  },
  'another program has committed another image, and the time of this run is up while it is installed': {
    verdicts: ['refused'],
    devices: [{ installMs: 40_000 }],
    runs: [{ capMs: 5_000 }],
    events: [{ when: { ms: 0 }, what: 'foreign', device: 0, file: 'install' }],
  },
  'another program has committed another image, and this run is called off while it is installed': {
    verdicts: ['refused'],
    devices: [{ installMs: 40_000 }],
    events: [
      { when: { ms: 0 }, what: 'foreign', device: 0, file: 'install' },
      { when: { ms: 20_000 }, what: 'call-off', run: 0, againAfterMs: 1 },
    ],
  },
  'another program has committed another image, and the device never comes back': {
    verdicts: ['refused'],
    devices: [{ troubles: [{ at: 'program', visit: 1, outcome: 'hang', backAfterMs: 0 }] }],
    events: [{ when: { ms: 0 }, what: 'foreign', device: 0, file: 'install' }],
  },
  'a run is killed after the trigger, the next one joins it, and the device never comes back': {
    verdicts: ['indeterminate'],
    devices: [{ dirty: true, troubles: [{ at: 'program', visit: 1, outcome: 'hang', backAfterMs: 0 }] }],
    runs: [{}, { atMs: 5_000 }],
    events: [{ when: { verb: 'release', path: null, visit: 1, device: 0 }, what: 'kill', run: 0 }],
  },
  'the card is damaged while the device is away, and its old INFO.TXT is read by others': {
    verdicts: ['indeterminate', 'refused', 'indeterminate'],
    runs: [{}, { atMs: 400_000, user: 'ben' }, { atMs: 800_000 }],
    events: [{ when: { ms: 3_000 }, what: 'damage', device: 0 }],
  },
  'another program has committed a ping': {
    verdicts: ['applied'],
    events: [{ when: { ms: 0 }, what: 'foreign', device: 0, file: 'ping' }],
  },
  'a dry run finds the record of a run that was killed': {
    verdicts: ['applied'],
    runs: [{}, { atMs: 60_000, dryRun: true }],
    events: [{ when: { verb: 'release', path: null, visit: 1, device: 0 }, what: 'kill', run: 0 }],
  },
  'a dry run finds the record of a run whose trigger never arrived': {
    verdicts: ['unchanged'],
    runs: [{}, { atMs: 60_000, dryRun: true }],
    events: [{ when: { verb: 'create', path: TRIGGER, visit: 1, device: 0 }, what: 'kill', run: 0 }],
  },
  'a dry run on a computer that mounts nothing by itself': {
    verdicts: ['unchanged'],
    host: { automounter: false },
    runs: [{ dryRun: true }],
  },
  'the cable is pulled between the entry of the trigger and its content': {
    verdicts: ['applied'],
    host: { lateEntries: true },
    events: [{ when: { verb: 'close', path: TRIGGER, visit: 1, device: 0 }, what: 'wiggle', device: 0 }],
  },
  'the trigger cannot be created, and the device stays': {
    verdicts: ['refused'],
    failures: [{ verb: 'create', path: TRIGGER, code: 'volume-io' }],
  },
  'the trigger cannot be created in a bootloader': {
    verdicts: ['refused'],
    devices: [{ runs: 0 }],
    failures: [{ verb: 'create', path: TRIGGER, code: 'volume-full' }],
  },
  'a device in its bootloader has too little battery': { verdicts: ['refused'], devices: [{ runs: 0, battery: 5 }] },
  'a device in its bootloader is pinged': {
    verdicts: ['unchanged'],
    devices: [{ runs: 0 }],
    runs: [{ action: 'ping' }],
  },
  'a user saves a file on another partition just before the update': {
    devices: [{ partition: 'automounted' }],
    events: [
      {
        when: { verb: 'create', path: PAYLOAD, visit: 1, device: 0 },
        what: 'save',
        device: 0,
        partition: 1,
        name: 'a.txt',
      },
    ],
  },
  'a user saves a file on a partition of the fstab just before the update': {
    devices: [{ partition: 'fstab' }],
    events: [
      {
        when: { verb: 'create', path: PAYLOAD, visit: 1, device: 0 },
        what: 'save',
        device: 0,
        partition: 1,
        name: 'a.txt',
      },
    ],
  },
  'two users update one device at once': { runs: [{}, { user: 'ben' }, { user: 'ben', atMs: 5, version: 3 }] },
  'two have one serial; one has committed and waits, and a run comes for the other': {
    verdicts: ['applied', 'applied'],
    devices: [{}, { dirty: true }],
    runs: [
      { by: 'port', device: 1 },
      { by: 'port', device: 0, atMs: 30_000 },
    ],
  },
  'two have one serial; one has committed and waits, and the other must not be updated': {
    devices: [{ battery: 5 }, { dirty: true }],
    runs: [{ by: 'all' }, { atMs: 30_000, by: 'all' }],
  },
  'two are known by no port; the one that was chosen is unplugged, and the other has come meanwhile': {
    host: { ports: 'untold', listMs: 1_500, mountMs: 20 },
    devices: [{ plugged: false }, { runs: 0 }],
    events: [
      { when: { ms: 300 }, what: 'plug', device: 0 },
      { when: { ms: 1_000 }, what: 'unplug', device: 1 },
    ],
  },
  'a lock cannot be had in time, and another run has updated the device meanwhile': {
    verdicts: ['applied', 'refused'],
    runs: [{}, {}],
    ownDisk: [{ calls: ['lock'], from: 2, hang: 'never' }],
  },
  'a trigger that another run has left waits for so long that nobody sees what becomes of it': {
    devices: [{ dirty: true }],
    runs: [{ capMs: 4_000 }, { atMs: 8_000 }, { atMs: 30_000 }],
  },
  'a device of a record has a twin that has booted less often': {
    devices: [{ plugged: false }, {}],
    runs: [
      { by: 'port', device: 0 },
      { atMs: 8_000, capMs: 30_000 },
    ],
    events: [{ when: { ms: 688 }, what: 'wiggle', device: 1 }],
  },
  'two devices are away with open records, and none is named': {
    devices: [{}, { serial: 'SPa0000002' }],
    runs: [{ by: 'all' }, { atMs: 2_000 }],
  },
  'a device comes back at another port': {
    verdicts: ['indeterminate'],
    events: [{ when: { verb: 'fsync', path: TRIGGER, visit: 1, device: 0 }, what: 'move', device: 0, port: '1-3' }],
  },
  'power is lost before the erase, and the second round cannot read': {
    devices: [{ troubles: [{ at: 'accept', visit: 1, outcome: 'lose-power', backAfterMs: 10 }] }],
    failures: [{ verb: 'read', path: 'SPACEPAK/STATUS.TXT', visits: [3], code: 'volume-stalled', hang: 'late' }],
  },
  'a device without a serial in its descriptor is last in the list, and all are updated': {
    host: { mountMs: 20_000 },
    devices: [{}, { serial: 'SPa0000002', installMs: 40_000 }, { serial: 'SPa0000003', hasUsbSerial: false }],
    runs: [{ by: 'all' }, { atMs: 2_000, by: 'serial', device: 1 }],
  },
  'the card is dirty, and the device could not write to it': { verdicts: ['refused'], devices: [{ spoilt: 'dirty' }] },
  'the card is full, and the device could not write to it': { verdicts: ['refused'], devices: [{ spoilt: 'full' }] },
  'the root folder is full, and the device could not write to it': {
    verdicts: ['refused'],
    devices: [{ spoilt: 'root-full' }],
  },
  'the card is damaged while the device is away': {
    events: [{ when: { ms: 3_000 }, what: 'damage', device: 0 }],
  },
  'two users update two devices of one serial at once': {
    verdicts: ['applied', 'applied'],
    devices: TWINS,
    runs: [{ by: 'port' }, { by: 'port', device: 1, user: 'ben', version: 3 }],
  },
  'one of all devices hangs, and the other is updated': {
    devices: [{}, { serial: 'SPa0000002' }],
    runs: [{ by: 'all' }],
    failures: [{ verb: 'fsync', device: 0, hang: 'never', code: 'volume-stalled' }],
  },
  'another run updates it while a dry run, which holds no lock, waits for a call that never returns': {
    verdicts: ['applied', 'refused'],
    runs: [{}, { dryRun: true }],
    failures: [{ verb: 'entries', path: 'SPACEPAK', visits: [1], device: 0, code: 'volume-full', hang: 'never' }],
  },
};

describe('a story that once ended badly ends well', () => {
  test.each(Object.entries(STORIES))('%s', async (_, parts) => {
    const story = storyOf(parts);
    const { findings, ends } = await play(story);
    const told = [tell(story), ...ends.map(tellEnd)].join('\n  ');
    expect(findings, told).toEqual([]);
    const verdicts = ends.filter(({ isQuiet }) => !isQuiet).map(({ verdict }) => verdict);
    if (parts.verdicts !== undefined) expect(verdicts, told).toEqual(parts.verdicts);
  });
});
