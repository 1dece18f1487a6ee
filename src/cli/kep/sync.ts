import { stringifyYaml } from 'nekube/apimachinery';
import { GitError, headOf, historiesOf, KEP_DEFINITION, type KepContent, syncKeps } from 'nekube/kep';
import { withCluster } from '../cluster.ts';
import type { Io } from '../io.ts';
import { cloned, isUrl } from './clone.ts';
import { checkoutOf, type OpenCheckout } from './source.ts';
import type { SyncFlags } from './sync-command.ts';

/** So often the line on a terminal is written anew. */
const INTERVAL_MS = 100;
const CLEAR = '\r\u001b[K';

/**
 * Brings the KEPs of a checkout or a repository to a server.
 *
 * @throws CliError: there is no checkout, it cannot be cloned, or the server does not answer
 */
export async function syncToCluster(flags: SyncFlags, io: Io): Promise<void> {
  if (flags.print) return io.stdout(stringifyYaml(KEP_DEFINITION as never));
  const from = isUrl(flags.from) ? cloned(flags.from, io) : flags.from;
  const contents = contentsOf(checkoutOf({ from }, io), flags, io);
  await withCluster(flags, io, async (client) => {
    const progress = progressLine(io);
    try {
      const options = { source: flags.source, now: () => new Date(), signal: io.signal, onProgress: progress.show };
      const { created, changed, unchanged, removed } = await syncKeps(client, contents, options);
      progress.end();
      io.stdout(
        `${contents.length} KEPs: ${created} created, ${changed} changed, ${unchanged} unchanged, ${removed} removed\n`,
      );
    } finally {
      progress.end();
    }
  });
}

function contentsOf({ root, keps, findings }: OpenCheckout, { history }: SyncFlags, io: Io): readonly KepContent[] {
  const commit = headOf(root);
  const histories = history ? historiesIn(root, keps, io) : new Map();
  return keps.map((kep) => {
    const own = histories.get(kep.name);
    return {
      kep,
      findings: findings.filter(({ file }) => file.startsWith(`${kep.path}/`)),
      ...(own !== undefined && { history: own }),
      ...(commit !== undefined && { commit }),
    };
  });
}

function historiesIn(root: string, keps: OpenCheckout['keps'], io: Io): ReturnType<typeof historiesOf> {
  try {
    return historiesOf(root, keps);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    io.stderr(`warning: without histories: ${error.message}\n`);
    return new Map();
  }
}

/** On a terminal a line that says how far it is. */
function progressLine(io: Io): { readonly show: (done: number, all: number) => void; readonly end: () => void } {
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    show(done, all) {
      if (io.columns === undefined || io.elapsedMs() - shownAt < INTERVAL_MS) return;
      shownAt = io.elapsedMs();
      io.stderr(`${CLEAR}${done} of ${all} KEPs`);
    },
    end() {
      if (io.columns !== undefined && shownAt >= 0) io.stderr(CLEAR);
      shownAt = Number.NEGATIVE_INFINITY;
    },
  };
}
