import type { RequestContext } from 'nekube/apiserver';

/** The value of a header that may come once; empty for none. */
export function header({ headers }: RequestContext['request'], name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? '';
}
