import { find } from '../../../devices/find.ts';
import { openWorld, rootOption } from '../../device/open-world.ts';
import type { DeviceFacts } from '../../talk/events.ts';
import { answered } from '../../talk/result.ts';
import type { Line } from '../../text/line.ts';
import { alignColumns, type Cell } from '../../text/table.ts';
import { type Command, defineCommand } from '../command.ts';
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

export const list: Command = defineCommand({
  name: 'list',
  description: 'List the devices that are plugged in',
  positionals: {},
  options: rootOption,
  examples: [
    ['$0 list', 'What is plugged in, and whether it is ready'],
    ['$0 list --json', 'The same for programs: one `device` event for each device'],
  ],
  epilogue: 'Writes nothing and mounts nothing. The exit status is 0 even if there is no device.',
  async run(args, context) {
    const devices = (await find(await openWorld(context, args), context.io.families)).map(deviceEvent);
    for (const device of devices) context.speaker.tell(device);
    context.speaker.page(devicesText(devices));
    return answered(devices.length === 1 ? '1 device.' : `${devices.length} devices.`);
  },
});
