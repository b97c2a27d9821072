import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Outcome } from './case.ts';
import type { Fault } from './judge.ts';
import type { RunName } from './runs.ts';
import type { Harm, Point, Strike } from './strike.ts';

/** A strike and how it ended: the code of the struck run, that of the next one, and what was wrong. */
export interface Row {
  readonly strike: Strike;
  readonly ended: string;
}

/** By `keyOf`, in the order of the calls. */
export type Table = ReadonlyMap<string, Row>;

const FAULTS: readonly Fault[] = [
  'false word',
  'exit 1',
  'no result',
  'outlived its result',
  'user bytes changed',
  'second run',
];

const pathOf = (run: RunName): string => join(import.meta.dirname, 'results', `${run}.md`);
/** A call by its name, its path, and which of those it is. */
export const callOf = ({ call, path, occurrence }: Point): string => `${call} ${path} ${occurrence}`;
/** A call that changes something stands first below the heading that it gives. */
const headingOf = (point: Point): string => point.stage || callOf(point);

/** What tells a strike from all others. */
export const keyOf = ({ point, harm }: Strike): string =>
  `${harm} at ${callOf(point)}${point.stage === '' ? '' : ` after ${point.stage}`}`;

/** How an outcome is written. */
export function endedOf({ code, secondCode, findings }: Outcome): string {
  const faults = [...new Set(findings.map(({ fault }) => fault))];
  return [`${code}, ${secondCode}`, ...faults.map((fault) => `**${fault}**`)].join(' ');
}

/** The table that is kept for a run; empty if there is none. */
export const readTable = (run: RunName): Table =>
  existsSync(pathOf(run)) ? parseTable(readFileSync(pathOf(run), 'utf8')) : new Map();

/** Keeps a table. */
export function writeTable(run: RunName, table: Table): void {
  mkdirSync(dirname(pathOf(run)), { recursive: true });
  writeFileSync(pathOf(run), textOf(run, table));
}

/** What `textOf` wrote. */
export function parseTable(text: string): Table {
  let heading = '';
  const rows = text.split('\n').flatMap((line) => {
    if (line.startsWith('## ')) heading = line.slice(3);
    return rowsOf(line, heading);
  });
  return tableOf(rows);
}

function rowsOf(line: string, heading: string): readonly Row[] {
  const [, call = '', path = '', occurrence = '', outcomes] = line.split('|').map((part) => part.trim());
  if (outcomes === undefined || !(Number(occurrence) > 0)) return [];
  const isChange = heading === `${call} ${path} ${occurrence}`;
  const point: Point = { call, path, occurrence: Number(occurrence), stage: isChange ? '' : heading };
  return outcomes.split('; ').flatMap((outcome) => {
    const [harms = '', ended = ''] = outcome.split(' = ');
    return harms.split(' ').map((harm) => ({ strike: { point, harm: harm as Harm }, ended }));
  });
}

/** A table of rows; of two about the same strike the later one counts. */
export const tableOf = (rows: readonly Row[]): Table => new Map(rows.map((row) => [keyOf(row.strike), row]));

/** A table in Markdown, with its sums at the end. */
export function textOf(run: RunName, table: Table): string {
  const rows = [...table.values()];
  const sections = grouped(rows, ({ strike }) => headingOf(strike.point)).flatMap(([heading, those]) => [
    `## ${heading}`,
    '',
    '| call | path | k-th | how it ended, and the next run |',
    '| --- | --- | --- | --- |',
    ...grouped(those, ({ strike }) => callOf(strike.point)).flatMap(([, same]) => lineOf(same)),
    '',
  ]);
  const count = (fault: Fault): number => rows.filter(({ ended }) => ended.includes(`**${fault}**`)).length;
  return [
    `# ${run}: how it ends when one of its calls is struck`,
    '',
    'Kept from `SPACEPACK_FAULTS_KEEP=1 npm run test:faults:all`. A heading is the last call that changed something before.',
    '',
    ...sections,
    '# Sums',
    '',
    '| of all cases | count |',
    '| --- | --- |',
    `| cases | ${rows.length} |`,
    ...FAULTS.map((fault) => `| ${fault} | ${count(fault)} |`),
    '',
  ].join('\n');
}

function lineOf(rows: readonly Row[]): readonly string[] {
  const [first] = rows;
  if (first === undefined) return [];
  const { call, path, occurrence } = first.strike.point;
  const outcomes = grouped(rows, ({ ended }) => ended)
    .map(([ended, same]) => `${same.map(({ strike }) => strike.harm).join(' ')} = ${ended}`)
    .join('; ');
  return [`| ${call} | ${path} | ${occurrence} | ${outcomes} |`];
}

function grouped<T>(items: readonly T[], keyOfItem: (item: T) => string): readonly (readonly [string, readonly T[]])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOfItem(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups];
}
