import { isUtf8 } from 'node:buffer';
import { join } from 'node:path';
import { kernelText } from './kernel-text.ts';

/** One line of /proc/self/mountinfo: a mount that this process can see. */
export interface MountLine {
  /** The kernel's number for the mount; reused after an unmount. */
  readonly mountId: number;
  /** The mount that it is on. This process cannot see the root's parent. */
  readonly parentId: number;
  /** `major:minor` of the device, as lsblk and /sys/dev/block name it. */
  readonly device: string;
  /** The part of the file system that is mounted: `/`, or a folder for a bind mount. */
  readonly root: string;
  readonly path: string;
  readonly readOnly: boolean;
  readonly fileSystem: string;
  readonly source: string;
}

/**
 * /proc/self/mountinfo, in the order in which the mounts were made: the authority on mounts. Throws the system's error.
 */
export function readMounts(proc: string): readonly MountLine[] {
  return parseMountinfo(decodeMounts(kernelText(join(proc, 'self', 'mountinfo'))));
}

const SEQUENCES = /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|[\x80-\xff]/g;

/**
 * The text of bytes that are UTF-8 for the most part, given as one character per byte. A name may be in another encoding:
 * each byte that is no UTF-8 becomes a character of its own that no text has, so that different paths stay different.
 */
export function decodeMounts(bytes: string): string {
  const all = Buffer.from(bytes, 'latin1');
  if (isUtf8(all)) return all.toString('utf8');
  return bytes.replace(SEQUENCES, (sequence) => {
    const some = Buffer.from(sequence, 'latin1');
    return isUtf8(some) ? some.toString('utf8') : String.fromCharCode(...Array.from(some, loneHalf));
  });
}

/** Half of a surrogate pair, alone. */
const loneHalf = (byte: number): number => 0xdc00 + byte;

/** Whether a path of `decodeMounts` can be given to a call: not if it has a byte that is no UTF-8. */
export function isNameable(path: string): boolean {
  return !/\p{Cs}/u.test(path);
}

/**
 * The lines of mountinfo (proc(5)). Malformed lines are skipped, so that a line that a later kernel writes differently
 * does not hide the others.
 */
export function parseMountinfo(text: string): readonly MountLine[] {
  return text
    .split('\n')
    .map(parseLine)
    .filter((line) => line !== null);
}

function parseLine(line: string): MountLine | null {
  // 36 35 98:0 /root /path rw,noatime shared:1 master:2 - vfat /dev/sdb1 rw,uid=1000
  const fields = line.split(' ');
  const dash = fields.indexOf('-', 6);
  const [mountId, parentId, device, root, path, options] = fields;
  const [fileSystem, source, superOptions] = dash < 0 ? [] : fields.slice(dash + 1);
  // The source is empty if mount(2) was called with an empty one.
  if (!device || !root || !path || !options || !fileSystem || source === undefined) return null;
  if (![mountId, parentId].every((id) => /^\d+$/.test(id ?? '')) || !/^\d+:\d+$/.test(device)) return null;
  return {
    mountId: Number(mountId),
    parentId: Number(parentId),
    device,
    root: unescapeMount(root),
    path: unescapeMount(path),
    readOnly: saysReadOnly(options) || saysReadOnly(superOptions ?? ''),
    fileSystem,
    source: unescapeMount(source),
  };
}

/** Blanks, tabs, newlines and backslashes are written as `\` and three octal digits of the byte. */
export function unescapeMount(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

function saysReadOnly(options: string): boolean {
  return options.split(',').includes('ro');
}

/** The mount exactly at a path, if it is visible there; `undefined` if there is none or another one covers it. */
export function shownAt(path: string, mounts: readonly MountLine[]): MountLine | undefined {
  const shown = holding(path, mounts);
  return shown?.path === path ? shown : undefined;
}

/**
 * The mount that contains a path, found as the kernel does: at each name it moves on to what is mounted there on the
 * current mount. The order of the lines is not enough: mounts can be moved, and a mount over a parent folder covers
 * everything below it.
 */
export function holding(path: string, mounts: readonly MountLine[]): MountLine | undefined {
  const left = new Set(mounts);
  const ids = new Set(mounts.map(({ mountId }) => mountId));
  let current: MountLine | undefined;
  const isNext = (line: MountLine, at: string): boolean =>
    line.path === at && (current === undefined ? isRoot(line, ids) : line.parentId === current.mountId);
  for (const at of waysTo(path)) {
    for (;;) {
      const next = [...left].findLast((line) => isNext(line, at));
      if (next === undefined) break;
      left.delete(next);
      current = next;
    }
  }
  return current;
}

/** A mount whose parent this process cannot see. */
function isRoot({ mountId, parentId }: MountLine, ids: ReadonlySet<number>): boolean {
  return parentId === mountId || !ids.has(parentId);
}

/** `/`, `/media`, `/media/me` for `/media/me`. */
function waysTo(path: string): readonly string[] {
  const names = path.split('/').filter(Boolean);
  return ['/', ...names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`)];
}
