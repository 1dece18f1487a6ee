/** Before a resource as text. */
const SHOWN = 'goo.gle/debug';
/** Between it and the reason. */
const BEHIND = '\n: ';

/**
 * Envoy's reason without the resource that it is about: it may show the whole of it first, with what is secret in it, and how it
 * came down to the place. Where so much is shown that the reason is cut off, nothing of it is told.
 */
export function briefReason(error: string): string {
  const start = error.indexOf(SHOWN);
  if (start === -1) return innermost(error);
  const end = error.lastIndexOf(BEHIND);
  const before = error.slice(0, start).trim();
  const reason = end < start ? CUT_OFF : innermost(error.slice(end + BEHIND.length));
  return before === '' ? reason : `${before} ${reason}`;
}

const CUT_OFF = 'it is not as it must be; why, Envoy has said at too great a length';

function innermost(reason: string): string {
  return reason
    .replace(
      /Proto constraint validation failed \((.*)\)\s*$/s,
      (_, chain: string) => chain.split(' | caused by ').at(-1) ?? chain,
    )
    .trim();
}
