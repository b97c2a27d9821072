import type { DeviceInfo } from '../protocol/device-info.ts';
import { SpacepackError } from '../protocol/errors.ts';
import type { Event } from '../protocol/machine.ts';
import { requireFormat } from '../protocol/match.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import type { RunContext } from './context.ts';
import type { Report } from './report.ts';
import { takeSteps } from './steps.ts';

/** Compares what a device holds with the image, and ends there. Throws `usage` where a family cannot, and `image-*`. */
export async function* compareFlash(
  context: RunContext,
  volume: MountedVolume,
  info: DeviceInfo,
): AsyncGenerator<Report, Event> {
  const { family, options, findings } = context;
  const { job } = options;
  if (job.kind !== 'install' || family.programming === null) {
    const message = `Expected a device whose flash memory can be read, found a ${family.name}, which does not show it.`;
    throw new SpacepackError('usage', message);
  }
  requireFormat(family, job.image);
  family.checkFit(job.image, info, true);
  const { value } = yield* takeSteps(context, volume, family.programming.compare(job.image, info));
  switch (value.kind) {
    case 'holds':
      return { type: 'satisfied', code: 'flash-holds' };
    case 'differs':
      findings.detail = `Expected the image, found ${value.found}.`;
      return { type: 'satisfied', code: 'flash-holds-other' };
    case 'unread':
      findings.detail = `Expected to read it, found that ${value.why}.`;
      return { type: 'satisfied', code: 'flash-unreadable' };
  }
}
