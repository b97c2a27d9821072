import { type Claim, explain, find } from '../../../devices/find.ts';
import { printable } from '../../../protocol/printable.ts';
import { openWorld, rootOption } from '../../device/open-world.ts';
import type { DeviceFacts } from '../../talk/events.ts';
import { answered, type Result } from '../../talk/result.ts';
import type { Line } from '../../text/line.ts';
import { alignColumns, type Cell } from '../../text/table.ts';
import { type Command, type CommandContext, defineCommand } from '../command.ts';
import { deviceEvent } from './device-event.ts';

type Listed = DeviceFacts & { readonly device: string | null };

function rowOf({ device, info: read, usb, volume, problem }: Listed): readonly Cell[] {
  // If something contradicts what the device says about itself, none of it counts as fact.
  const info = problem === null ? read : null;
  const running = info?.mode === 'bootloader' ? 'bootloader' : (info?.version ?? 'unknown');
  const battery = info?.batteryPercent ?? null;
  return [
    { text: device ?? 'unknown', tone: 'strong' },
    running,
    battery === null ? '-' : `${battery} %`,
    usb?.port ?? '-',
    volume?.path ?? 'not mounted',
    problem === null ? { text: 'ready', tone: 'good' } : { text: problem.code, tone: 'doubtful' },
  ];
}

function devicesText(devices: readonly Listed[]): readonly Line[] {
  if (devices.length === 0) return [['No device is plugged in. If there should be one, run `spacepack doctor`.']];
  const head = ['DEVICE', 'FIRMWARE', 'BATTERY', 'PORT', 'VOLUME', 'STATE'];
  const problems = devices.flatMap(({ device, problem }): readonly Line[] =>
    problem === null ? [] : [[`${device ?? 'unknown'}: ${problem.message} ${problem.remedy}`]],
  );
  return [...alignColumns([head.map((text): Cell => ({ text, tone: 'faint' })), ...devices.map(rowOf)]), ...problems];
}

function explainDrives(claims: readonly Claim[], { speaker }: CommandContext): Result {
  for (const { drive, family, whyNot } of claims) {
    const name = printable(drive.mediaName);
    const message = `${drive.id} (${name}): ${whyNot === null ? `a ${family.name}.` : `no ${family.name}. ${whyNot}`}`;
    const state = whyNot === null ? 'good' : 'note';
    speaker.tell({ event: 'finding', device: null, topic: family.id, state, message, remedy: '' });
  }
  speaker.page(
    alignColumns(
      claims.map(({ drive, family, whyNot }) => [
        { text: drive.id, tone: 'strong' },
        family.id,
        whyNot === null ? { text: 'claims it', tone: 'good' } : whyNot,
      ]),
    ),
  );
  const drives = new Set(claims.map(({ drive }) => drive.id)).size;
  return answered(drives === 1 ? '1 drive.' : `${drives} drives.`);
}

export const list: Command = defineCommand({
  name: 'list',
  description: 'List the devices that are plugged in',
  usesDevices: true,
  positionals: {},
  options: {
    ...rootOption,
    explain: { type: 'boolean', describe: 'Say of each drive which kind of device claims it, or why none does' },
  },
  examples: [
    ['$0 list', 'What is plugged in, and whether it is ready'],
    ['$0 list --explain', 'Why a drive is or is not taken for a device'],
    ['$0 list --json', 'The same for programs: one `device` event for each device'],
  ],
  epilogue: 'Writes nothing and mounts nothing. The exit status is 0 even if there is no device.',
  async run(args, context) {
    const environment = await openWorld(context, args);
    if (args.explain) return explainDrives(await explain(environment, context.io.families), context);
    const devices = (await find(environment, context.io.families)).map(deviceEvent);
    for (const device of devices) context.speaker.tell(device);
    context.speaker.page(devicesText(devices));
    return answered(devices.length === 1 ? '1 device.' : `${devices.length} devices.`);
  },
});
