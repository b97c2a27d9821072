/** The versions of Node.js that our dependencies need; as in `engines` of package.json. */
export const NODE_RANGE = '^20.19 || ^22.12 || >=23';

/** Whether a version, `22.12.0` for instance, is one of them. Like main.ts, this is read by old versions of Node.js too. */
export function isRightNode(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major >= 23 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
}

/** What is said about any other version. */
export function wrongNode(version: string): string {
  return `Expected Node.js 20.19, 22.12 or newer within these, or 23 or newer, found ${version}.`;
}

export const NODE_REMEDY = 'Install a current version of Node.js.';
