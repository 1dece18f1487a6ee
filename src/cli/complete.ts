import type { Command, Option } from 'commander';
import { CONTROLLERS } from 'nekube/controllers';

/** What to do with the candidates; the numbers are those of cobra's protocol, which the scripts of many tools share. */
export const DIRECTIVE = {
  /** Files, where there is no candidate. */
  default: 0,
  /** No space behind the candidate, since the word goes on. */
  noSpace: 2,
  /** No files. */
  noFiles: 4,
} as const;

/** One word that fits, and what it means. */
export interface Candidate {
  readonly word: string;
  readonly description: string;
}

/** What fits at the end of a command line. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly directive: number;
  /** Of what on the server the names fit, too; asking for them is for whoever has the time. */
  readonly names?: { readonly of: NamedKind; readonly prefix: string };
}

/** What on a server has names that fit somewhere: stories by name, issues by number. */
export type NamedKind = 'stories' | 'issues';

const NOTHING: Completion = { candidates: [], directive: DIRECTIVE.noFiles };
const FILES: Completion = { candidates: [], directive: DIRECTIVE.default };

/** Values that a flag's definition does not list. */
const FLAG_VALUES: Readonly<Record<string, Completion>> = {
  '--storage': {
    candidates: [
      { word: 'memory', description: 'nothing is kept' },
      { word: 'lmdb:', description: 'durably, in a directory' },
      { word: 'etcd:', description: 'in etcd, at its URLs' },
    ],
    directive: DIRECTIVE.noFiles | DIRECTIVE.noSpace,
  },
  '--controllers': {
    candidates: [
      { word: 'all', description: 'all that there are' },
      { word: 'none', description: 'none' },
      ...CONTROLLERS.map((word) => ({ word, description: '' })),
    ],
    directive: DIRECTIVE.noFiles,
  },
  '--images': {
    candidates: [{ word: 'fake', description: 'pods without processes' }],
    directive: DIRECTIVE.default,
  },
  '--kubeconfig': FILES,
  '--filename': FILES,
  '--from': FILES,
  '--to': FILES,
  '--policy': FILES,
  '--report': FILES,
  '--audit-log': FILES,
  '--store': FILES,
  '--dir': FILES,
  '--token-auth-file': FILES,
  '--client-ca-file': FILES,
  '--kubelet-client-certificate': FILES,
  '--kubelet-client-key': FILES,
  '--kubelet-certificate-authority': FILES,
  '--authentication-token-webhook-config-file': FILES,
  '--authorization-webhook-config-file': FILES,
  '--service-account-key-file': FILES,
  '--service-account-signing-key-file': FILES,
  '--requestheader-client-ca-file': FILES,
  '--cluster-signing-cert-file': FILES,
  '--cluster-signing-key-file': FILES,
  '--etcd-cafile': FILES,
  '--etcd-certfile': FILES,
  '--etcd-keyfile': FILES,
  '--etcd-user-file': FILES,
  '--cert-dir': FILES,
  '--admission-control-config-file': FILES,
  '--audit-policy-file': FILES,
  '--audit-log-path': FILES,
};

/** Arguments that are files, by the command's path. */
const FILE_ARGUMENTS = new Set([
  'snapshot save',
  'snapshot restore',
  'codegen crd',
  'weekly import',
  'weekly render',
  'weekly publish',
  'weekly translate',
]);

/** Arguments that are named on a server, by the command's path. */
const NAMED_ARGUMENTS: Readonly<Record<string, NamedKind>> = {
  'weekly vote': 'stories',
  'weekly accept': 'stories',
  'weekly decline': 'stories',
  'weekly agenda': 'issues',
  'weekly render': 'issues',
  'weekly publish': 'issues',
  'weekly translate': 'issues',
};

