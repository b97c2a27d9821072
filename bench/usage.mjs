// Loaded before a program by `node --import`: when a process of it ends, its CPU time in ms and its most memory in MB are added to a file.
import { appendFileSync } from 'node:fs';

process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  const used = { cpuMs: (user + system) / 1000, memoryMb: process.resourceUsage().maxRSS / 1024 };
  appendFileSync(process.env.BENCH_USAGE, `${JSON.stringify(used)}\n`);
});
