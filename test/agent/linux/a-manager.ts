import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const MANAGER = '/lib/systemd/systemd';

/** Only root may have a /run of its own, in which a manager of a user's services believes that systemd started this computer. */
export const canRunOne: boolean = (() => {
  try {
    if (process.getuid?.() !== 0 || !existsSync(MANAGER)) return false;
    execFileSync('unshare', ['--mount', 'sh', '-c', 'mount -t tmpfs tmpfs /run'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** Starts one in a mount namespace, for commands of a shell after it. Wants HOME and XDG_RUNTIME_DIR. */
export const START: string = `
mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system && mkdir -p -m 700 "$XDG_RUNTIME_DIR"
${MANAGER} --user --unit=basic.target >"$HOME/systemd.log" 2>&1 &
manager=$!
tries=0
until systemctl --user is-system-running >/dev/null 2>&1 || [ $((tries += 1)) -gt 6000 ]; do sleep 0.1; done
`;

export const STOP: string = `
kill $manager
wait $manager
`;

/** What may be in the name of a file, and means something to systemd or to a shell. */
export const NAME_PARTS: readonly string[] = [
  "'",
  '"',
  '$',
  '$$',
  '\u0024{HOME}',
  '%',
  '%h',
  '%%',
  '\\',
  '\\x41',
  '\r',
  '\n',
  '\t',
  '\u0001',
  '\u007f',
  ' ',
  ';',
  '#',
  '@',
  '-',
  '=',
  '`id`',
  'é',
  '\u0085',
  '\u2028',
  '\u{1f511}',
  'a',
];
