import { release } from 'node:os';
import { isRightNode, NODE_REMEDY, wrongNode } from '../../node-version.ts';
import { VERSION } from '../../version.ts';
import { broken, type Finding, good, note } from './finding.ts';

/** The systems that spacepack is written for, and what has not been tried on each. */
const UNSEEN: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: 'No real device has been updated from Linux yet; the update is proven on simulated devices.',
  darwin: 'No Mac has run this yet: its listing, unmounting and privacy handling are built from documentation.',
  win32: 'No Windows computer has run this yet: its listing and ejecting are built from documentation.',
};

export function checkNode(version: string): Finding {
  const plain = version.replace(/^v/, '');
  if (isRightNode(plain)) return good('node', `spacepack ${VERSION} on Node.js ${plain}`);
  return broken('node', `spacepack ${VERSION}: ${wrongNode(plain)}`, NODE_REMEDY);
}

export function checkPlatform(platform: NodeJS.Platform): readonly Finding[] {
  const unseen = UNSEEN[platform];
  if (unseen === undefined) {
    return [broken('platform', `Expected Linux, macOS or Windows, found ${platform}`, 'Use another computer.')];
  }
  return [good('platform', `${platform} ${release()}`), note('unproven', unseen)];
}
