/** `error`: such a file is refused before its first byte is written. `note`: it can be written, and people are told. */
export type FindingLevel = 'error' | 'note';

/** Something about a firmware file that people should know. */
export interface FileFinding<Rule extends string, Place extends { readonly field: string }> {
  readonly level: FindingLevel;
  readonly rule: Rule;
  /** Where it was met first. */
  readonly place: Place;
  /** With `found`: phrases for "Expected …, found …". Not cleaned: text from the file may be in them. */
  readonly expected: string;
  readonly found: string;
  /** How many further places break the same rule in the same field. */
  readonly more: number;
}

/** Collects findings: of each rule and field the first is kept and the others are counted, however bad the file is. */
export interface FindingList<Rule extends string, Place extends { readonly field: string }> {
  add(rule: Rule, place: Place, expected: string, found: string): void;
  /** In the order in which they were met. */
  list(): readonly FileFinding<Rule, Place>[];
}

export function createFindings<Rule extends string, Place extends { readonly field: string }>(
  levels: Readonly<Record<Rule, FindingLevel>>,
): FindingList<Rule, Place> {
  const kept = new Map<Rule, { -readonly [Key in keyof FileFinding<Rule, Place>]: FileFinding<Rule, Place>[Key] }[]>();
  const all: FileFinding<Rule, Place>[] = [];
  return {
    add(rule, place, expected, found) {
      const sameRule = kept.get(rule) ?? [];
      const first = sameRule.find(({ place: { field } }) => field === place.field);
      if (first !== undefined) {
        first.more++;
        return;
      }
      const finding = { level: levels[rule], rule, place, expected, found, more: 0 };
      kept.set(rule, [...sameRule, finding]);
      all.push(finding);
    },
    list: () => all.map((finding) => ({ ...finding })),
  };
}
