import { fieldsOf, ProfileFault, type ProfileFields } from './fields.ts';
import { isSamePath } from './plain-path.ts';
import type { Profile, Rule, StatusTest, ValuePlace, When } from './profile.ts';

const MOST_RULES = 32;
const PLACE_KEYS = ['key', 'after', 'until', 'separator', 'field'];

/** Where a value stands, from the fields that say so; `null`: none of them is there. */
export function readPlace(fields: ProfileFields): ValuePlace | null {
  const ways = ['key', 'after', 'separator'].filter((key) => fields.has(key));
  if (ways.length > 1) return fields.fail(ways[1] ?? '', 'one of "key", "after" and "separator"', 'several');
  if (fields.has('key')) return { kind: 'key', key: fields.text('key') };
  if (fields.has('after')) return { kind: 'between', after: fields.text('after'), until: fields.text('until') };
  if (!fields.has('separator')) return null;
  return { kind: 'field', separator: fields.text('separator'), field: fields.whole('field', 1, 100) };
}

/** The keys of a table that says where a value stands. */
export const placeKeys = (...others: readonly string[]): readonly string[] => [...others, ...PLACE_KEYS];

function readStatus(fields: ProfileFields): StatusTest {
  const how = (['is', 'contains', 'begins'] as const).filter((key) => fields.has(key));
  const [first] = how;
  if (first === undefined || how.length > 1) return fields.fail('is', 'one of "is", "contains" and "begins"');
  return { file: fields.path('file'), place: readPlace(fields), how: first, text: fields.text(first) };
}

function readWhen(fields: ProfileFields): When {
  const optionalPath = (key: string): string | null => (fields.has(key) ? fields.path(key) : null);
  return {
    renamed: optionalPath('renamed'),
    appeared: optionalPath('appeared'),
    vanished: fields.flag('vanished'),
    holds: optionalPath('holds'),
    status: fields.has('status')
      ? readStatus(fields.table('status', placeKeys('file', 'is', 'contains', 'begins')))
      : null,
    isVersionChanged: fields.has('version') && fields.oneOf('version', ['changed']) === 'changed',
  };
}

/** Whether anything in it can only come after the commit. */
const isNews = ({ renamed, appeared, vanished, status, isVersionChanged }: When): boolean =>
  renamed !== null || appeared !== null || vanished || status !== null || isVersionChanged;

/** What the device itself writes; the paths of a payload and a trigger are not among them. */
const filesOf = ({ renamed, appeared, status }: When): readonly string[] =>
  [renamed, appeared, status?.file ?? null].filter((path) => path !== null);

function readRule(value: unknown, at: string, profile: Pick<Profile, 'write' | 'version'>): Rule {
  const fields = fieldsOf(value, at, ['is', 'when']);
  const is = fields.oneOf('is', ['applied', 'written', 'rejected', 'failed']);
  const when = readWhen(fields.table('when', ['renamed', 'appeared', 'vanished', 'holds', 'status', 'version']));
  if (is === 'written' ? when.holds === null : !isNews(when)) {
    const expected = is === 'written' ? 'a file that "holds" the payload' : 'a witness that is new after the commit';
    return fields.fail('when', expected, 'none');
  }
  const { payload, trigger } = profile.write;
  const own = [payload, ...(trigger === null ? [] : [trigger.file])];
  const witness = filesOf(when).find((path) => own.some((each) => isSamePath(each, path)));
  if (witness !== undefined) return fields.fail('when', 'files that the device writes', `"${witness}", which we write`);
  if (when.isVersionChanged && profile.version === null) return fields.fail('when', 'a table "version"', 'none');
  return { is, when };
}

/** The rules of a profile. Throws a `ProfileFault`: there is no way to a verdict without a witness. */
export function readVerdicts(
  fields: ProfileFields,
  profile: Pick<Profile, 'write' | 'version' | 'returns'>,
): readonly Rule[] {
  const found = fields.list('verdict');
  if (profile.returns === 'never') {
    return found.length === 0 ? [] : fields.fail('verdict', 'no rules, because the device never returns', 'some');
  }
  if (found.length === 0 || found.length > MOST_RULES) {
    throw new ProfileFault('verdict', `1 to ${MOST_RULES} rules, or returns = "never"`, `${found.length}`);
  }
  return found.map((value, index) => readRule(value, `verdict[${index + 1}]`, profile));
}
