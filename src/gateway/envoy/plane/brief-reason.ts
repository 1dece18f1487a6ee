/**
 * Envoy's reason without the resource that it is about: it may show the whole of it first, with what is secret in it, and how it
 * came down to the place.
 */
export function briefReason(error: string): string {
  const reason = error.startsWith('goo.gle/debug') ? (error.split('\n: ').at(-1) ?? '') : error;
  return reason
    .replace(
      /Proto constraint validation failed \((.*)\)\s*$/s,
      (_, chain: string) => chain.split(' | caused by ').at(-1) ?? chain,
    )
    .trim();
}
