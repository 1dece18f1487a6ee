import type { Claim } from '../conflict-causes.ts';

/** A manager as people read it: `"hpa" (Update scale)`. */
export function showClaim({ manager, operation, subresource }: Claim): string {
  return `${JSON.stringify(manager)} (${operation}${subresource === '' ? '' : ` ${subresource}`})`;
}

/** Several, each once. */
export function showClaims(claims: readonly Claim[]): string {
  return [...new Set(claims.map(showClaim))].join(', ');
}
