import type { RunProgram } from '../computer/run-program.ts';
import { printable } from '../protocol/printable.ts';
import { quoted, runPowerShell } from '../volume/win32/powershell.ts';

/** What a person reads outside any terminal. */
export interface Notification {
  readonly title: string;
  readonly body: string;
}

/** `unreachable`: nobody could be told or asked, because there is no screen or no program for it. */
export type Delivery = 'told' | 'unreachable';
export type Answer = 'yes' | 'no' | 'unreachable';

/** How to reach a person at the screen. Neither method rejects. */
export interface Notifier {
  tell(notification: Notification): Promise<Delivery>;
  /** Asks a yes-or-no question; no answer within five minutes means no. */
  ask(notification: Notification): Promise<Answer>;
}

const PATIENCE_S = 300;
const ASK_LIMIT_MS = (PATIENCE_S + 30) * 1000;
const YES = 'Update now';
const NO = 'Not now';

/** Names come from devices and notes from makers, so the text is cut to one line of at most so many characters. */
function plain(text: string, most: number): string {
  return [...printable(text, () => ' ')].slice(0, most).join('');
}

const clean = ({ title, body }: Notification): Notification => ({ title: plain(title, 80), body: plain(body, 400) });

/** The texts are passed as arguments to the script, never as part of it. */
const appleScript = (...lines: readonly string[]): readonly string[] =>
  ['on run argv', ...lines, 'end run'].flatMap((line) => ['-e', line]);

function darwinNotifier(run: RunProgram): Notifier {
  const told = appleScript('display notification (item 2 of argv) with title (item 1 of argv)');
  const asked = appleScript(
    `display dialog (item 2 of argv) with title (item 1 of argv) buttons {"${NO}", "${YES}"} ` +
      `default button "${NO}" giving up after ${PATIENCE_S}`,
  );
  return {
    async tell({ title, body }) {
      const { status } = await run('osascript', [...told, title, body]);
      return status === 0 ? 'told' : 'unreachable';
    },
    async ask({ title, body }) {
      const { status, stdout } = await run('osascript', [...asked, title, body], { limitMs: ASK_LIMIT_MS });
      if (status !== 0) return 'unreachable';
      return stdout.includes(`button returned:${YES}`) ? 'yes' : 'no';
    },
  };
}

/**
 * A text as the body that notify-send is given. First the program decodes backslashes, like those of a C string, so that
 * `\074` would become `<`; then whoever shows the notification reads markup (Desktop Notifications Specification).
 */
function bodyOf(text: string): string {
  const withoutMarkup = text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  return withoutMarkup.replaceAll('\\', '\\\\');
}

function linuxNotifier(run: RunProgram): Notifier {
  const own = ['--app-name=spacepack', '--icon=drive-removable-media'];
  return {
    async tell({ title, body }) {
      const { status } = await run('notify-send', [...own, '--', title, bodyOf(body)]);
      return status === 0 ? 'told' : 'unreachable';
    },
    async ask({ title, body }) {
      // --action implies --wait; the chosen action's name is printed (libnotify 0.8).
      const options = [...own, `--expire-time=${PATIENCE_S * 1000}`, `--action=yes=${YES}`, `--action=no=${NO}`];
      const ran = await run('notify-send', [...options, '--', title, bodyOf(body)], { limitMs: ASK_LIMIT_MS });
      if (ran.failure === 'too-slow') return 'no';
      if (ran.status !== 0) return 'unreachable';
      return ran.stdout.trim() === 'yes' ? 'yes' : 'no';
    },
  };
}

function win32Notifier(run: RunProgram): Notifier {
  return {
    async tell({ title, body }) {
      const { status } = await runPowerShell(
        run,
        `Add-Type -AssemblyName System.Windows.Forms, System.Drawing
$icon = New-Object System.Windows.Forms.NotifyIcon
$icon.Icon = [System.Drawing.SystemIcons]::Information
$icon.Visible = $true
$icon.ShowBalloonTip(10000, ${quoted(title)}, ${quoted(body)}, 'Info')
Start-Sleep -Seconds 10
$icon.Dispose()`,
      );
      return status === 0 ? 'told' : 'unreachable';
    },
    async ask({ title, body }) {
      // 4 + 32 + 256: yes and no, a question mark, and no as the default. 6 is yes; -1 is no answer in time.
      const script = `(New-Object -ComObject WScript.Shell).Popup(${quoted(body)}, 50, ${quoted(title)}, 292)`;
      const { status, stdout } = await runPowerShell(run, script);
      if (status !== 0) return 'unreachable';
      return stdout.trim() === '6' ? 'yes' : 'no';
    },
  };
}

const NOTIFIERS: Readonly<Partial<Record<NodeJS.Platform, (run: RunProgram) => Notifier>>> = {
  darwin: darwinNotifier,
  linux: linuxNotifier,
  win32: win32Notifier,
};

/** The notifier of a system; on an unknown system nobody can be reached. */
export function createNotifier(platform: NodeJS.Platform, run: RunProgram): Notifier {
  const notifier = NOTIFIERS[platform]?.(run);
  return {
    tell: async (notification) => (await notifier?.tell(clean(notification))) ?? 'unreachable',
    ask: async (notification) => (await notifier?.ask(clean(notification))) ?? 'unreachable',
  };
}