/** The completion of the last of `words`, which may be empty; the ones before it are complete. */
export function complete(root: Command, words: readonly string[]): Completion {
  const last = words.at(-1) ?? '';
  const { command, path, pending, positionals, onlyArguments } = walk(root, words.slice(0, -1));
  if (pending?.long === '--issue' && path.startsWith('weekly '))
    return { ...NOTHING, names: { of: 'issues', prefix: last } };
  if (pending !== undefined) return matching(valuesOf(pending), last);
  const assignment = onlyArguments ? null : /^(--[^=]+)=(.*)$/s.exec(last);
  if (assignment !== null) return assigned(command, assignment[1]!, assignment[2]!);
  if (last.startsWith('-') && !onlyArguments) return matching(flagsOf(command), last);
  if (command.commands.length > 0) return positionals > 0 ? NOTHING : matching(subcommandsOf(command), last);
  const found = matching(argumentsOf(command, path, positionals), last);
  const of = positionals === 0 ? NAMED_ARGUMENTS[path] : undefined;
  return of === undefined ? found : { ...found, names: { of, prefix: last } };
}

interface Position {
  readonly command: Command;
  /** The names of the subcommands that lead to it, with spaces between. */
  readonly path: string;
  /** The flag whose value comes next. */
  readonly pending: Option | undefined;
  readonly positionals: number;
  /** After `--`. */
  readonly onlyArguments: boolean;
}

/** Follows complete words down to the command that they are for. */
function walk(root: Command, words: readonly string[]): Position {
  let at: Position = { command: root, path: '', pending: undefined, positionals: 0, onlyArguments: false };
  for (const word of words) at = step(at, word);
  return at;
}

function step(at: Position, word: string): Position {
  if (at.pending !== undefined) return { ...at, pending: undefined };
  if (word === '--' && !at.onlyArguments) return { ...at, onlyArguments: true };
  if (word.startsWith('-') && !at.onlyArguments) {
    const flag = findFlag(at.command, word);
    return flag?.required ? { ...at, pending: flag } : at;
  }
  const next = at.command.commands.find((command) => command.name() === word);
  if (next === undefined) return { ...at, positionals: at.positionals + 1 };
  return { ...at, command: next, path: at.path === '' ? word : `${at.path} ${word}`, positionals: 0 };
}

function findFlag(command: Command, word: string): Option | undefined {
  return command.options.find((option) => option.long === word || option.short === word);
}

function valuesOf(flag: Option): Completion {
  if (flag.argChoices !== undefined)
    return { candidates: flag.argChoices.map((word) => ({ word, description: '' })), directive: DIRECTIVE.noFiles };
  return FLAG_VALUES[flag.long ?? ''] ?? NOTHING;
}

/** `--flag=value`: the candidates repeat the flag, since they stand for the whole word. */
function assigned(command: Command, name: string, value: string): Completion {
  const flag = findFlag(command, name);
  if (flag === undefined) return NOTHING;
  const { candidates, directive } = matching(valuesOf(flag), value);
  return {
    candidates: candidates.map(({ word, description }) => ({ word: `${name}=${word}`, description })),
    directive,
  };
}

function flagsOf(command: Command): Completion {
  const flags = command.createHelp().visibleOptions(command);
  const candidates = flags.flatMap(({ short, long, description }) =>
    [long, short].filter((word) => word !== undefined).map((word) => ({ word, description })),
  );
  return { candidates, directive: DIRECTIVE.noFiles };
}

function subcommandsOf(command: Command): Completion {
  const visible = command.createHelp().visibleCommands(command);
  return {
    candidates: visible.map((one) => ({ word: one.name(), description: one.summary() })),
    directive: DIRECTIVE.noFiles,
  };
}

function argumentsOf(command: Command, path: string, positionals: number): Completion {
  const last = command.registeredArguments.at(-1);
  const argument = command.registeredArguments[positionals] ?? (last?.variadic ? last : undefined);
  if (argument === undefined) return NOTHING;
  if (FILE_ARGUMENTS.has(path)) return FILES;
  return {
    candidates: (argument.argChoices ?? []).map((word) => ({ word, description: '' })),
    directive: DIRECTIVE.noFiles,
  };
}

function matching({ candidates, directive }: Completion, prefix: string): Completion {
  return { candidates: candidates.filter(({ word }) => word.startsWith(prefix)), directive };
}

/** A candidate a line, its description behind a tab, then the directive: what a shell's script reads. */
export function formatCompletion({ candidates, directive }: Completion): string {
  const lines = candidates.map(({ word, description }) =>
    description === '' ? word : `${word}\t${firstLine(description)}`,
  );
  return [...lines, `:${directive}`, ''].join('\n');
}

function firstLine(text: string): string {
  return text.split('\n')[0]!;
}
