import { release } from 'node:os';
import { VERSION } from '../../version.ts';
import { broken, type Finding, good, note } from './finding.ts';

/** As in `engines` of package.json. */
const LEAST_NODE = [20, 19] as const;

/** The systems that spacepack is written for, and what has not been tried on each. */
const UNSEEN: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: 'No real device has been updated from Linux yet; the update is proven on simulated devices.',
  darwin: 'No Mac has run this yet: its listing, unmounting and privacy handling are built from documentation.',
  win32: 'No Windows computer has run this yet: its listing and ejecting are built from documentation.',
};

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST_NODE;
  const found = `spacepack ${VERSION} on Node.js ${version}`;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return good('node', found);
  const message = `spacepack ${VERSION}: expected Node.js ${LEAST_NODE.join('.')} or newer, found ${version}`;
  return broken('node', message, 'Install a newer Node.js.');
}

export function checkPlatform(platform: NodeJS.Platform): readonly Finding[] {
  const unseen = UNSEEN[platform];
  if (unseen === undefined) {
    return [broken('platform', `Expected Linux, macOS or Windows, found ${platform}`, 'Use another computer.')];
  }
  return [good('platform', `${platform} ${release()}`), note('unproven', unseen)];
}
