import { type Agent, type AgentOptions, type IncomingMessage, Agent as PlainAgent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { SpacepackError } from '../protocol/errors.ts';
import { trustedAuthorities } from './certificates.ts';
import { exchange } from './exchange.ts';
import { isSocks, proxyFor, type Variables } from './proxy.ts';
import { followRedirect, MOST_REDIRECTS } from './redirect.ts';
import type { Transport, TransportReply, TransportRequest } from './transport.ts';

export interface HttpOptions {
  /** Environment variables: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY in either case, and NODE_EXTRA_CA_CERTS. */
  readonly variables: Variables;
  /** File with the certificates of a private authority, PEM. */
  readonly ca: string | undefined;
  /** By then the head of each answer must be here, in ms from the request on. */
  readonly headMs: number;
}

/** Certificate authorities as node's options take them. */
type Trust = { readonly ca?: string[] };

/** `closed` ends every connection, also one that a proxy has not made yet. */
async function createAgent(
  url: URL,
  { variables, headMs }: HttpOptions,
  trust: Trust,
  closed: AbortSignal,
): Promise<Agent> {
  const isSecure = url.protocol === 'https:';
  const proxy = proxyFor(url, variables);
  const options: AgentOptions & { signal: AbortSignal } = { keepAlive: true, signal: closed, ...trust };
  if (proxy === null) return isSecure ? new SecureAgent(options) : new PlainAgent(options);
  // Loaded only if there is a proxy. https uses a tunnel; plain http does not, because many proxies only tunnel to port
  // 443.
  if (isSocks(proxy)) {
    const socks = { ...options, timeout: headMs, socketOptions: { signal: closed } };
    return new (await import('socks-proxy-agent')).SocksProxyAgent(proxy, socks);
  }
  if (isSecure) return new (await import('https-proxy-agent')).HttpsProxyAgent(proxy, options);
  return new (await import('http-proxy-agent')).HttpProxyAgent(proxy, options);
}

function rangeOf({ headers }: IncomingMessage): TransportReply['range'] {
  const match = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15})$/.exec(headers['content-range'] ?? '');
  return match === null ? null : { offset: Number(match[1]), totalBytes: Number(match[2]) };
}

function answerOf(response: IncomingMessage): TransportReply {
  const { statusCode: status = 0, headers } = response;
  const etag = headers.etag ?? null;
  // RFC 9110 §13.1.5: a weak ETag must not be used to resume a file.
  const strong = etag?.startsWith('W/') ? null : etag;
  return {
    status,
    etag,
    validator: strong ?? headers['last-modified'] ?? null,
    range: status === 206 ? rangeOf(response) : null,
    lengthBytes: headers['content-length'] === undefined ? null : Number(headers['content-length']),
    body: response,
    stop: () => void response.destroy(),
  };
}

function headersFor({ etag, from }: TransportRequest): Record<string, string> {
  return {
    'user-agent': 'spacepack',
    // So that lengths and ranges are those of the file itself.
    'accept-encoding': 'identity',
    ...(etag && { 'if-none-match': etag }),
    ...(from && { range: `bytes=${from.offset}-`, 'if-range': from.validator }),
  };
}

function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  // Several addresses all failed: the first error has the text.
  if (thrown instanceof AggregateError && thrown.message === '') return describe(thrown.errors[0]);
  return 'code' in thrown ? `${thrown.message} (${thrown.code})` : thrown.message;
}

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

/** A channel on a server. Redirects follow the rule of `followRedirect`, here and nowhere else. */
export async function createHttpTransport(options: HttpOptions): Promise<Transport> {
  const { variables, ca, headMs } = options;
  const authorities = await trustedAuthorities(ca, variables);
  const trust: Trust = authorities === undefined ? {} : { ca: [...authorities] };
  const agents = new Map<string, Agent>();
  const closed = new AbortController();
  let requests = 0;

  async function ask(url: URL, question: TransportRequest): Promise<IncomingMessage> {
    const agent = agents.get(url.origin) ?? (await createAgent(url, options, trust, closed.signal));
    agents.set(url.origin, agent);
    requests += 1;
    try {
      const { signal } = question;
      return await exchange(url, { headers: headersFor(question), agent, trust, headMs, signal });
    } catch (thrown) {
      if (question.signal?.aborted) throw new SpacepackError('interrupted', `${url.origin}: called off.`);
      const message = `Expected an answer from ${url.origin}, found ${describe(thrown)}.`;
      throw new SpacepackError('channel-unreachable', message, { cause: thrown });
    }
  }

  return {
    requests: () => requests,
    async get(question) {
      let url = question.url;
      for (let left = MOST_REDIRECTS; left >= 0; left -= 1) {
        const response = await ask(url, question);
        if (!isRedirect(response.statusCode ?? 0)) return answerOf(response);
        // Its body is not needed and might never end.
        response.destroy();
        url = followRedirect(url, response.headers.location ?? null);
      }
      const message = `Expected at most ${MOST_REDIRECTS} redirects from ${question.url.origin}, found more.`;
      throw new SpacepackError('channel-unreachable', message);
    },
    async close() {
      for (const agent of agents.values()) agent.destroy();
      closed.abort();
    },
  };
}
