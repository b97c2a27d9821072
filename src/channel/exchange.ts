import { type Agent, type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';

/** What one request needs besides its address. */
export interface ExchangeOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly agent: Agent;
  /** Certificate authorities as node's options take them. */
  readonly trust: { readonly ca?: string[] };
  /** By then the head of the answer must be here, in ms, whatever else has arrived. */
  readonly headMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Servers may say 100 or 103 once or twice; more is not an answer. */
const MOST_INFORMATIONAL = 20;

/**
 * One request, up to the head of its answer. Settles within `headMs`, whatever the server or a proxy does: node has no
 * limit for a head that drips, for informational answers, nor for a proxy's answer, and it reports a switch of
 * protocols only by closing. Rejects with an error that says what was found.
 */
export function exchange(url: URL, options: ExchangeOptions): Promise<IncomingMessage> {
  const { headers, agent, trust, headMs, signal } = options;
  return new Promise((resolve, reject) => {
    const ask = url.protocol === 'https:' ? secureRequest : plainRequest;
    const request = ask(url, { agent, headers, ...trust });
    // While a proxy is still connecting, a destroyed request reports nothing, so the promise is ended here too.
    const give = (found: string): void => {
      const failure = new Error(found);
      settle();
      reject(failure);
      request.destroy(failure);
    };
    const timer = setTimeout(() => give(`no answer within ${headMs} ms`), headMs);
    const callOff = (): void => give('that it was called off');
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', callOff);
    };
    signal?.addEventListener('abort', callOff, { once: true });
    let informational = 0;
    request.on('information', () => {
      informational += 1;
      if (informational > MOST_INFORMATIONAL) give(`more than ${MOST_INFORMATIONAL} informational answers`);
    });
    request.on('upgrade', (_, socket) => {
      socket.destroy();
      give('a switch to another protocol');
    });
    request.on('error', (error) => {
      settle();
      reject(error);
    });
    request.on('close', () => {
      settle();
      reject(new Error('a connection that was closed without an answer'));
    });
    request.on('response', (response) => {
      // The reader sees its failure; a response that is stopped unread must not crash the process.
      response.on('error', () => {});
      settle();
      resolve(response);
    });
    if (signal?.aborted) callOff();
    else request.end();
  });
}
