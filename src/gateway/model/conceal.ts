import type { GatewayModel } from './model.ts';
import { PrivateText } from './private-text.ts';

const HIDDEN = new PrivateText('[redacted]');

/** The members of a JWK that are secret: a symmetric key, and what signs. */
const SECRETS_OF_JWKS = /("(?:k|d|p|q|dp|dq|qi)"\s*:\s*)"[^"]*"/g;

/**
 * The same model, in which each private text is `[redacted]`, also for who reveals it, and what is secret in sets of keys: for what people
 * are shown.
 */
export function concealed(model: GatewayModel): GatewayModel {
  return conceal(model) as GatewayModel;
}

function conceal(value: unknown): unknown {
  if (value instanceof PrivateText) return HIDDEN;
  if (typeof value === 'string')
    return value.includes('"kty"') ? value.replace(SECRETS_OF_JWKS, '$1"[redacted]"') : value;
  if (value instanceof Map) return new Map([...value].map(([key, one]) => [key, conceal(one)]));
  if (Array.isArray(value)) return value.map(conceal);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, conceal(one)]));
}
