import { describe, expect, test } from 'vitest';
import { FAULTS, isFaultCode, type Verdict } from '../../src/protocol/faults.ts';
import { CODES_OF_STATE, type DeviceCode } from '../../src/protocol/spacepack/codes.ts';
import { answerFault } from '../../src/protocol/spacepack/verdict.ts';

describe('the table of faults', () => {
  const exitsOf: Record<Verdict, readonly number[]> = {
    applied: [0],
    unchanged: [0],
    rejected: [7],
    failed: [8],
    indeterminate: [9],
    refused: [1, 2, 3, 4, 5, 6, 10, 130],
  };

  test.each(Object.entries(FAULTS))('%s: exit status and verdict agree', (_, { exit, verdict, meaning, remedy }) => {
    expect(exitsOf[verdict]).toContain(exit);
    expect(meaning).toMatch(/\.$/);
    expect(exit === 0 || remedy !== '').toBe(true);
  });

  test('every code that a device may answer has its row', () => {
    const answered = (state: 'rejected' | 'failed' | 'interrupted'): readonly DeviceCode[] => CODES_OF_STATE[state];
    for (const code of answered('rejected')) expect(FAULTS[answerFault('rejected', code)].exit).toBe(7);
    for (const code of [...answered('failed'), ...answered('interrupted')]) {
      expect(FAULTS[answerFault('failed', code)].exit).toBe(8);
    }
    expect(() => answerFault('rejected', 'flash')).toThrow(TypeError);
    expect(isFaultCode('constructor')).toBe(false);
  });

  test('no two remedies differ by commas, spaces or case alone', () => {
    const remedies = [...new Set(Object.values(FAULTS).map(({ remedy }) => remedy))];
    const bare = remedies.map((remedy) => remedy.toLowerCase().replace(/[\s\p{P}]+/gu, ' '));
    expect(bare.filter((each, index) => bare.indexOf(each) !== index)).toEqual([]);
  });

  test('docs/faults.md is the table, for people (vitest --update writes it)', async () => {
    await expect(documented()).toMatchFileSnapshot('../../docs/faults.md');
  });
});

function documented(): string {
  const rows = Object.entries(FAULTS).map(
    ([code, { exit, verdict, meaning, remedy }]) => `| \`${code}\` | ${exit} | ${verdict} | ${meaning} | ${remedy} |`,
  );
  return `# Every way a run can end

The last event of every run carries one of these codes, and the exit status follows from it. The codes are an interface: they
change only with a note in the changelog. There is no column for what became of the old firmware: each run reports what it saw.

| code | exit | verdict | meaning | what to do |
|---|---|---|---|---|
${rows.join('\n')}
`;
}
