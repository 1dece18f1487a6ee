import type { RequestContext } from '../context.ts';
import { sendBytes } from '../respond.ts';
import type { ServiceAccountTokens } from './tokens.ts';

/** What is told may be kept for an hour. */
const CACHE_CONTROL = 'public, max-age=3600';

/** `/.well-known/openid-configuration`: how others find the keys that verify tokens of service accounts. */
export function sendConfiguration(context: RequestContext, tokens: ServiceAccountTokens): void {
  const document = {
    issuer: tokens.issuers[0],
    jwks_uri: tokens.jwksUri,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [...new Set(tokens.keys.map(({ algorithm }) => algorithm))].sort(),
  };
  send(context, 'application/json', document);
}

/** `/openid/v1/jwks`: these keys. */
export async function sendKeys(context: RequestContext, tokens: ServiceAccountTokens): Promise<void> {
  const { exportJWK } = await import('jose');
  const keys = tokens.keys.map(async ({ id: kid, algorithm: alg, publicKey }) => {
    const { kty, crv, x, y, n, e } = await exportJWK(publicKey);
    return { use: 'sig', kty, kid, ...(crv && { crv }), alg, ...(x && { x, y }), ...(n && { n, e }) };
  });
  send(context, 'application/jwk-set+json', { keys: await Promise.all(keys) });
}

function send(context: RequestContext, contentType: string, document: object): void {
  context.response.setHeader('cache-control', CACHE_CONTROL);
  sendBytes(context, 200, contentType, Buffer.from(JSON.stringify(document)));
}
