import type { DeviceInfo, Mode } from '../device-info.ts';
import { SpacepackError } from '../errors.ts';
import type { DeviceAction } from '../family.ts';
import type { SWITCHES } from './details.ts';
import type { Probe } from './verdict.ts';

type Info = DeviceInfo<Probe>;
type Judge = DeviceAction<Probe>['judge'];

const NAMES: Readonly<Record<Mode, string>> = { application: 'Interface', bootloader: 'Bootloader' };

/** The firmware ignores the file otherwise, and says nothing. */
function gate(mode: Mode | null): DeviceAction<Probe>['obstacle'] {
  return ({ mode: found, own }) => {
    if (mode !== null && found !== mode) {
      return new SpacepackError('not-ready', `Expected the mode ${NAMES[mode]}, found ${NAMES[found]}.`);
    }
    if (own.isAutomationAllowed !== false) return null;
    return new SpacepackError('not-ready', 'Expected automation to be allowed, found that it is not.', {
      remedy: 'Hold the reset button of the board, and copy an empty file AUTO_ON.CFG to its drive by hand.',
    });
  };
}

const hasRemounted = ({ own: before }: Info, { own: after }: Info): boolean =>
  before.remounts !== null && after.remounts !== null && before.remounts !== after.remounts;

function action(
  name: string,
  path: string,
  description: string,
  judge: Judge,
  more: Partial<DeviceAction<Probe>> = {},
): DeviceAction<Probe> {
  return { name, path, description, warning: null, isLeaving: false, obstacle: gate(null), judge, ...more };
}

function switching(key: (typeof SWITCHES)[number], to: boolean): Judge {
  return (before, after) => (hasRemounted(before, after) && after.own.switches.get(key) === to ? 'done' : 'not-yet');
}

const enters =
  (mode: Mode): Judge =>
  (_before, after) =>
    after.mode === mode ? 'done' : 'not-yet';

/** The names are in DAPLink's vfs_user.c, `s_magic_file_info`. MSD_ON.CFG has no drive to go to. */
// biome-ignore format: a table is read row by row, one line each
export const ACTIONS: readonly DeviceAction<Probe>[] = [
  action('refresh', 'REFRESH.ACT', 'Take the drive away and put it back', (before, after) => hasRemounted(before, after) ? 'done' : 'not-yet'),
  action('start-bootloader', 'START_BL.ACT', 'Start the bootloader of the probe', enters('bootloader'), { obstacle: gate('application') }),
  action('start-interface', 'START_IF.ACT', 'Start the firmware of the probe', enters('application'), { obstacle: gate('bootloader') }),
  action('erase', 'ERASE.ACT', 'Erase the chip; the probe does not report whether that worked', (before, after) => hasRemounted(before, after) ? 'acted' : 'not-yet', { warning: 'All that the chip holds is lost. Install firmware to come back.' }),
  action('auto-reset-on', 'AUTO_RST.CFG', 'Start the chip after each update', switching('auto reset', true)),
  action('auto-reset-off', 'HARD_RST.CFG', 'Leave the chip stopped after an update', switching('auto reset', false)),
  action('automation-on', 'AUTO_ON.CFG', 'Allow actions without the reset button', switching('automation allowed', true)),
  action('automation-off', 'AUTO_OFF.CFG', 'Allow actions only with the reset button held', switching('automation allowed', false), { warning: 'No action works any more. To come back, copy AUTO_ON.CFG by hand with the reset button held.' }),
  action('overflow-detection-on', 'OVFL_ON.CFG', 'Detect overflow of the serial port', switching('overflow detection', true)),
  action('overflow-detection-off', 'OVFL_OFF.CFG', 'Do not detect overflow of the serial port', switching('overflow detection', false)),
  action('image-detection-on', 'COMP_ON.CFG', 'Refuse images that do not fit the board', switching('incompatible image detection', true)),
  action('image-detection-off', 'COMP_OFF.CFG', 'Take images that do not fit the board', switching('incompatible image detection', false)),
  action('page-erase-on', 'PAGE_ON.ACT', 'Erase only the pages of an image, until it is started anew', switching('page erasing', true)),
  action('page-erase-off', 'PAGE_OFF.ACT', 'Erase the whole chip', switching('page erasing', false)),
  action('drive-off', 'MSD_OFF.CFG', 'Show no drive', () => 'not-yet', { isLeaving: true, warning: 'The probe shows no drive until its power goes off. To come back, unplug it and plug it in again.' }),
];
