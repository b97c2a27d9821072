import type { Dispatcher } from 'undici';
import { SpacepackError } from '../protocol/errors.ts';
import { trustedAuthorities } from './certificates.ts';
import { followRedirect, MOST_REDIRECTS } from './redirect.ts';
import type { Answer, Question, Transport } from './transport.ts';

export interface HttpOptions {
  /** Environment variables: HTTPS_PROXY, HTTP_PROXY, NO_PROXY and their lower-case forms, NODE_EXTRA_CA_CERTS. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** File with the certificates of a private authority, PEM. */
  readonly ca: string | undefined;
  /** For the connection, for the head of the answer, and between two pieces of its body, in ms. */
  readonly patienceMs: number;
}

type Undici = typeof import('undici');

async function createAgent({ EnvHttpProxyAgent }: Undici, options: HttpOptions): Promise<Dispatcher> {
  const { variables, ca, patienceMs } = options;
  const variable = (name: string): string => variables[name.toLowerCase()] ?? variables[name] ?? '';
  const authorities = await trustedAuthorities(ca, variables);
  const tls = { timeout: patienceMs, ...(authorities !== undefined && { ca: [...authorities] }) };
  try {
    return new EnvHttpProxyAgent({
      httpProxy: variable('HTTP_PROXY'),
      httpsProxy: variable('HTTPS_PROXY'),
      noProxy: variable('NO_PROXY'),
      connect: tls,
      requestTls: tls,
      proxyTls: tls,
      // A proxy that allows CONNECT to port 443 alone is common: plain http is asked for as such.
      proxyTunnel: false,
      headersTimeout: patienceMs,
      bodyTimeout: patienceMs,
    });
  } catch (thrown) {
    // Not what was found: the address of a proxy may hold a password.
    throw new SpacepackError('usage', 'Expected HTTPS_PROXY and HTTP_PROXY to be addresses of proxies; found others.', {
      cause: thrown,
    });
  }
}

const headerOf = ({ headers }: Dispatcher.ResponseData, name: string): string | null => {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
};

function rangeOf(response: Dispatcher.ResponseData): Answer['range'] {
  const match = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15})$/.exec(headerOf(response, 'content-range') ?? '');
  return match === null ? null : { offset: Number(match[1]), totalBytes: Number(match[2]) };
}

function answerOf(response: Dispatcher.ResponseData): Answer {
  const { statusCode: status, body } = response;
  // Whoever reads it hears of its failure; one that is stopped unread must not bring the process down.
  body.on('error', () => {});
  const etag = headerOf(response, 'etag');
  // RFC 9110 §13.1.5: a weak ETag must not be used to go on with a file.
  const strong = etag?.startsWith('W/') ? null : etag;
  return {
    status,
    etag,
    validator: strong ?? headerOf(response, 'last-modified'),
    range: status === 206 ? rangeOf(response) : null,
    body,
    stop: () => void body.destroy(),
  };
}

function headersFor({ etag, from }: Question): Record<string, string> {
  return {
    'user-agent': 'spacepack',
    // Lengths and ranges are those of the file itself.
    'accept-encoding': 'identity',
    ...(etag && { 'if-none-match': etag }),
    ...(from && { range: `bytes=${from.offset}-`, 'if-range': from.validator }),
  };
}

function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return 'code' in thrown ? `${thrown.message} (${thrown.code})` : thrown.message;
}

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

/** A channel on a server. Redirects are followed by `followRedirect`'s rule, here and nowhere else. */
export async function createHttpTransport(options: HttpOptions): Promise<Transport> {
  const undici = await import('undici');
  const dispatcher = await createAgent(undici, options);
  let requests = 0;

  async function ask(url: URL, question: Question): Promise<Dispatcher.ResponseData> {
    requests += 1;
    try {
      const { signal = null } = question;
      return await undici.request(url, { dispatcher, headers: headersFor(question), signal });
    } catch (thrown) {
      if (question.signal?.aborted) throw new SpacepackError('interrupted', `${url.origin}: called off.`);
      const message = `Expected an answer of ${url.origin}; found ${describe(thrown)}.`;
      throw new SpacepackError('channel-unreachable', message, { cause: thrown });
    }
  }

  return {
    requests: () => requests,
    async get(question) {
      let url = question.url;
      for (let left = MOST_REDIRECTS; left >= 0; left -= 1) {
        const response = await ask(url, question);
        if (!isRedirect(response.statusCode)) return answerOf(response);
        // Its body is nobody's business, and might never end.
        response.body.on('error', () => {}).destroy();
        url = followRedirect(url, headerOf(response, 'location'));
      }
      const message = `Expected at most ${MOST_REDIRECTS} redirects from ${question.url.origin}; found more.`;
      throw new SpacepackError('channel-unreachable', message);
    },
    close: () => dispatcher.destroy(),
  };
}
