import type { End } from './play.ts';
import { partsOf, type Story, type StoryEvent, type StoryRun, type When } from './story.ts';

/** A story in sentences, for people. What is usual is not told. */
export function tell(story: Story): string {
  const { host, devices } = partsOf(story);
  const lines = [
    `seed ${story.seed}`,
    ...(list(host) === '' ? [] : [`the computer: ${list(host)}`]),
    ...devices.map((device, index) => `device ${index + 1}: ${list(device) || 'is usual'}`),
    ...story.runs.map(tellRun),
    ...story.events.map(tellEvent),
    ...story.failures.map((failure) => `failure: ${JSON.stringify(failure)}`),
    ...story.looks.map((look) => `looks that fail: ${JSON.stringify(look)}`),
    ...story.ownDisk.map((failure) => `own disk: ${JSON.stringify(failure)}`),
  ];
  return lines.join('\n  ');
}

/** How a run ended, in one line. */
export function tellEnd({ by, atMs, code, message }: End): string {
  return `-> ${by} at ${atMs} ms: ${code}: ${message}`;
}

function list(given: object): string {
  return Object.entries(given)
    .map(([key, value]) => `${key} ${JSON.stringify(value)}`)
    .join(', ');
}

function tellRun(run: StoryRun, index: number): string {
  const { atMs, user, action, version, dryRun, capMs, by, device } = run;
  const what = action === 'ping' ? 'pings' : `installs ${version}.0.0 on`;
  const whom =
    by === 'only' ? 'the only device' : by === 'all' ? 'all devices' : `device ${device + 1}, named by its ${by}`;
  const how = `${dryRun ? ', a dry run' : ''}${capMs === 1_800_000 ? '' : `, in at most ${capMs} ms`}`;
  return `run ${index + 1} at ${atMs} ms: ${user} ${what} ${whom}${how}`;
}

function tellWhen(when: When): string {
  if ('ms' in when) return `at ${when.ms} ms`;
  if ('step' in when) return `before step ${when.step}`;
  if ('ownCall' in when) return `at call ${when.ownCall} to the own disk`;
  if ('call' in when) return `at call ${when.visit} of ${when.call} on the own disk`;
  return `before ${when.verb} ${when.visit}${when.path === null ? '' : ` of ${when.path}`} on device ${when.device + 1}`;
}

function tellEvent(event: StoryEvent): string {
  const { when, what, ...rest } = event;
  const said = Object.entries(rest).map(([key, value]) =>
    key === 'device' || key === 'run' ? `${key} ${Number(value) + 1}` : `${key} ${JSON.stringify(value)}`,
  );
  return `${tellWhen(when)}: ${what} ${said.join(', ')}`;
}
