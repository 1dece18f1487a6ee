import { readFileSync } from 'node:fs';

let userAgent: string | undefined;

/** `nekube/VERSION`; before the slash is the manager that a server takes from it. */
export function defaultUserAgent(): string {
  userAgent ??= `nekube/${versionIn(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))}`;
  return userAgent;
}

function versionIn(manifest: string): string {
  return (JSON.parse(manifest) as { readonly version: string }).version;
}
