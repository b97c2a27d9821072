import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { readText } from '../computer/own-disk.ts';
import { messageOf, SpacepackError } from '../protocol/errors.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

async function readCertificates(path: string): Promise<readonly string[]> {
  try {
    const found = (await readText(path)).match(CERTIFICATE) ?? [];
    for (const certificate of found) new X509Certificate(certificate);
    if (found.length > 0) return found;
  } catch (thrown) {
    if (thrown instanceof SpacepackError) throw thrown;
    throw new SpacepackError('usage', `${path}: expected certificates in PEM, found ${messageOf(thrown)}.`, {
      cause: thrown,
    });
  }
  throw new SpacepackError('usage', `${path}: expected certificates in PEM, found none.`);
}

/**
 * The certificate authorities to trust, including a private one. `undefined` without a private one: then node uses its
 * own and NODE_EXTRA_CA_CERTS. If we give node a list, it ignores NODE_EXTRA_CA_CERTS, so it is read here. Rejects with
 * `usage`.
 */
export async function trustedAuthorities(
  file: string | undefined,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[] | undefined> {
  if (file === undefined) return undefined;
  const extra = variables['NODE_EXTRA_CA_CERTS'];
  return [...rootCertificates, ...(extra ? await readCertificates(extra) : []), ...(await readCertificates(file))];
}
