import type { Finding, LineEdit } from '../model/finding.ts';
import { type FeatureGate, type Kep, type Reference, STAGES, STATUSES, type Stage } from '../model/kep.ts';
import { entries, FieldReader, isNull } from './fields.ts';
import { readMilestones } from './read-milestones.ts';
import { isPlaceholder, meantStage, meantStatus, readDate, readPerson } from './values.ts';

/** A KEP as its file says, before others are looked at: references are what was written. */
export interface ReadKep {
  readonly kep: Kep;
  readonly findings: readonly Finding[];
  /** Where each reference stands, by `FIELD TEXT`. */
  readonly places: ReadonlyMap<string, ReferencePlace>;
}

/** Where a reference stands in its file. */
export interface ReferencePlace {
  readonly line: number;
  /** The edit that puts another text in its place, where it stands alone in its line. */
  readonly replacedBy: (text: string) => LineEdit | undefined;
}

/** The fields that a kep.yaml has (keps/NNNN-kep-template/kep.yaml, and those of old that api/proposal.go still reads). */
const KNOWN = new Set([
  ...['title', 'kep-number', 'authors', 'owning-sig', 'participating-sigs', 'status', 'creation-date', 'last-updated'],
  ...['reviewers', 'approvers', 'editor', 'see-also', 'replaces', 'superseded-by', 'stage', 'latest-milestone'],
  ...['milestone', 'feature-gates', 'disable-supported', 'metrics'],
]);
/** Those that must be there. */
const REQUIRED = ['title', 'kep-number', 'authors', 'owning-sig', 'status', 'approvers', 'creation-date'];

/**
 * Reads a kep.yaml. Nothing is thrown: what is wrong is a finding, and the rest is read.
 *
 * @param folder its folder, from the root of the checkout
 */
export function readKep(folder: string, text: string): ReadKep {
  const reader = new FieldReader(`${folder}/kep.yaml`, text);
  const written: Record<string, string> = {};
  const places = new Map<string, ReferencePlace>();
  const references = (key: string): readonly Reference[] =>
    reader.texts(key).map(({ text: reference, line }) => {
      places.set(`${key} ${reference}`, { line, replacedBy: (by) => reader.replacing(line, reference, by) });
      return { text: reference };
    });
  const kep: Kep = {
    name: objectName(folder),
    path: folder,
    ...present('number', readNumber(reader, written)),
    title: reader.text('title') ?? '',
    owningSig: reader.text('owning-sig') ?? '',
    participatingSigs: named(reader, 'participating-sigs'),
    ...present('status', oneOf(reader, 'status', STATUSES, meantStatus, written)),
    ...present('stage', oneOf(reader, 'stage', STAGES, meantStage, written)),
    authors: named(reader, 'authors').map(readPerson),
    reviewers: named(reader, 'reviewers').map(readPerson),
    approvers: named(reader, 'approvers').map(readPerson),
    ...present('editor', editorOf(reader)),
    readinessApprovers: [],
    ...present('created', dateOf(reader, 'creation-date', written)),
    ...present('updated', dateOf(reader, 'last-updated', written)),
    ...readMilestones(reader, written),
    featureGates: gatesOf(reader),
    ...present('disableSupported', booleanOf(reader, 'disable-supported', written)),
    metrics: reader.texts('metrics').map(({ text: metric }) => metric),
    seeAlso: references('see-also'),
    replaces: references('replaces'),
    supersededBy: references('superseded-by'),
    written,
  };
  tellFields(reader);
  tellStage(reader, kep);
  return { kep, findings: reader.findings, places };
}

/** Longest name of a folder that an object has whole: what tells two of one name apart stands behind it (RFC 1123: 253). */
const LONGEST_NAME = 240;

/** The name of a folder in the form of an object's name (RFC 1123 subdomain); one without a letter or digit of those is `kep`. */
function objectName(folder: string): string {
  const last = folder.slice(folder.lastIndexOf('/') + 1).toLowerCase();
  const labels = last
    .replace(/[^a-z0-9.-]+/g, '-')
    .slice(0, LONGEST_NAME)
    .split('.')
    .map((label) => label.replace(/^-+|-+$/g, ''));
  return labels.filter((label) => label !== '').join('.') || 'kep';
}

/** A property that is absent where it has no value. */
export function present<K extends string, V>(key: K, value: V | undefined): { readonly [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [key in K]?: V });
}

function readNumber(reader: FieldReader, written: Record<string, string>): number | undefined {
  const text = reader.text('kep-number');
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  written['kep-number'] = text;
  reader.report('error', 'number-unknown', `"kep-number" must be a number, not ${JSON.stringify(text)}`, {
    line: reader.field('kep-number')!.line,
  });
  return undefined;
}

/** Texts of a list without those that say nothing. */
function named(reader: FieldReader, key: string): readonly string[] {
  return reader.texts(key).flatMap(({ text, line }) => {
    if (!isPlaceholder(text)) return [text];
    reader.report('note', 'placeholder', `"${key}" has the placeholder ${JSON.stringify(text)}`, { line });
    return [];
  });
}

