import { type DeviceSight, find } from '../../../devices/find.ts';
import { whileMounted } from '../../../devices/while-mounted.ts';
import { type Mode, runningVersion } from '../../../protocol/device-info.ts';
import type { SpacepackError } from '../../../protocol/errors.ts';
import type { MountedVolume } from '../../../protocol/sight.ts';
import type { Environment } from '../../../volume/port.ts';
import { chooseSeen, deviceOptions } from '../../device/choose-devices.ts';
import { openWorld, rootOption } from '../../device/open-world.ts';
import type { AnswerFacts, DeviceFacts } from '../../talk/events.ts';
import { answered, type Result, resultOf } from '../../talk/result.ts';
import type { Line } from '../../text/line.ts';
import { alignPairs } from '../../text/table.ts';
import { formatBytes } from '../../text/units.ts';
import { type Command, type CommandContext, defineCommand } from '../command.ts';
import { deviceEvent } from './device-event.ts';

/** A device and its last answer to an install, if it gave one. */
interface Insight {
  readonly sight: DeviceSight;
  readonly answer: AnswerFacts | null;
}

async function readAnswer(
  { volumes }: Environment,
  { family, info, problem }: DeviceSight,
  volume: MountedVolume,
): Promise<AnswerFacts | null> {
  if (problem !== null || info === null) return null;
  const { path, limitBytes } = family.files.answer;
  const bytes = await volumes.read(volume, path, limitBytes + 1);
  return bytes && family.lastAnswer(info, bytes);
}

async function lookInside(environment: Environment, sight: DeviceSight, { speaker }: CommandContext): Promise<Insight> {
  if (sight.volume !== null) return { sight, answer: await readAnswer(environment, sight, sight.volume) };
  if (sight.problem?.code !== 'volume-not-mounted') return { sight, answer: null };
  const look = async (volume: MountedVolume): Promise<Insight> => {
    const sights = await find(environment, [sight.family]);
    const same = sights.find(({ drive }) => drive.attachment === sight.drive.attachment) ?? sight;
    return { sight: same, answer: await readAnswer(environment, same, volume) };
  };
  const onKept = ({ message, remedy }: SpacepackError): void =>
    speaker.tell({ event: 'notice', device: sight.id, code: 'volume-held', message: `${message} ${remedy}` });
  return (await whileMounted(environment.volumes, sight.family, sight.drive, look, onKept)) ?? { sight, answer: null };
}

function describeUsb({ usb }: DeviceFacts): string | null {
  if (usb === null) return null;
  const port = usb.port === null ? '' : ` at port ${usb.port}`;
  return `${usb.vendorId}:${usb.productId}, serial ${usb.serial ?? 'unknown'}${port}`;
}

function describeAnswer(answer: AnswerFacts | null): string | null {
  if (answer === null || answer.state === 'idle') return null;
  const code = answer.code === 'none' ? '' : ` (${answer.code})`;
  return `${answer.state}${code}: ${answer.from ?? 'none'} -> ${answer.to ?? 'unknown'}. ${answer.detail}`;
}

function deviceText(device: string, facts: DeviceFacts, answer: AnswerFacts | null): readonly Line[] {
  const { volume, problem, media, sizeBytes } = facts;
  // If something contradicts what the device says about itself, none of it counts as fact.
  const info = problem === null ? facts.info : null;
  const battery = info?.batteryPercent ?? null;
  const where = volume === null ? 'not mounted' : `${volume.path} (${volume.fileSystem ?? 'unknown file system'})`;
  return alignPairs([
    ['device', { text: device, tone: 'strong' }],
    ['model', info?.model ?? media],
    ['hardware', info?.hardware ?? null],
    ['mode', info?.mode ?? null],
    ['firmware', info?.version ?? null],
    ['image', info?.image ?? null],
    ['battery', battery === null ? null : `${battery} %, an update needs ${info?.batteryMinPercent ?? 0} %`],
    ['takes up to', info?.maxPayloadBytes == null ? null : formatBytes(info.maxPayloadBytes)],
    ['security floor', info?.securityFloor == null ? null : String(info.securityFloor)],
    ['boot count', info?.bootCount == null ? null : String(info.bootCount)],
    ['usb', describeUsb(facts)],
    ['card', formatBytes(sizeBytes)],
    ['volume', volume?.readOnly ? `${where}, read-only` : where],
    ['last answer', describeAnswer(answer)],
    ['problem', problem === null ? null : { text: `${problem.message} ${problem.remedy}`, tone: 'doubtful' }],
  ]);
}

function whatRuns(version: string | null, mode: Mode | null): string {
  if (version !== null) return `The device runs ${version}.`;
  return mode === 'bootloader' ? 'The device is in its bootloader.' : 'The device does not say what runs.';
}

function resultFor({ sight }: Insight): Result {
  const { id, problem } = sight;
  if (problem !== null) {
    const message = `${problem.fault.meaning} ${problem.message}`;
    return resultOf(problem.code, { device: id, message, remedy: problem.remedy });
  }
  const running = sight.info && runningVersion(sight.info);
  return answered(whatRuns(running, sight.info?.mode ?? null), { device: id, from: running });
}

export const info: Command = defineCommand({
  name: 'info',
  description: 'Show what a device says about itself',
  usesDevices: true,
  positionals: {},
  options: { ...deviceOptions, ...rootOption },
  examples: [
    ['$0 info', 'The only device that is plugged in'],
    ['$0 info --device SP0001 --json', 'One of several devices, for programs'],
  ],
  epilogue:
    'A volume that is not mounted is mounted in order to read it, if the system allows that, and unmounted again.',
  async run(args, context) {
    const environment = await openWorld(context, args);
    const [chosen] = await chooseSeen(environment, context.io.families, args);
    const insight = await lookInside(environment, chosen, context);
    const { sight, answer } = insight;
    const event = deviceEvent(sight);
    const { id } = sight;
    context.speaker.tell(event);
    if (answer !== null) context.speaker.tell({ event: 'answer', device: id, ...answer });
    context.speaker.page(deviceText(id, event, answer));
    return resultFor(insight);
  },
});
