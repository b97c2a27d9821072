import { createFileTransport } from './file-transport.ts';
import type { HttpOptions } from './http-transport.ts';
import type { Transport } from './transport.ts';

/** The way to a channel. What a server needs is loaded only for a server. Rejects with `usage` for bad certificates or proxies. */
export async function openTransport(url: URL, options: HttpOptions): Promise<Transport> {
  if (url.protocol === 'file:') return createFileTransport();
  const { createHttpTransport } = await import('./http-transport.ts');
  return createHttpTransport(options);
}
