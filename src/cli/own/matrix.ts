import { stringifyYaml } from 'nekube/apimachinery';
import {
  byObjects,
  matrixData,
  type OwnershipMatrix,
  OwnershipTally,
  type Party,
  type SharedTally,
} from 'nekube/ownership';
import type { Io } from '../io.ts';
import { withObjects } from '../objects.ts';
import { formatTable } from '../table.ts';
import { printable, printableJson } from '../printable.ts';
import { isShown, labelOf, operationOf } from './blame-text.ts';
import { ownershipsOf } from './each-object.ts';
import type { MatrixFlags } from './matrix-command.ts';

/**
 * Prints which managers own fields together. What could be read is printed, also when not all could.
 *
 * @throws CliError for wrong arguments, and when objects could not be read
 */
export async function printMatrix(args: readonly string[], flags: MatrixFlags, io: Io): Promise<void> {
  const tally = new OwnershipTally({ withPaths: flags.output !== 'text' });
  await withObjects(args, flags, io, async (objects) => {
    try {
      for await (const { owners } of ownershipsOf(objects, io)) tally.add(owners);
    } finally {
      if (tally.objects > 0) io.stdout(FORMATS[flags.output](matrixOf(tally, flags)));
    }
  });
}

function matrixOf(tally: OwnershipTally, { manager: managers = [] }: MatrixFlags): OwnershipMatrix {
  const pairs = tally.pairs().filter(({ parties }) => parties.some((party) => isShown(party, managers)));
  const among = pairs.flatMap(({ parties }) => parties);
  const parties = tally
    .parties()
    .filter((party) => isShown(party, managers) || among.some((other) => isSame(party, other)));
  return { objects: tally.objects, parties, pairs };
}

function isSame(a: Party, b: Party): boolean {
  return a.manager === b.manager && a.operation === b.operation && a.subresource === b.subresource;
}

const FORMATS: Readonly<Record<MatrixFlags['output'], (matrix: OwnershipMatrix) => string>> = {
  text: formatMatrix,
  wide: (matrix) => formatMatrix(matrix) + formatPaths(matrix),
  json: (matrix) => `${printableJson(matrixData(matrix))}\n`,
  yaml: (matrix) => stringifyYaml(matrixData(matrix)),
  csv: formatCsv,
};

function formatMatrix({ parties, pairs }: OwnershipMatrix): string {
  const numbers = parties.map((_, i) => String(i + 1));
  const head = ['', 'MANAGER', 'OPERATION', 'OBJECTS', 'FIELDS', 'ALONE', ...numbers];
  const rows = parties.map((party, i) => [
    numbers[i]!,
    party.manager,
    operationOf(party),
    String(party.objects),
    String(party.fields),
    String(party.fields - party.shared),
    ...parties.map((other) => (other === party ? '-' : String(pairOf(party, other, pairs)?.fields ?? 0))),
  ]);
  return formatTable([head, ...rows], { right: [0, 3, 4, 5, ...numbers.map((_, i) => i + 6)] });
}

function pairOf(a: Party, b: Party, pairs: readonly SharedTally[]): SharedTally | undefined {
  return pairs.find(
    ({ parties: [one, other] }) => (isSame(one, a) && isSame(other, b)) || (isSame(one, b) && isSame(other, a)),
  );
}

function formatPaths({ pairs }: OwnershipMatrix): string {
  if (pairs.length === 0) return '';
  const rows = pairs.flatMap(({ parties, paths }) =>
    byObjects(paths).map(([path, objects]) => [path, String(objects), ...parties.map(labelOf)]),
  );
  return `\n${formatTable([['FIELD', 'OBJECTS', 'MANAGER', 'AND'], ...rows], { right: [1] })}`;
}

function formatCsv({ pairs }: OwnershipMatrix): string {
  const head = [
    'manager',
    'operation',
    'subresource',
    'with_manager',
    'with_operation',
    'with_subresource',
    'field',
    'objects',
  ];
  const rows = pairs.flatMap(({ parties, paths }) =>
    byObjects(paths).map(([path, objects]) => [
      ...parties.flatMap(({ manager, operation, subresource }) => [manager, operation, subresource]),
      path,
      String(objects),
    ]),
  );
  return [head, ...rows].map((row) => `${row.map(csvCell).join(',')}\n`).join('');
}

function csvCell(text: string): string {
  // a spreadsheet would take what begins so for a formula
  const safe = printable(/^[=+@\-\t\r]/.test(text) ? `'${text}` : text);
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
