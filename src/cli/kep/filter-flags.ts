import type { Command } from 'commander';

/** Flags that name a checkout, and as of when. */
export interface CheckoutFlags {
  readonly from?: string;
  readonly asOf?: string;
}

/** Flags that say where KEPs are: a checkout, or a server that they were synced to. */
export interface SourceFlags extends CheckoutFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** Flags of commands that filter KEPs. */
export interface FilterFlags extends SourceFlags {
  readonly filter?: string;
  readonly stale?: boolean;
  readonly [flag: string]: unknown;
}

/** Each field that has a flag, and its help. A flag may be given several times, or have several values with commas: one of them must fit. */
export const FIELD_FLAGS: readonly (readonly [field: string, value: string, help: string])[] = [
  ['sig', 'name', 'of the owning SIG: node, sig-node'],
  ['participating-sig', 'name', 'in which a SIG takes part'],
  ['any-sig', 'name', 'which a SIG owns or takes part in'],
  ['status', 'status', 'provisional, implementable, implemented, deferred, rejected, withdrawn, replaced, or invalid'],
  ['stage', 'stage', 'alpha, beta, stable, deprecated, disabled, removed, none, or invalid'],
  ['milestone', 'release', 'that name a release as their latest, or for a stage: v1.36, ">=v1.36"'],
  ['latest-milestone', 'release', 'whose latest milestone it is'],
  ['alpha', 'release', 'that are alpha from a release on'],
  ['beta', 'release', 'that are beta from a release on'],
  ['stable', 'release', 'that are stable from a release on'],
  ['number', 'number', 'by number'],
  ['title', 'text', 'with a text in the title'],
  ['author', 'login', 'of an author'],
  ['reviewer', 'login', 'with a reviewer'],
  ['approver', 'login', 'with an approver'],
  ['prr-approver', 'login', 'whose production readiness someone approved'],
  ['gate', 'name', 'with a feature gate'],
  ['component', 'name', 'with a feature gate of a component: kubelet'],
  ['created', 'day', 'made on a day, or "<2020-01-01"'],
  ['updated', 'day', 'whose last-updated is a day, or "<2020-01-01"'],
  ['changed', 'day', 'whose folder changed last on a day, by the commits'],
];

/** The values of a flag that may be given several times, or have several with commas. */
export function listed(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(',')];
}

/** Adds the flags that say where KEPs are, and which are meant. */
export function withFilterFlags(command: Command): Command {
  withSource(command);
  for (const [field, value, help] of FIELD_FLAGS) command.option(`--${field} <${value}>`, help, listed);
  return command
    .option('--filter <text>', 'the same as one text: "sig:node stage:alpha -status:withdrawn is:stale cpu"')
    .option('--stale', 'that are open, and named for no release of the last three or of those to come');
}

/** Adds the flags that say where KEPs are: a checkout, or a server. */
export function withSource(command: Command): Command {
  return withCheckout(command, 'as it was at the end of a day; of a checkout also at a revision of git: v1, 64765b4')
    .option('--kubeconfig <file>', 'the KEPs that were synced to a server, by its kubeconfig')
    .option('--context <name>', 'the same, by a context of the kubeconfig');
}

/** Adds the flags that name a checkout, and as of when. */
export function withCheckout(
  command: Command,
  asOfHelp = 'as it was at the end of a day, or at a revision of git: 2023-01-31, v1, 64765b4',
): Command {
  return command
    .option('--from <dir>', 'a checkout of kubernetes/enhancements, or a bare repository; default: the current folder')
    .option('--as-of <day>', asOfHelp);
}