function editorOf(reader: FieldReader): string | undefined {
  const text = reader.text('editor');
  return text === undefined || isPlaceholder(text) ? undefined : readPerson(text);
}

/** A value of those that are known; another is kept as it was written. */
function oneOf<T extends string>(
  reader: FieldReader,
  key: 'status' | 'stage',
  known: readonly T[],
  meantBy: (text: string) => T | undefined,
  written: Record<string, string>,
): T | undefined {
  const text = reader.text(key);
  if (text === undefined) return undefined;
  const value = known.find((one) => one === text);
  if (value !== undefined) return value;
  written[key] = text;
  const { line } = reader.field(key)!;
  const likely = meantBy(text);
  const hint = likely === undefined ? '' : `; ${JSON.stringify(likely)} seems to be meant`;
  reader.report(
    'error',
    `${key}-unknown`,
    `"${key}" must be one of ${known.join(', ')}, not ${JSON.stringify(text)}${hint}`,
    { line, edit: likely === undefined ? undefined : reader.replacing(line, text, likely) },
  );
  return undefined;
}

function dateOf(reader: FieldReader, key: string, written: Record<string, string>): string | undefined {
  const text = reader.text(key);
  if (text === undefined) return undefined;
  const read = readDate(text);
  const { line } = reader.field(key)!;
  if (read === undefined) {
    written[key] = text;
    reader.report('warning', 'date-unknown', `"${key}" must be a day as 2006-01-31, not ${JSON.stringify(text)}`, {
      line,
    });
  } else if (!read.isWellFormed) {
    const isPlain = reader.field(key)!.node.implicit;
    const edit = reader.replacing(line, text, isPlain ? JSON.stringify(read.date) : read.date);
    reader.report('warning', 'date-form', `"${key}" must be written ${read.date}, not ${text}`, { line, edit });
  }
  return read?.date;
}

function booleanOf(reader: FieldReader, key: string, written: Record<string, string>): boolean | undefined {
  const text = reader.text(key);
  if (text === undefined) return undefined;
  if (/^(true|yes|on)$/i.test(text)) return true;
  if (/^(false|no|off)$/i.test(text)) return false;
  written[key] = text;
  const { line } = reader.field(key)!;
  reader.report('warning', 'not-a-boolean', `"${key}" must be true or false, not ${JSON.stringify(text)}`, { line });
  return undefined;
}

function gatesOf(reader: FieldReader): readonly FeatureGate[] {
  return reader.list('feature-gates').flatMap((node) => {
    const line = node.line + 1;
    const fields = node.kind === 'mapping' ? entries(node) : [];
    const value = (key: string): (typeof fields)[number] | undefined => fields.find((field) => field.key === key);
    const name = node.kind === 'scalar' ? node.value.trim() : (value('name')?.node.value.trim() ?? '');
    if (name === '' || isPlaceholder(name)) {
      reader.report('warning', 'gate-without-name', 'an element of "feature-gates" has no name', { line });
      return [];
    }
    if (node.kind === 'scalar')
      reader.report('warning', 'gate-form', `the gate ${name} must be written as "name: ${name}"`, { line });
    else if (!/^[A-Za-z]\w*$/.test(name))
      reader.report('warning', 'gate-name', `${JSON.stringify(name)} is not the name of a gate`, { line });
    const components = value('components')?.node;
    const names = components?.kind === 'sequence' ? components.children : components === undefined ? [] : [components];
    return [
      { name, components: names.filter((one) => one.kind === 'scalar' && !isNull(one)).map((one) => one.value.trim()) },
    ];
  });
}

function tellFields(reader: FieldReader): void {
  for (const key of reader.keys.filter((one) => !KNOWN.has(one)))
    reader.report('warning', 'field-unknown', `"${key}" is not a field of a KEP`, { line: reader.field(key)?.line });
  for (const key of REQUIRED)
    if (reader.field(key) === undefined) reader.report('error', 'field-missing', `"${key}" must be there`);
  for (const key of ['authors', 'approvers']) {
    const field = reader.field(key);
    if (field?.node.kind === 'sequence' && field.node.children.length === 0)
      reader.report('warning', 'list-empty', `"${key}" must name somebody`, { line: field.line });
  }
}

/** What is implemented is stable, or gone (kepval's rule). */
function tellStage(reader: FieldReader, { status, stage, written }: Kep): void {
  const isDone: readonly (Stage | undefined)[] = ['stable', 'deprecated', 'disabled', 'removed'];
  if (status !== 'implemented' || isDone.includes(stage) || written['stage'] !== undefined) return;
  const line = reader.field('stage')?.line ?? reader.field('status')?.line;
  const what = stage === undefined ? 'no stage' : `the stage ${stage}`;
  reader.report('warning', 'implemented-not-stable', `it is implemented, and has ${what}; stable is what follows`, {
    line,
  });
}
