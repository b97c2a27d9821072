// Loaded before a program by `node --import`: when it ends, its CPU time in ms and its most memory in MB go to file descriptor 3.
import { writeSync } from 'node:fs';

process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  writeSync(3, JSON.stringify({ cpuMs: (user + system) / 1000, memoryMb: process.resourceUsage().maxRSS / 1024 }));
});
