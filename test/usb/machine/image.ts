import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** What the emulator boots: built by setup.sh if it is not there. */
export interface MachineImage {
  readonly kernel: string;
  readonly initrd: string;
  readonly root: string;
  /** Where the state of a booted guest is kept. */
  readonly state: string;
}

/** Minutes at the first time on a machine, else half a second. Throws if setup.sh fails; it says why. */
export function machineImage(): MachineImage {
  const script = join(import.meta.dirname, '..', 'setup.sh');
  const folder = execFileSync(script, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
  return {
    kernel: join(folder, 'vmlinuz'),
    initrd: join(folder, 'initrd.gz'),
    root: join(folder, 'root.sqfs'),
    state: join(folder, 'state'),
  };
}
