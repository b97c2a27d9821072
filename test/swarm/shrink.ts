import { type Story, USUAL_DEVICE, USUAL_HOST, USUAL_RUN } from './story.ts';

/** The lists of a story, whose members can be left out one by one. */
const LISTS = ['events', 'failures', 'looks', 'ownDisk', 'runs'] as const;

/** A smaller story that is still told of the same kind of thing: `fails` plays it. Nothing more can be left out of the result. */
export async function shrink(story: Story, fails: (story: Story) => Promise<boolean>): Promise<Story> {
  let smallest = story;
  for (;;) {
    let next: Story | null = null;
    for (const candidate of smaller(smallest)) {
      if (!(await fails(candidate))) continue;
      next = candidate;
      break;
    }
    if (next === null) return smallest;
    smallest = next;
  }
}

/** Stories with one thing less, or one thing more usual. */
function* smaller(story: Story): Generator<Story> {
  for (const list of LISTS) {
    for (const index of story[list].keys()) {
      if (list === 'runs' && (story.runs.length === 1 || isRunMeddledWith(story, index))) continue;
      yield { ...story, [list]: story[list].filter((_, at) => at !== index) };
    }
  }
  const last = story.devices.length - 1;
  const isUsed = JSON.stringify([story.events, story.failures, story.runs]).includes(`"device":${last}`);
  if (last > 0 && !isUsed) yield { ...story, devices: story.devices.slice(0, last) };
  for (const [key, value] of Object.entries(USUAL_HOST)) {
    if (story.host[key as keyof typeof USUAL_HOST] !== value) yield { ...story, host: { ...story.host, [key]: value } };
  }
  for (const [index, device] of story.devices.entries()) {
    for (const [key, value] of Object.entries(USUAL_DEVICE)) {
      if (key === 'serial') continue;
      const given = device[key as keyof typeof USUAL_DEVICE];
      if (JSON.stringify(given) === JSON.stringify(value)) continue;
      yield { ...story, devices: story.devices.map((one, at) => (at === index ? { ...one, [key]: value } : one)) };
    }
  }
  for (const [index, run] of story.runs.entries()) {
    for (const [key, value] of Object.entries(USUAL_RUN)) {
      if (run[key as keyof typeof run] === value) continue;
      yield { ...story, runs: story.runs.map((one, at) => (at === index ? { ...one, [key]: value } : one)) };
    }
  }
}

/** Events tell of runs by their index: the first to go is the last one that nothing is told of. */
function isRunMeddledWith({ runs, events }: Story, index: number): boolean {
  return index < runs.length - 1 || events.some((event) => 'run' in event && event.run === index);
}
