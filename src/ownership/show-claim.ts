import type { Claim } from './conflict-causes.ts';

/** A manager as people read it: `"hpa" (Update scale)`, or with a time `"hpa" (Update scale, since 2026-01-02T03:04:05Z)`. */
export function showClaim(
  { manager, operation, subresource }: Pick<Claim, 'manager' | 'operation' | 'subresource'>,
  since?: string,
): string {
  const how = subresource === '' ? operation : `${operation} ${subresource}`;
  return `${JSON.stringify(manager)} (${how}${since === undefined ? '' : `, since ${since}`})`;
}

/** Several, each once. */
export function showClaims(claims: readonly Claim[]): string {
  return [...new Set(claims.map((claim) => showClaim(claim)))].join(', ');
}
