import { readFileSync } from 'node:fs';

const document = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8');

function block(clause: string): { kind: string; name: string; body: string } {
  const found = new RegExp(
    `\\*\\*${clause.replace('.', '\\.')}\\*\\*.*?\`\`\`(text|hex) (\\S+)\n(.*?)\`\`\``,
    's',
  ).exec(document);
  const [, kind, name, body] = found ?? [];
  if (kind === undefined || name === undefined || body === undefined) throw new Error(`no example ${clause}`);
  return { kind, name, body };
}

/** The bytes of an example of docs/protocol.md, by its clause. */
export function example(clause: string): Uint8Array {
  const { kind, body } = block(clause);
  return kind === 'text' ? Buffer.from(body, 'latin1') : Buffer.from(body.replace(/\s+/g, ''), 'hex');
}

/** The same with other values for some keys (`null` removes the key) and the right CRC. */
export function altered(
  clause: string,
  changes: Readonly<Record<string, string | null>>,
  crc32: (bytes: Uint8Array) => number,
): Uint8Array {
  const lines = Buffer.from(example(clause)).toString('latin1').split('\n').slice(0, -2);
  const kept = lines.flatMap((line) => {
    const key = line.slice(0, line.indexOf(':'));
    const value = changes[key];
    if (value === null) return [];
    return [value === undefined ? line : `${key}: ${value}`];
  });
  const body = Buffer.from(`${kept.join('\n')}\n`, 'latin1');
  const crc = crc32(body).toString(16).toUpperCase().padStart(8, '0');
  return Buffer.concat([body, Buffer.from(`CRC32: ${crc}\n`, 'latin1')]);
}
