/**
 * Runs commands for the host. JSON, one message a line, over a virtio serial port:
 *
 *     host:   {"id", "command", "user", "env"}        a line for bash
 *             {"id", "signal"}                        to the process group of that command
 *     agent:  {"hello": true}
 *             {"id", "stream": "stdout" | "stderr", "base64"}
 *             {"id", "status", "signal"}              the last one of a command
 */
import { spawn } from 'node:child_process';
import { openSync, read, writeSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

const USERS = { root: [0, 0, '/root'], user: [1000, 1000, '/home/user'], visitor: [1001, 1001, '/home/visitor'] };
const port = openSync('/dev/virtio-ports/bench', 'r+');
const running = new Map();

function send(message) {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let sent = 0; sent < bytes.length; ) {
    try {
      sent += writeSync(port, bytes, sent);
    } catch (thrown) {
      if (thrown.code !== 'EAGAIN') throw thrown;
    }
  }
}

function start({ id, command, user, env }) {
  const [uid, gid, home] = USERS[user];
  const child = spawn('/bin/bash', ['-c', command], {
    cwd: home,
    uid,
    gid,
    detached: true,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LANG: 'C.UTF-8', HOME: home, USER: user, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.set(id, child);
  for (const stream of ['stdout', 'stderr']) {
    child[stream].on('data', (bytes) => send({ id, stream, base64: bytes.toString('base64') }));
  }
  child.on('error', (error) => send({ id, status: 127, signal: error.code }));
  child.on('close', (status, signal) => {
    running.delete(id);
    send({ id, status, signal });
  });
}

function signal({ id, signal }) {
  const child = running.get(id);
  if (child !== undefined) process.kill(-child.pid, signal);
}

const decoder = new StringDecoder('utf8');
const buffer = Buffer.alloc(65536);
let pending = '';

function listen() {
  read(port, buffer, 0, buffer.length, null, (error, count) => {
    if (error !== null && error.code !== 'EAGAIN') throw error;
    // Nobody is connected at the other end.
    if (error !== null || count === 0) return setTimeout(listen, 20);
    pending += decoder.write(buffer.subarray(0, count));
    const lines = pending.split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) {
      const message = JSON.parse(line);
      if (message.command === undefined) signal(message);
      else start(message);
    }
    listen();
  });
}

listen();
send({ hello: true });
