import { translate } from 'nekube/gateway';
import { CliError, type Io, NegativeFinding } from '../io.ts';
import { lineOfField, parsePath } from '../document-lines.ts';
import type { SavedObject } from '../object-files.ts';
import { printable } from '../printable.ts';
import type { CheckFlags } from './check-command.ts';
import { asJson } from './json.ts';
import { readResources } from './resources.ts';
import { refusalsOfServer } from './server-check.ts';
import { type Trouble, troublesOf } from './troubles.ts';

/** Something that is not well, and where it is written. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly object: string;
  readonly field: string;
  readonly reason: string;
  readonly message: string;
}

/**
 * Checks resources of files.
 *
 * @throws NegativeFinding when something is not well
 */
export async function checkResources(flags: CheckFlags, io: Io): Promise<void> {
  if (flags.filename === undefined) {
    throw new CliError('There is nothing to check', { hint: 'name files with -f; what a cluster has, status tells' });
  }
  const { snapshot, saved } = await readResources(flags, io);
  if (saved.size === 0) {
    throw new CliError('There is nothing to check: these files have no objects', {
      hint: 'files of a directory end in .yaml, .yml or .json; -R also reads directories below',
    });
  }
  const refused = refusalsOfServer([...saved.values()], flags.channel);
  const troubles = troublesOf(translate(snapshot).statuses);
  const findings = inOrder([...refused, ...troubles].flatMap((trouble) => findingOf(trouble, saved) ?? []));
  tell(findings, flags.output, io);
  if (findings.length > 0) throw new NegativeFinding(`what is not well: ${findings.length}`);
  if (flags.output === 'text') io.stderr(`All is well with ${saved.size} objects\n`);
}

/** Troubles of objects that are in no file are none of the check's. */
function findingOf(trouble: Trouble, saved: ReadonlyMap<string, SavedObject>): Finding | undefined {
  const one = saved.get(trouble.identity);
  if (one === undefined) return undefined;
  const place = lineOfField(one.document, parsePath(trouble.field));
  const colon = place.lastIndexOf(':');
  const { object, field, reason, message } = trouble;
  return { file: place.slice(0, colon), line: Number(place.slice(colon + 1)), object, field, reason, message };
}

/** As one reads: by file, in the order in which they were read, then by line. */
function inOrder(findings: readonly Finding[]): readonly Finding[] {
  const files = new Map<string, Finding[]>();
  for (const finding of findings) {
    const ofFile = files.get(finding.file);
    if (ofFile === undefined) files.set(finding.file, [finding]);
    else ofFile.push(finding);
  }
  return [...files.values()].flatMap((ofFile) => ofFile.sort((a, b) => a.line - b.line));
}

function tell(findings: readonly Finding[], output: CheckFlags['output'], io: Io): void {
  if (output === 'json') return io.stdout(asJson(findings));
  for (const finding of findings) {
    const { file, line, object, reason, message } = finding;
    const text = `${file}:${line}: ${object}: ${reason}: ${message}`;
    io.stdout(output === 'github' ? annotation(finding) : `${printable(text)}\n`);
  }
}

/** As a workflow of GitHub takes it: what is in it must neither end a property nor begin another command. */
function annotation({ file, line, object, reason, message }: Finding): string {
  const data = (text: string): string => printable(text).replaceAll('%', '%25');
  const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
  return `::error file=${property(file)},line=${line},title=${property(`${object}: ${reason}`)}::${data(message)}\n`;
}
