import type { Selected } from '../../../devices/select.ts';
import { type RunLimits, update } from '../../../devices/update.ts';
import { requireImage } from '../../../image/check.ts';
import { readable } from '../../../image/open-image.ts';
import { runningVersion } from '../../../protocol/device-info.ts';
import type { Family } from '../../../protocol/family.ts';
import type { CheckedImage, UpdateImage } from '../../../protocol/image-facts.ts';
import type { Environment } from '../../../volume/port.ts';
import { acceptedIn, acceptOption } from '../../device/accepted.ts';
import { allOption, chooseDevices, deviceOptions } from '../../device/choose-devices.ts';
import { capOf, type DeviceRun, follow, timeoutOption } from '../../device/follow-runs.ts';
import { openWorld, rootOption } from '../../device/open-world.ts';
import { keepAttempts } from '../../history/journal.ts';
import { keyOption } from '../../image/maker-keys.ts';
import { IMAGE } from '../../image/open-argument.ts';
import { type ReadImage, readImageFile } from '../../image/read-image.ts';
import { canAsk, requireYes } from '../../talk/ask.ts';
import { PART_ORDER } from '../../talk/bar/phases.ts';
import type { Result } from '../../talk/result.ts';
import { sumUp } from '../../talk/sum-up.ts';
import type { Line } from '../../text/line.ts';
import { type Command, type CommandContext, defineCommand } from '../command.ts';

const SIGNATURES = {
  verified: 'it is signed with a known key',
  none: 'files of its format carry no signature',
  unchecked: 'only the device will check its signature: no key of its maker is known here',
} as const;

type Options = RunLimits & { readonly allowDowngrade: boolean };

function runsOn(
  environment: Environment,
  devices: readonly Selected[],
  image: UpdateImage,
  options: Options,
): readonly DeviceRun[] {
  return devices.map(({ target }) => ({
    device: target.name,
    reports: update(environment, target, image, options),
  }));
}

const familiesOf = (devices: readonly Selected[]): readonly Family[] => [
  ...new Set(devices.map(({ target }) => target.family)),
];

/** A file that was read, and the image in it. */
interface Opened {
  readonly facts: ReadImage['facts'];
  readonly image: CheckedImage & UpdateImage;
}

function questionAbout(devices: readonly Selected[], { facts, image }: Opened): readonly Line[] {
  const lines = devices.map(({ target, sight }): Line => {
    const info = sight?.info ?? null;
    const from = (info && runningVersion(info)) ?? info?.mode ?? 'unknown';
    return [`Update ${target.name}: `, { text: `${from} -> ${facts.version ?? 'version not known'}`, tone: 'strong' }];
  });
  return [...lines, [`Image ${facts.file}; ${SIGNATURES[image.signature]}.`]];
}

/** A result that a dry run cannot resolve: a run that may write waits for the end, and closes the record. */
const isUnended = ({ verdict, code }: Result): boolean => verdict === 'indeterminate' || code === 'device-busy';

/**
 * Before asking, everything is checked as with `--dry-run`, so that a person is asked only if an update would follow.
 * If an earlier run turns out to have applied the image, there is no question: only its record is left to close.
 */
async function askFirst(
  context: CommandContext,
  devices: readonly Selected[],
  opened: Opened,
  rehearse: () => Promise<readonly Result[]>,
): Promise<{ readonly results: readonly Result[]; readonly ready: readonly Selected[] }> {
  const rehearsed = await rehearse();
  const asked = rehearsed.map((result) => result.code === 'would-apply' || isUnended(result));
  const goesOn = rehearsed.map((result, index) => asked[index] === true || result.verdict === 'applied');
  const doubtful = devices.filter((_, index) => asked[index]);
  if (doubtful.length > 0) await requireYes(context, questionAbout(doubtful, opened));
  return {
    results: rehearsed.filter((_, index) => !goesOn[index]),
    ready: devices.filter((_, index) => goesOn[index]),
  };
}

export const updateCommand: Command = defineCommand({
  name: 'update',
  description: 'Install a firmware image and prove what happened',
  usesDevices: true,
  positionals: { image: { type: 'string', demandOption: true, describe: IMAGE } },
  options: {
    ...deviceOptions,
    ...allOption,
    ...rootOption,
    ...keyOption,
    ...timeoutOption,
    ...acceptOption,
    yes: {
      type: 'boolean',
      alias: 'y',
      describe: 'Do not ask before writing; without a terminal there is no question anyway',
    },
    'dry-run': { type: 'boolean', describe: 'Check everything, write nothing' },
    'allow-downgrade': { type: 'boolean', describe: 'Accept an older version than the running one' },
  },
  examples: [
    ['$0 update firmware.dfu', 'The only device that is plugged in'],
    ['$0 update https://example.com/firmware.zip', 'Downloaded, unpacked, and checked like a file'],
    ['$0 update firmware.dfu --all --yes', 'All devices, side by side, without a question'],
    ['$0 update firmware.dfu --json > log.ndjson', 'For programs: the last line is the result'],
  ],
  parts: PART_ORDER,
  epilogue:
    'Exit status: 0 applied, already current or accepted (--accept), 5 image refused, 6 the volume or a disk of this computer cannot be used, ' +
    '7 the device rejected it, 8 the device failed, 9 not known, 10 another run has the device, 130 interrupted before the ' +
    'commit. After the commit the first Ctrl-C says what is still going on, and the second stops watching; SIGTERM stops ' +
    'watching at once, SIGHUP is ignored.',
  async run(args, context) {
    const { interrupts, speaker } = context;
    const accepted = acceptedIn(args.accept);
    const environment = await openWorld(context, args);
    // The devices say what the file has to be. Where none is there, the image is judged first all the same.
    const chosen = await chooseDevices(environment, context.io.families, args).catch((thrown: unknown) => ({ thrown }));
    const families = 'thrown' in chosen ? context.io.families : familiesOf(chosen);
    const opened = await readImageFile(args.image, args.key, context, families);
    const image = readable(opened.payload, requireImage(opened.report, opened.payload.name));
    if ('thrown' in chosen) throw chosen.thrown;
    const devices = chosen;
    if (image.signature === 'unchecked') {
      const message = "No key of the image's maker is known here: only the device will check its signature.";
      speaker.tell({ event: 'notice', device: null, code: 'signature-unchecked', message });
    }

    const limits: Options = {
      ...capOf(args.timeout, opened.settings.timeoutSeconds),
      cancel: interrupts.cancel,
      abandon: interrupts.abandon,
      allowDowngrade: args['allow-downgrade'] ?? false,
    };
    const run = async (ready: readonly Selected[], dryRun: boolean): Promise<readonly Result[]> => {
      const began = context.io.now();
      const results = await follow(runsOn(environment, ready, image, { ...limits, dryRun }), context, accepted);
      if (!dryRun) await keepAttempts(results, context.io.now() - began, context);
      return results;
    };

    if (args['dry-run'] || args.yes || !canAsk(context)) return sumUp(await run(devices, args['dry-run'] ?? false));
    const { results, ready } = await askFirst(context, devices, { facts: opened.facts, image }, () =>
      run(devices, true),
    );
    return sumUp([...results, ...(ready.length > 0 ? await run(ready, false) : [])]);
  },
});
