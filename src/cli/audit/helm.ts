import { execFile } from 'node:child_process';
import { type JsonObject, type KubeObject, parseYaml, stringifyJson } from 'nekube/apimachinery';
import { type Counterexample, counterexampleOf, type FoundChart, isSameSet, mostWrong, signed } from 'nekube/audit';
import { makeTemporaryFolder, removeTemporaryFolder } from 'nekube/files';
import { CliError, type Io } from '../io.ts';
import { writeFiles } from './chart-write.ts';

/** How a chart did. */
export interface Trial {
  readonly by: 'helm' | 'evaluation';
  readonly tried: number;
  readonly failures: readonly Counterexample[];
  /** At 95 % confidence. */
  readonly mostWrong: number;
}

const AT_ONCE = 2;

/** The program; undefined: it is not to be used, or is not there. @throws CliError it was named, and is not there */
export async function helmAtHand(named: string, io: Io): Promise<string | undefined> {
  if (named === 'none') return undefined;
  try {
    await run(named, ['version', '--short'], '', io.signal);
    return named;
  } catch (error) {
    if (named !== 'helm')
      throw new CliError(`${named} is no Helm that runs`, { hint: '--helm FILE, or --helm none', cause: error });
    io.stderr('note: helm is not on the path; the templates are evaluated without it\n');
    return undefined;
  }
}

/** Renders a chart for the resources that were held out, and compares that with what the operator wrote for them. */
export async function tryWithHelm(
  helm: string,
  files: ReadonlyMap<string, string>,
  { heldOut: { examples }, madeOnce }: FoundChart,
  signal?: AbortSignal,
): Promise<Trial> {
  const folder = makeTemporaryFolder('nekube-chart');
  const failures: Counterexample[] = [];
  try {
    await writeFiles(folder, files);
    const left = [...examples];
    const work = async (): Promise<void> => {
      for (let example = left.shift(); example !== undefined; example = left.shift()) {
        const { name, namespace, values } = example;
        const args = ['template', name, folder, '-n', namespace, '-f', '-'];
        const got = signed(objectsIn(await run(helm, args, stringifyJson(values), signal)), example, madeOnce);
        const expected = example.objects as readonly unknown[] as readonly JsonObject[];
        if (isSameSet(got as readonly unknown[] as readonly JsonObject[], expected)) continue;
        const how = counterexampleOf(values, example.objects, got);
        failures.push(how ?? { values, place: 'the number of objects' });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    removeTemporaryFolder(folder);
  }
  return { by: 'helm', tried: examples.length, failures, mostWrong: mostWrong(failures.length, examples.length) };
}

function objectsIn(text: string): readonly KubeObject[] {
  const documents = text.split(/^---$/m).map((one) => parseYaml(one));
  return documents.filter((one) => one !== null && one !== undefined) as readonly unknown[] as readonly KubeObject[];
}

async function run(program: string, args: readonly string[], input: string, signal?: AbortSignal): Promise<string> {
  return await new Promise((resolve, reject) => {
    const options = { maxBuffer: 64 << 20, ...(signal && { signal }) };
    const child = execFile(program, [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new CliError(`Helm does not render the chart: ${stderr.trim() || error.message}`, { cause: error }));
    });
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
