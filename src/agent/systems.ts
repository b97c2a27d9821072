import type { LoginItem } from './login-item.ts';
import type { Machine } from './machine.ts';

/** The login item of the machine's system; `null` on a system that has none that we know. */
export async function loginItemOf(machine: Machine): Promise<LoginItem | null> {
  switch (machine.platform) {
    case 'darwin':
      return (await import('./darwin/login-item.ts')).darwinLoginItem(machine);
    case 'linux':
      return (await import('./linux/login-item.ts')).linuxLoginItem(machine);
    case 'win32':
      return (await import('./win32/login-item.ts')).win32LoginItem(machine);
    default:
      return null;
  }
}
