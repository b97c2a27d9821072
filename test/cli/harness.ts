import { EventEmitter } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll } from 'vitest';
import type { AgentComputer } from '../../src/agent/agent-computer.ts';
import type { Io, Sink } from '../../src/cli/io/io.ts';
import { runCli } from '../../src/cli/run-cli.ts';
import type { EventOf, TimedEvent } from '../../src/cli/talk/events.ts';
import { SpacepackError } from '../../src/protocol/errors.ts';
import { FAMILIES } from '../../src/protocol/families.ts';
import type { Family } from '../../src/protocol/family.ts';
import type { Environment } from '../../src/volume/port.ts';
import { aComputer } from '../agent/a-computer.ts';

type Schema = { $defs: Record<string, { properties?: { event?: unknown }; unevaluatedProperties?: boolean }> };

/** The published schema lets events grow; here nothing may be told that it does not know. */
function strictSchema(): Schema {
  const schema: Schema = JSON.parse(readFileSync(new URL('../../schema/events.schema.json', import.meta.url), 'utf8'));
  for (const definition of Object.values(schema.$defs)) {
    if (typeof definition.properties?.event === 'object' && 'const' in (definition.properties.event ?? {})) {
      definition.unevaluatedProperties = false;
    }
  }
  return schema;
}

const ajv = new Ajv2020({ strict: false });
const validate = ajv.compile(strictSchema());

/** A line of `--json` as an event. Throws unless the schema knows it. */
export function parseEvent(line: string): TimedEvent {
  const event: TimedEvent = JSON.parse(line);
  if (!validate(event)) throw new Error(`not in the schema: ${line}\n${ajv.errorsText(validate.errors)}`);
  return event;
}

/** All that the tests of one file make. */
const place = mkdtempSync(join(tmpdir(), 'spacepack-cli-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

/** A new folder for one test; it is removed after all tests of the file. */
export function temporaryFolder(): string {
  return mkdtempSync(join(place, 'test-'));
}

/** A file in a new folder; its path. */
export function temporaryFile(name: string, content: Uint8Array | string): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

export interface Situation {
  /** What `openWorld` gives; without one the drives cannot be listed. */
  readonly environment?: Environment;
  /** Default: all that are known. */
  readonly families?: readonly Family[];
  /** What `openMachine` gives; without one nothing is installed, and nothing can be. */
  readonly machine?: AgentComputer;
  readonly variables?: Readonly<Record<string, string>>;
  /** Whether there is a terminal, and how wide. Default: none. */
  readonly terminal?: number;
  /** What a person types when asked; of several, one after the other. */
  readonly answer?: string | null | readonly string[];
  readonly platform?: NodeJS.Platform;
  /** Where the process gets its signals from. */
  readonly signals?: EventEmitter;
  /** Sees each event as it is told, and may send signals. */
  readonly onEvent?: (event: TimedEvent, signals: EventEmitter) => void;
}

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Of `--json`, all of them valid by the schema. */
  readonly events: readonly TimedEvent[];
  readonly result: EventOf<'result'> | null;
}

const NO_SETTINGS = temporaryFolder();

function collector(
  columns: number | undefined,
  onWrite: (text: string) => void,
): Sink & { readonly text: () => string } {
  const written: string[] = [];
  return {
    isTerminal: columns !== undefined,
    columns: () => columns ?? 80,
    write(text) {
      written.push(text);
      onWrite(text);
    },
    text: () => written.join(''),
  };
}

/** Runs the real command line in this process. */
export async function run(argv: readonly string[], situation: Situation = {}): Promise<Ran> {
  const { environment, variables = {}, terminal, answer = null, platform = 'linux', onEvent } = situation;
  const { families = FAMILIES } = situation;
  const { signals = new EventEmitter() } = situation;
  const events: TimedEvent[] = [];
  const isJson = argv.includes('--json');
  const hear = (text: string): void => {
    if (!isJson) return;
    for (const line of text.split('\n').filter(Boolean)) {
      const event = parseEvent(line);
      events.push(event);
      onEvent?.(event, signals);
    }
  };
  const stdout = collector(terminal, hear);
  const stderr = collector(terminal, () => {});
  const answers = [answer].flat();
  const nextAnswer = (): string | null => (answers.length > 1 ? answers.shift() : answers[0]) ?? null;
  const io: Io = {
    families,
    stdout,
    stderr,
    stdin: { isTerminal: terminal !== undefined, readLine: async () => nextAnswer() },
    variables: { SPACEPACK_CONFIG_DIR: NO_SETTINGS, LANG: 'C.UTF-8', ...variables },
    platform,
    signals,
    now: () => performance.now(),
    async openWorld() {
      if (environment === undefined) throw new SpacepackError('listing-failed', 'There is no world in this test.');
      return environment;
    },
    openMachine: async () => situation.machine ?? aComputer({ platform }),
  };
  const status = await runCli(argv, io);
  const last = events.at(-1);
  const result = last?.event === 'result' ? last : null;
  return { status, stdout: stdout.text(), stderr: stderr.text(), events, result };
}
