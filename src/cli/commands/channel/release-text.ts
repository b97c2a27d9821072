import type { Release } from '../../../channel/release.ts';
import { formatVersion } from '../../../protocol/versions.ts';
import type { CliEvent, ReleaseFacts } from '../../talk/events.ts';
import type { Line } from '../../text/line.ts';
import { alignColumns } from '../../text/table.ts';
import { formatBytes } from '../../text/units.ts';

/** A release as an event. */
export function releaseEvent(release: Release): CliEvent & ReleaseFacts {
  return { event: 'release', device: null, ...release, version: formatVersion(release.version) };
}

function offerOf({ paused, rolloutPercent }: Release): string {
  if (paused) return 'paused';
  return rolloutPercent === 100 ? 'all devices' : `${rolloutPercent} % of devices`;
}

/** Releases for people, one per line. */
export function releaseText(releases: readonly Release[]): readonly Line[] {
  return alignColumns(
    releases.map((release) => [
      { text: formatVersion(release.version), tone: 'strong' },
      release.product,
      release.hardware.length === 0 ? 'any hardware' : `hardware ${release.hardware.join(' ')}`,
      formatBytes(release.sizeBytes),
      offerOf(release),
      { text: release.name, tone: 'faint' },
    ]),
  );
}
