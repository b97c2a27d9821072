import type { AgentComputer } from './agent-computer.ts';
import type { LoginItem } from './login-item.ts';

/** The login item of the computer's system; `null` on a system for which we have none. */
export async function loginItemOf(computer: AgentComputer): Promise<LoginItem | null> {
  switch (computer.platform) {
    case 'darwin':
      return (await import('./darwin/login-item.ts')).darwinLoginItem(computer);
    case 'linux':
      return (await import('./linux/login-item.ts')).linuxLoginItem(computer);
    case 'win32':
      return (await import('./win32/login-item.ts')).win32LoginItem(computer);
    default:
      return null;
  }
}
