import type { Readiness } from '../relations/readiness.ts';
import type { References } from '../relations/references.ts';
import type { ReadKep } from '../document/read-kep.ts';
import { isPlaceholder } from '../document/values.ts';
import type { Kep } from '../model/kep.ts';
import type { Finding, Level, LineEdit, Rule } from '../model/finding.ts';
import { README_NAMES } from '../checkout/sort-files.ts';
import { groupBy } from '../model/group-by.ts';

/** Groups that are no SIGs and take part in KEPs. */
const OTHER_GROUPS = /^(?:wg|committee|ug)-/;

/** What is said of KEPs when their places, and the other KEPs, are looked at. */
export function lintKeps(
  read: readonly ReadKep[],
  references: References,
  approvals: readonly Readiness[],
  files: ReadonlySet<string>,
): readonly Finding[] {
  const keps = read.map(({ kep }) => kep);
  const sigs = new Set(keps.map(({ path }) => path.split('/')[1] ?? '').filter((name) => name.startsWith('sig-')));
  return [
    ...read.flatMap((one) => [
      ...lintPlace(one.kep),
      ...lintReferences(one, references),
      ...lintGroups(one.kep, sigs),
      ...lintCopy(one.kep),
      ...lintText(one.kep, files),
    ]),
    ...lintNumbers(keps),
    ...lintApprovals(approvals, keps),
  ];
}

function finding(
  kep: Kep,
  level: Level,
  rule: Rule,
  message: string,
  place: { readonly line?: number | undefined; readonly edit?: LineEdit | undefined } = {},
): Finding {
  const { line, edit } = place;
  return { file: `${kep.path}/kep.yaml`, level, rule, message, ...(line && { line }), ...(edit && { edit }) };
}

/** The number and the owner against the folders. */
function lintPlace(kep: Kep): readonly Finding[] {
  const folders = kep.path.split('/');
  const digits = /^\d+/.exec(folders.at(-1)!)?.[0];
  const found: Finding[] = [];
  if (digits === undefined)
    found.push(finding(kep, 'warning', 'folder-name', 'its folder must begin with its number, as 127-user-namespaces'));
  else if (kep.number !== undefined && Number(digits) !== kep.number)
    found.push(
      finding(kep, 'warning', 'number-differs', `"kep-number" is ${kep.number}, and the folder says ${Number(digits)}`),
    );
  else if (digits.length > 1 && digits.startsWith('0') && Number(digits) !== 0)
    found.push(finding(kep, 'note', 'folder-name', `its folder has the number with a zero in front, ${digits}`));
  const [, owner = ''] = folders;
  if (kep.owningSig !== '' && owner !== '' && kep.owningSig !== owner)
    found.push(
      finding(kep, 'note', 'owner-differs', `"owning-sig" is ${kep.owningSig}, and it lies in the folder of ${owner}`),
    );
  return found;
}

function lintReferences({ kep, places }: ReadKep, references: References): readonly Finding[] {
  const fields = { 'see-also': kep.seeAlso, replaces: kep.replaces, 'superseded-by': kep.supersededBy };
  return Object.entries(fields).flatMap(([key, list]) =>
    list.flatMap(({ text }) => {
      const { line, replacedBy } = places.get(`${key} ${text}`)!;
      const { isDangling, isEmpty, movedTo, path } = references.resolve(text);
      if (isEmpty) return [finding(kep, 'note', 'placeholder', `"${key}" says ${JSON.stringify(text)}`, { line })];
      if (movedTo !== undefined)
        return [
          finding(kep, 'warning', 'reference-moved', `"${key}" names ${text}, which is now ${movedTo}`, {
            line,
            edit: replacedBy(movedTo),
          }),
        ];
      if (isDangling)
        return [finding(kep, 'warning', 'reference-dangling', `"${key}" names ${text}, which is not there`, { line })];
      if (path === undefined || path === text) return [];
      return [
        finding(kep, 'note', 'reference-form', `"${key}" names ${text}, which is written ${path}`, {
          line,
          edit: replacedBy(path),
        }),
      ];
    }),
  );
}

function lintGroups({ owningSig, participatingSigs, ...kep }: Kep, sigs: ReadonlySet<string>): readonly Finding[] {
  const groups = { 'owning-sig': owningSig === '' ? [] : [owningSig], 'participating-sigs': participatingSigs };
  return Object.entries(groups).flatMap(([key, names]) =>
    names
      .filter((name) => !sigs.has(name) && !OTHER_GROUPS.test(name))
      .map((name) =>
        finding(
          { owningSig, participatingSigs, ...kep },
          'note',
          'group-without-keps',
          `"${key}" has ${name}, which owns no KEP: a group that was ended, or misspelt`,
        ),
      ),
  );
}

/** What was copied from the template and never filled in. */
function lintCopy(kep: Kep): readonly Finding[] {
  const isTitle = kep.title === 'KEP Template';
  const dates = Object.entries(kep.written).filter(([key, text]) => key.endsWith('-date') && isPlaceholder(text));
  if (!isTitle && dates.length === 0 && !kep.written['status']?.includes('|')) return [];
  return [finding(kep, 'warning', 'copied-template', 'it has values that were copied from the template')];
}

function lintText({ path, ...kep }: Kep, files: ReadonlySet<string>): readonly Finding[] {
  if (files.has(`${path}/README.md`)) return [];
  const other = README_NAMES.find((name) => files.has(`${path}/${name}`));
  const message =
    other === undefined ? 'it has no README.md beside it' : `its text is ${other}, and should be README.md`;
  return [finding({ path, ...kep }, 'warning', 'readme-missing', message)];
}

function lintNumbers(keps: readonly Kep[]): readonly Finding[] {
  const withNumber = keps.filter(({ number }) => number !== undefined);
  return [...groupBy(withNumber, ({ number }) => number)].flatMap(([number, same]) => {
    if (number === 0)
      return same.map((kep) =>
        finding(kep, 'note', 'number-zero', 'its number is 0: it never had an issue of its own'),
      );
    if (same.length === 1) return [];
    return same.map((kep) => {
      const others = same.filter((one) => one !== kep).map(({ path }) => path);
      return finding(kep, 'warning', 'number-twice', `its number ${number} is also that of ${others.join(', ')}`);
    });
  });
}

function lintApprovals(approvals: readonly Readiness[], keps: readonly Kep[]): readonly Finding[] {
  const numbers = new Set(keps.map(({ number }) => number));
  return approvals
    .filter(({ number }) => !numbers.has(number))
    .map(({ file, number }) => ({
      file,
      level: 'warning',
      rule: 'readiness-without-kep',
      message: `there is no KEP ${number}`,
    }));
}
