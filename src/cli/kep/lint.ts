import { type Finding, LEVELS, patchOf } from 'nekube/kep';
import { type Io, NegativeFinding } from '../io.ts';
import { printable } from '../printable.ts';
import type { LintFlags } from './lint-command.ts';
import { checkoutOf } from './source.ts';

/**
 * Prints what is odd about a checkout, or the patch that mends what can be mended.
 *
 * @throws NegativeFinding: something of that level was found
 * @throws CliError where there is no checkout
 */
export function lintKeps(paths: readonly string[], flags: LintFlags, io: Io): void {
  const { tree, checkout } = checkoutOf(flags, io);
  const { findings } = checkout;
  const below = paths.map((path) => path.replace(/^\.?\//, '').replace(/\/$/, ''));
  const levels = LEVELS.slice(0, LEVELS.indexOf(flags.level) + 1);
  const wanted = findings.filter(
    ({ file, rule, level }) =>
      levels.includes(level) &&
      (flags.rule === undefined || flags.rule.includes(rule)) &&
      (below.length === 0 || below.some((path) => file === path || file.startsWith(`${path}/`))),
  );
  if (flags.patch) {
    const lines = (file: string): readonly string[] => tree.text(file).replace(/\n$/, '').split('\n');
    return io.stdout(patchOf(wanted, lines));
  }
  if (flags.output === 'json') io.stdout(`${JSON.stringify({ findings: wanted }, null, 2)}\n`);
  else io.stdout(wanted.map(lineOf).join(''));
  if (wanted.length > 0) throw new NegativeFinding(summary(wanted, findings));
}

function lineOf({ file, line, level, rule, message, edit }: Finding): string {
  const place = line === undefined ? file : `${file}:${line}`;
  return `${printable(`${place}: ${level}: ${message} [${rule}]${edit === undefined ? '' : ' (has a patch)'}`)}\n`;
}

function summary(wanted: readonly Finding[], all: readonly Finding[]): string {
  const count = (findings: readonly Finding[]): string =>
    LEVELS.map((level) => `${findings.filter((one) => one.level === level).length} ${level}s`).join(', ');
  const mended = wanted.filter(({ edit }) => edit !== undefined).length;
  return `${count(wanted)}; ${mended} with a patch (--patch)${wanted.length < all.length ? `; of all ${count(all)}` : ''}`;
}
