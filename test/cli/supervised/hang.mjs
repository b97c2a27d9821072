// Loaded by node before the program: a thread that hangs in a system call, as one does that reads from a stick that went silent.
import { open, promises, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

const folder = process.env.HANG_FOLDER;
const tasks = '/proc/self/task';

const soon = () => new Promise((resolve) => setTimeout(resolve, 2));

/** The thread that is in openat(2), relative to the working folder. */
function hanging() {
  return readdirSync(tasks).find((task) => /^\d+ 0xf+9c /.test(readFileSync(join(tasks, task, 'syscall'), 'utf8')));
}

async function until(holds) {
  for (let found = holds(); ; found = holds()) {
    if (found) return found;
    await soon();
  }
}

/** Every open of a path that ends so hangs in a thread of its own. */
function hangAt(path) {
  const real = promises.open;
  promises.open = (name, ...rest) =>
    String(name).endsWith(path) ? real(join(folder, 'pipe'), 'r') : real(name, ...rest);
  syncBuiltinESMExports();
}

if (process.argv[1]?.endsWith('program.js')) {
  if (process.env.HANG_AT) hangAt(process.env.HANG_AT);
  writeFileSync(join(folder, 'pid'), String(process.pid));
  process.stdout.on('resize', () => writeFileSync(join(folder, 'columns'), String(process.stdout.columns)));
  if (process.env.HANG) {
    // Nobody will ever write to it.
    open(join(folder, 'pipe'), 'r', () => undefined);
    const thread = await until(hanging);
    writeFileSync(join(folder, 'thread'), thread);
    if (process.env.HANG === 'for-ever') {
      await until(() => !/^TracerPid:\s*0$/m.test(readFileSync(join(tasks, thread, 'status'), 'utf8')));
    }
  }
}
