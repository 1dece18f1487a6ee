import { readKep, type ReadKep } from '../document/read-kep.ts';
import { byPlace, type Finding } from '../model/finding.ts';
import { lintFiles } from '../lint/lint-files.ts';
import { lintKeps } from '../lint/lint-keps.ts';
import type { Kep, Reference } from '../model/kep.ts';
import type { CheckoutFiles } from '../model/checkout-files.ts';
import { groupBy } from '../model/group-by.ts';
import { type Readiness, readinessFor, readReadiness } from '../relations/readiness.ts';
import { References } from '../relations/references.ts';
import { README_NAMES, sortFiles } from './sort-files.ts';
import type { Tree } from '../model/tree.ts';

/** A checkout of kubernetes/enhancements, as KEPs. */
export interface Checkout {
  /** By number, then by path; those without a number last. */
  readonly keps: readonly Kep[];
  readonly findings: readonly Finding[];
  readonly files: CheckoutFiles;
}

/**
 * Reads all KEPs of a checkout, what they refer to, and who approved their production readiness. Nothing of it is dropped:
 * what is odd is a finding.
 *
 * @throws Error of the system, or GitError: one of its files cannot be read
 */
export function readCheckout(tree: Tree): Checkout {
  const files = sortFiles(tree);
  const { text } = tree;
  const read = withNames(files.keps.map((folder) => readKep(folder, text(`${folder}/kep.yaml`))));
  const readiness = files.readiness.map((file) => readReadiness(file, text(file)));
  const approvals = readiness.flatMap((one) => one.readiness ?? []);
  const references = new References(
    tree,
    read.map(({ kep }) => kep),
  );
  const findings = [...read, ...readiness].flatMap((one) => one.findings);
  const byNumber = groupBy(approvals, ({ number }) => number);
  const keps = read.map(({ kep }) => complete(kep, byNumber, references, files));
  findings.push(...lintFiles(files), ...lintKeps(read, references, approvals, files.all));
  return { keps: keps.sort(inOrder), findings: findings.sort(byPlace), files };
}

/** Folders of one name get a number behind it, the first that no other has. */
function withNames(read: readonly ReadKep[]): readonly ReadKep[] {
  const taken = new Set(read.map(({ kep }) => kep.name));
  const seen = new Set<string>();
  return read.map((one) => {
    const { name } = one.kep;
    if (!seen.has(name)) {
      seen.add(name);
      return one;
    }
    let count = 2;
    while (taken.has(`${name}-${count}`)) count++;
    taken.add(`${name}-${count}`);
    return { ...one, kep: { ...one.kep, name: `${name}-${count}` } };
  });
}

function complete(
  kep: Kep,
  approvals: ReadonlyMap<number, readonly Readiness[]>,
  references: References,
  files: CheckoutFiles,
): Kep {
  const resolve = (list: readonly Reference[]): readonly Reference[] =>
    list.flatMap(({ text }) => {
      const { reference, isEmpty, isDangling } = references.resolve(text);
      return isEmpty ? [] : [{ ...reference, ...(isDangling && { isDangling }) }];
    });
  const readme = README_NAMES.map((name) => `${kep.path}/${name}`);
  const found = readme.find((path) => files.all.has(path));
  return {
    ...kep,
    readinessApprovers: readinessFor(kep, approvals, references.numbered(kep.number) !== undefined).flatMap(
      (one) => one.approvers,
    ),
    seeAlso: resolve(kep.seeAlso),
    replaces: resolve(kep.replaces),
    supersededBy: resolve(kep.supersededBy),
    ...(found !== undefined && { readme: found }),
  };
}

function inOrder(a: Kep, b: Kep): number {
  return (a.number || Infinity) - (b.number || Infinity) || (a.path < b.path ? -1 : 1);
}
