import { describe, expect, test } from 'vitest';
import { findLine, withSetting } from '../../../src/cli/settings/settings-lines.ts';

const TEXT = `# mine
timeout = 5 # s

[other]
policy = "x"

[agent] # the login item
# policy = "notify"
channel = 'https://a' # home
"interval" = 6
`;

test.each([
  [null, 'timeout', 1],
  [null, 'policy', -1],
  ['agent', 'timeout', -1],
  ['agent', 'policy', -1],
  ['other', 'policy', 4],
  ['agent', 'channel', 8],
  ['agent', 'interval', 9],
  ['agent', null, 6],
  ['absent', null, -1],
])('in table %s the key %s stands in line %d', (table, key, line) => {
  expect(findLine(TEXT, table, key)).toBe(line);
});

describe('a setting is changed', () => {
  test.each<[what: string, key: string, value: string, before: string, after: string]>([
    [
      'where it stands, its comment kept',
      'channel',
      '"https://b"',
      "channel = 'https://a' # home",
      'channel = "https://b" # home',
    ],
    ['under a quoted name', 'interval', '12', '"interval" = 6', '"interval" = 12'],
    ['below its example', 'policy', '"auto"', '# policy = "notify"', '# policy = "notify"\npolicy = "auto"'],
    [
      'below the header',
      'least-battery',
      '50',
      '[agent] # the login item',
      '[agent] # the login item\nleast-battery = 50',
    ],
  ])('%s', (_, key, value, before, after) => {
    expect(withSetting(TEXT, 'agent', key, value)).toBe(TEXT.replace(before, after));
  });

  test('in a table of its own, if there was none', () => {
    expect(withSetting('timeout = 5', 'agent', 'policy', '"ask"')).toBe('timeout = 5\n\n[agent]\npolicy = "ask"\n');
    expect(withSetting('', 'agent', 'policy', '"ask"')).toBe('[agent]\npolicy = "ask"\n');
  });

  test('not if it stands on several lines: that is for a person', () => {
    expect(withSetting('[agent]\nchannel = """\nhttps://a"""', 'agent', 'channel', '"b"')).toBeNull();
  });
});
