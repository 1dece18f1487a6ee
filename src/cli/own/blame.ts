import { type JsonObject, type KubeObject, stringifyYaml } from 'nekube/apimachinery';
import {
  type Blame,
  blame,
  blamedLineData,
  type FieldChoice,
  maskSecret,
  narrow,
  type NarrowedLine,
} from 'nekube/ownership';
import { painterFor } from '../color.ts';
import { type Io, NegativeFinding } from '../io.ts';
import { withObjects } from '../objects.ts';
import { printableJson } from '../printable.ts';
import type { BlameFlags } from './blame-command.ts';
import { printSummary } from './blame-summary.ts';
import { type BlameStyle, formatBlame, isShown } from './blame-text.ts';
import { tellProblems, titleOf } from './each-object.ts';
import { fieldChoiceOf } from './field-flag.ts';

/**
 * Prints who owns each line of the objects, one object at a time.
 *
 * @throws CliError for wrong arguments, and when objects could not be read
 * @throws NegativeFinding when no object has the field that was asked for, or the manager owns nothing of them
 */
export async function printBlame(args: readonly string[], flags: BlameFlags, io: Io): Promise<void> {
  const choice = flags.path === undefined ? undefined : fieldChoiceOf(flags.path);
  const { manager: managers = [] } = flags;
  const printer = printerFor(flags, io);
  await withObjects(args, flags, io, async (objects) => {
    if (flags.summary) return await printSummary(objects, flags, io);
    const found = { objects: 0, lines: 0, shown: 0 };
    try {
      for await (const object of objects) {
        found.objects++;
        const blamed = blamedObject(object, choice, flags);
        tellProblems(object, blamed.problems, io);
        if (blamed.lines.length === 0) continue;
        found.lines++;
        if (managers.length > 0 && !isOwned(blamed, managers)) continue;
        found.shown++;
        printer.print(blamed);
      }
    } finally {
      // what could be read is printed, whatever could not
      printer.end();
    }
    if (choice !== undefined && found.objects > 0 && found.lines === 0)
      throw new NegativeFinding(`no field ${flags.path} in any of the objects`);
    if (managers.length > 0 && found.lines > 0 && found.shown === 0)
      throw new NegativeFinding(
        `${managers.map((one) => JSON.stringify(one)).join(' or ')} owns nothing here; --summary tells who does`,
      );
  });
}

function isOwned({ lines }: BlamedObject, managers: readonly string[]): boolean {
  return lines.some(({ line, leading }) => !leading && line.owners.some((owner) => isShown(owner, managers)));
}

/** An object and what of it is to be printed. */
interface BlamedObject extends Pick<Blame, 'owners' | 'problems'> {
  readonly object: KubeObject;
  readonly lines: readonly NarrowedLine[];
}

function blamedObject(object: KubeObject, choice: FieldChoice | undefined, flags: BlameFlags): BlamedObject {
  const { lines, owners, problems } = blamed(flags.showSecrets ? object : maskSecret(object));
  const kept = choice === undefined ? lines.map((line) => ({ line, leading: false })) : narrow(lines, choice);
  return { object, lines: kept, owners, problems };
}

/** One object that nests so deep that it cannot be written must not hide the others. */
function blamed(object: KubeObject): Blame {
  try {
    return blame(object);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { lines: [], owners: [], problems: ['it nests too deeply to be shown'] };
  }
}

/** Prints one object after another; `end` when there are no more. */
interface Printer {
  print(blamed: BlamedObject): void;
  end(): void;
}

function printerFor(flags: BlameFlags, io: Io): Printer {
  if (flags.output === 'json') return jsonPrinter(flags, io);
  if (flags.output === 'yaml') return yamlPrinter(flags, io);
  const { time, color, manager: managers = [] } = flags;
  return textPrinter({ time, managers, now: Date.now(), painter: painterFor(color, io) }, io);
}

/** Objects have a line that names them as soon as there are several: the first waits for the second. */
function textPrinter(style: BlameStyle, io: Io): Printer {
  let waiting: BlamedObject | undefined;
  let printed = 0;
  const put = (blamed: BlamedObject, title: string): void => {
    io.stdout(`${printed++ > 0 ? '---\n' : ''}${title}${formatBlame(blamed.lines, style)}`);
  };
  const titled = (blamed: BlamedObject): void =>
    put(blamed, `# ${blamed.object.apiVersion} ${titleOf(blamed.object)}\n`);
  return {
    print(blamed) {
      if (waiting !== undefined) titled(waiting);
      if (waiting !== undefined || printed > 0) titled(blamed);
      waiting = waiting === undefined && printed === 0 ? blamed : undefined;
    },
    end() {
      if (waiting !== undefined) put(waiting, '');
    },
  };
}

/** One array, whatever was asked for. */
function jsonPrinter(flags: BlameFlags, io: Io): Printer {
  let printed = 0;
  return {
    print(blamed) {
      io.stdout(`${printed++ === 0 ? '[\n' : ',\n'}${printableJson(dataOf(blamed, flags.manager ?? []))}`);
    },
    end() {
      io.stdout(printed === 0 ? '[]\n' : '\n]\n');
    },
  };
}

function yamlPrinter(flags: BlameFlags, io: Io): Printer {
  let printed = 0;
  return {
    print(blamed) {
      io.stdout(`${printed++ === 0 ? '' : '---\n'}${stringifyYaml(dataOf(blamed, flags.manager ?? []))}`);
    },
    end() {},
  };
}

/** The form for programs: docs/ownership.md. */
function dataOf({ object, lines, problems }: BlamedObject, managers: readonly string[]): JsonObject {
  const { apiVersion, kind, metadata } = object;
  const { name = '', namespace } = metadata;
  return {
    object: { apiVersion: apiVersion!, kind: kind!, metadata: { name, ...(namespace !== undefined && { namespace }) } },
    lines: lines
      .filter(({ leading }) => !leading)
      .map(({ line }) => blamedLineData({ ...line, owners: line.owners.filter((owner) => isShown(owner, managers)) })),
    ...(problems.length > 0 && { problems: [...problems] }),
  };
}
