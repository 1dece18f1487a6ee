import { signalWithin } from 'nekube/apimachinery';
import { ISSUE, STORY } from 'nekube/weekly';
import { withCluster } from '../cluster.ts';
import type { NamespaceFlags } from '../cluster-flags.ts';
import type { Candidate, NamedKind } from '../complete.ts';
import type { Io } from '../io.ts';

/** Nobody waits longer for a completion. */
const PATIENCE_MS = 2000;

/** The names on the server of a command line that begin so; none where it does not answer soon. */
export async function completeNames(
  { of, prefix }: { readonly of: NamedKind; readonly prefix: string },
  words: readonly string[],
  io: Io,
): Promise<readonly Candidate[]> {
  const signal = signalWithin(io.signal, PATIENCE_MS);
  try {
    const all = await withCluster(clusterFlagsOf(words), { ...io, signal, stderr: () => undefined }, async (client) => {
      const where = { namespace: client.defaultNamespace, signal };
      if (of === 'issues') {
        const { items } = await client.list(ISSUE, where);
        return items.map(({ spec }) => ({ word: `${spec.number}`, description: spec.title }));
      }
      const { items } = await client.list(STORY, where);
      return items.map(({ metadata, spec }) => ({ word: metadata.name!, description: spec.title }));
    });
    return all
      .filter(({ word }) => word.startsWith(prefix))
      .map((one) => ({ ...one, description: oneLine(one.description) }));
  } catch {
    return [];
  }
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\s]+/gu, ' ');
}

/** Which server a command line that is not complete names. */
function clusterFlagsOf(words: readonly string[]): NamespaceFlags {
  const value = (...names: readonly string[]): string | undefined => {
    const at = words.findIndex((word) => names.includes(word));
    const assigned = words.find((word) => names.some((name) => name.startsWith('--') && word.startsWith(`${name}=`)));
    return at >= 0 ? words[at + 1] : assigned?.slice(assigned.indexOf('=') + 1);
  };
  const [kubeconfig, context, namespace] = [value('--kubeconfig'), value('--context'), value('--namespace', '-n')];
  return {
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
    ...(namespace !== undefined && { namespace }),
  };
}
