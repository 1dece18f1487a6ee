import { stringifyYaml } from 'nekube/apimachinery';
import {
  type CheckoutContent,
  checkoutContent,
  type CodeOfRelease,
  FEATURE_LIST_DEFINITION,
  GitError,
  KEP_DEFINITION,
  KEP_SYNC_DEFINITION,
  KEP_TEXT_DEFINITION,
  type KepContent,
  syncFeatureList,
  syncKeps,
  type UnfinishedSync,
} from 'nekube/kep';
import type { Client } from 'nekube/client';
import { withCluster } from '../cluster.ts';
import { CliError, type Io } from '../io.ts';
import { printable } from '../printable.ts';
import { type Progress, progressOn } from '../progress.ts';
import { cloned, isUrl } from './clone.ts';
import { codeOf } from './features.ts';
import { checkoutOf, unfinishedText } from './source.ts';
import type { SyncFlags } from './sync-command.ts';

/**
 * Brings the KEPs of a checkout or a repository to a server.
 *
 * @throws CliError: there is no checkout, it cannot be cloned, or the server does not answer
 */
export async function syncToCluster(flags: SyncFlags, io: Io): Promise<void> {
  if (flags.print)
    return io.stdout(
      [KEP_DEFINITION, KEP_TEXT_DEFINITION, KEP_SYNC_DEFINITION, FEATURE_LIST_DEFINITION]
        .map((one) => stringifyYaml(one as never))
        .join('---\n'),
    );
  const code = flags.features === undefined ? undefined : await codeOf(flags.features, flags.release, io);
  const clone = isUrl(flags.from) ? cloned(flags.from, io) : undefined;
  const progress = progressOn(io, flags.progress);
  try {
    progress.step('KEPs are read');
    const content = clone === undefined ? checkoutOf(flags, io) : checkoutContent(clone.folder, { asOf: clone.commit });
    const contents = contentsOf(content, flags, progress);
    for (const { file, line, message } of contents.flatMap(({ findings }) =>
      findings.filter(({ rule }) => rule === 'yaml'),
    ))
      progress.say(`warning: ${printable(file)}:${line ?? 1}: ${printable(message)}\n`);
    await withCluster(flags, io, (client) => bring(client, contents, { code, source: flags.source, progress }, io));
  } finally {
    progress.end();
  }
}

/** What a sync brings beside KEPs, and how it is told. */
interface Bringing {
  readonly code: CodeOfRelease | undefined;
  readonly source: string;
  readonly progress: Progress;
}

async function bring(
  client: Client,
  contents: readonly KepContent[],
  { code, source, progress }: Bringing,
  io: Io,
): Promise<void> {
  progress.step('KEPs are brought to the server');
  let looked = 0;
  const onProgress = (done: number, all: number): void => {
    looked = done;
    progress.count(done, all);
  };
  const onOther = (sync: UnfinishedSync): void =>
    progress.say(`note: ${unfinishedText(sync)}; ${sync.isUnderWay ? 'it is waited for' : 'this one does the rest'}\n`);
  const options = { source, signal: io.signal, onProgress, onOther };
  const counts = await syncKeps(client, contents, options).catch((error: unknown) => {
    progress.end();
    // what is there does not tell that it is a part
    if (looked > 0 && looked < contents.length)
      io.stderr(`nekube: ${looked} of ${contents.length} KEPs were brought; the same command brings the rest\n`);
    throw error;
  });
  progress.end();
  if (code !== undefined) await syncFeatureList(client, code, io.signal);
  const { created, changed, unchanged, removed, refused } = counts;
  io.stdout(
    `${contents.length} KEPs: ${created} created, ${changed} changed, ${unchanged} unchanged, ${removed} removed\n`,
  );
  if (code !== undefined) io.stdout(`${code.gates.length} feature gates of ${code.release}\n`);
  for (const { name, message } of refused) io.stderr(`warning: ${printable(name)}: ${printable(message)}\n`);
  if (refused.length > 0) throw new CliError(`the server did not take ${refused.length} of the KEPs`);
}

function contentsOf(
  content: CheckoutContent,
  { history, texts }: SyncFlags,
  progress: Progress,
): readonly KepContent[] {
  const { keps, findings, source, textOf } = content;
  const histories = history ? historiesOf(content, progress) : new Map<string, never>();
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

function historiesOf({ histories }: CheckoutContent, progress: Progress): ReturnType<CheckoutContent['histories']> {
  progress.step('their history is read');
  try {
    return histories();
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    progress.say(`warning: without histories: ${error.message}\n`);
    return new Map();
  }
}
