import { stringifyYaml } from 'nekube/apimachinery';
import {
  type CheckoutContent,
  checkoutContent,
  FEATURE_LIST_DEFINITION,
  GitError,
  KEP_DEFINITION,
  KEP_TEXT_DEFINITION,
  type KepContent,
  syncFeatureList,
  syncKeps,
} from 'nekube/kep';
import { withCluster } from '../cluster.ts';
import { CliError, type Io } from '../io.ts';
import { printable } from '../printable.ts';
import { progressOn } from '../progress.ts';
import { cloned, isUrl } from './clone.ts';
import { codeOf } from './features.ts';
import { checkoutOf } from './source.ts';
import type { SyncFlags } from './sync-command.ts';

/**
 * Brings the KEPs of a checkout or a repository to a server.
 *
 * @throws CliError: there is no checkout, it cannot be cloned, or the server does not answer
 */
export async function syncToCluster(flags: SyncFlags, io: Io): Promise<void> {
  if (flags.print)
    return io.stdout(
      [KEP_DEFINITION, KEP_TEXT_DEFINITION, FEATURE_LIST_DEFINITION]
        .map((one) => stringifyYaml(one as never))
        .join('---\n'),
    );
  const code = flags.features === undefined ? undefined : await codeOf(flags.features, flags.release, io);
  const contents = contentsOf(isUrl(flags.from) ? clonedContent(flags.from, io) : checkoutOf(flags, io), flags, io);
  for (const { file, line, message } of contents.flatMap(({ findings }) =>
    findings.filter(({ rule }) => rule === 'yaml'),
  ))
    io.stderr(`warning: ${printable(file)}:${line ?? 1}: ${printable(message)}\n`);
  await withCluster(flags, io, async (client) => {
    const progress = progressOn(io, io.errorColumns === undefined ? 'none' : 'auto');
    progress.step('KEPs are brought to the server');
    const onProgress = (done: number, all: number): void => progress.detail(`${done} of ${all}`);
    const options = { source: flags.source, now: () => new Date(), signal: io.signal, onProgress };
    const counts = await syncKeps(client, contents, options).finally(() => progress.end());
    if (code !== undefined) await syncFeatureList(client, code, io.signal);
    const { created, changed, unchanged, removed, refused } = counts;
    io.stdout(
      `${contents.length} KEPs: ${created} created, ${changed} changed, ${unchanged} unchanged, ${removed} removed\n`,
    );
    if (code !== undefined) io.stdout(`${code.gates.length} feature gates of ${code.release}\n`);
    for (const { name, message } of refused) io.stderr(`warning: ${printable(name)}: ${printable(message)}\n`);
    if (refused.length > 0) throw new CliError(`the server did not take ${refused.length} of the KEPs`);
  });
}

function clonedContent(url: string, io: Io): CheckoutContent {
  const { folder, commit } = cloned(url, io);
  return checkoutContent(folder, { asOf: commit });
}

function contentsOf(content: CheckoutContent, { history, texts }: SyncFlags, io: Io): readonly KepContent[] {
  const { keps, findings, source, textOf } = content;
  const histories = history ? historiesOf(content, io) : new Map<string, never>();
  return keps.map((kep) => {
    const own = histories.get(kep.name);
    return {
      kep,
      findings: findings.get(kep.name) ?? [],
      ...(own !== undefined && { history: own }),
      ...(source.commit !== undefined && { commit: source.commit }),
      ...(texts && kep.readme !== undefined && { text: textOf(kep) }),
    };
  });
}

function historiesOf({ histories }: CheckoutContent, io: Io): ReturnType<CheckoutContent['histories']> {
  try {
    return histories();
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    io.stderr(`warning: without histories: ${error.message}\n`);
    return new Map();
  }
}
