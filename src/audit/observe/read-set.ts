import { type OperatorRead, shownRef } from './operator-write.ts';
import { withWords } from './words.ts';

/**
 * What an operator read, as lines, each once: `get configmaps ‹namespace›/settings`, `watch secrets in all namespaces, with type=key`.
 *
 * @param reads also those that found nothing
 */
export function readSetOf(reads: readonly OperatorRead[]): readonly string[] {
  return [...new Set(reads.filter(({ code }) => code !== 403).map((read) => withWords(shownRead(read))))].sort();
}

function shownRead(read: OperatorRead): string {
  const { verb, namespace, labelSelector, fieldSelector } = read;
  if (verb === 'get') return `get ${shownRef(read)}`;
  const kind = shownRef({ ...read, namespace: '', name: '' }).trimEnd();
  const selected = [labelSelector, fieldSelector].filter((one) => one !== undefined).join(', ');
  return `${verb} ${kind} in ${namespace || 'all namespaces'}${selected && `, with ${selected}`}`;
}
