import { goQuote } from 'nekube/apimachinery';
import { FlagValues } from './flag-values.ts';
import { failureLine } from './klog.ts';
import { helpOf, kubeApiserverFacts } from './known-flags.ts';
import { FlagError, parseFlags } from './pflag.ts';
import type { ProgramIo } from './program-io.ts';

/**
 * `kube-apiserver`: reads its flags as the real one does, answers help and version, and then serves until it is told to
 * end. The server is loaded only then.
 *
 * @returns the exit code
 */
export async function kubeApiserver(args: readonly string[], io: ProgramIo): Promise<number> {
  const facts = kubeApiserverFacts();
  let values: FlagValues;
  try {
    const parsed = parseFlags(facts.flags, args);
    for (const note of parsed.notes) io.stderr(`${note}\n`);
    values = new FlagValues(parsed.values);
    if (values.bool('help', false)) {
      io.stdout(helpOf('kube-apiserver'));
      return 0;
    }
    checkWords(parsed.words);
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    io.stderr(`Error: ${error.message}\n`);
    return 1;
  }
  const { serveApi, versionText } = await import('./kube-apiserver.ts');
  const version = values.has('version') ? versionText(values) : undefined;
  if (version !== undefined) {
    io.stdout(version);
    return 0;
  }
  try {
    await serveApi(values, facts, io);
    return 0;
  } catch (error) {
    if (io.signal.aborted) return 0;
    io.stderr(failureLine(error instanceof Error ? error.message : String(error)));
    return 1;
  }
}

/** Empty words are nothing: templates of flags become empty. @throws FlagError */
function checkWords(words: readonly string[]): void {
  if (words.every((word) => word === '')) return;
  const shown = words.map(goQuote).join(' ');
  throw new FlagError(`"kube-apiserver" does not take any arguments, got [${shown}]`);
}
