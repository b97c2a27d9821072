import type { Family } from '../../protocol/family.ts';
import { toHex } from '../../protocol/hex.ts';
import { SERVICE } from './units.ts';

/** Sorted before 99-systemd.rules, which reads SYSTEMD_USER_WANTS. */
export const RULE_PATH = '/etc/udev/rules.d/70-spacepack.rules';

/**
 * Rules that start the user's service when a device's file system appears (systemd.device(5), SYSTEMD_USER_WANTS). A user who has
 * not installed the service is not affected.
 */
export function udevRuleText(families: readonly Pick<Family, 'usb'>[]): string {
  const rules = families
    .flatMap(({ usb }) => usb)
    .map(({ vendorId, productId }) =>
      [
        'ACTION=="add"',
        'SUBSYSTEM=="block"',
        `ENV{ID_VENDOR_ID}=="${toHex(vendorId, 4).toLowerCase()}"`,
        `ENV{ID_MODEL_ID}=="${toHex(productId, 4).toLowerCase()}"`,
        'ENV{ID_FS_USAGE}=="filesystem"',
        'TAG+="systemd"',
        `ENV{SYSTEMD_USER_WANTS}+="${SERVICE}"`,
      ].join(', '),
    );
  return `# Starts ${SERVICE} of the users who have it when a device is plugged in.\n${rules.join('\n')}\n`;
}
