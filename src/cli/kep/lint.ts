import { type Finding, LEVELS, patchOf, RULES } from 'nekube/kep';
import { CliError, type Io, NegativeFinding } from '../io.ts';
import { printable } from '../printable.ts';
import type { LintFlags } from './lint-command.ts';
import { checkoutOf } from './source.ts';

/**
 * Prints what is odd about a checkout, or the patch that mends what can be mended.
 *
 * @throws NegativeFinding: something of that level was found
 * @throws CliError where there is no checkout, no such rule, or nothing at a path
 */
export function lintKeps(paths: readonly string[], flags: LintFlags, io: Io): void {
  const { tree, checkout } = checkoutOf(flags, io);
  const { findings } = checkout;
  for (const name of flags.rule ?? [])
    if (!RULES.some((rule) => rule === name))
      throw new CliError(`--rule: ${JSON.stringify(name)} is no rule`, { hint: `there are ${RULES.join(', ')}` });
  const below = paths.map((path) => path.replace(/^\.?\//, '').replace(/\/$/, ''));
  for (const path of below)
    if (![...tree.files, ...tree.links.keys()].some((file) => isBelow(file, path)))
      throw new CliError(`nothing of the checkout is ${JSON.stringify(path)} or below it`, {
        hint: 'paths are from the root of the checkout, as keps/sig-node',
      });
  const levels = LEVELS.slice(0, LEVELS.indexOf(flags.level) + 1);
  const wanted = findings.filter(
    ({ file, rule, level }) =>
      levels.includes(level) &&
      (flags.rule === undefined || flags.rule.includes(rule)) &&
      (below.length === 0 || below.some((path) => isBelow(file, path))),
  );
  if (flags.patch) return io.stdout(patchOf(wanted, tree.text));
  if (flags.output === 'json') io.stdout(`${JSON.stringify({ findings: wanted }, null, 2)}\n`);
  else io.stdout(wanted.map(lineOf).join(''));
  if (wanted.length > 0) throw new NegativeFinding(summary(wanted, findings));
}

function isBelow(file: string, path: string): boolean {
  return path === '' || path === '.' || file === path || file.startsWith(`${path}/`);
}

function lineOf({ file, line, level, rule, message, edit }: Finding): string {
  const place = line === undefined ? file : `${file}:${line}`;
  return `${printable(`${place}: ${level}: ${message} [${rule}]${edit === undefined ? '' : ' (has a patch)'}`)}\n`;
}

function summary(wanted: readonly Finding[], all: readonly Finding[]): string {
  const count = (findings: readonly Finding[]): string =>
    LEVELS.map((level) => counted(findings.filter((one) => one.level === level).length, level)).join(', ');
  const mended = wanted.filter(({ edit }) => edit !== undefined).length;
  return `${count(wanted)}; ${mended} with a patch (--patch)${wanted.length < all.length ? `; of all ${count(all)}` : ''}`;
}

function counted(count: number, name: string): string {
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
