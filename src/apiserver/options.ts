import { validateFieldManager } from 'nekube/api';
import {
  errorText,
  type FieldError,
  type FieldSelector,
  forbidden,
  goQuote,
  invalid,
  type JsonObject,
  type LabelSelector,
  newBadRequest,
  newInvalid,
  notSupported,
  parseFieldSelector,
  parseLabelSelector,
  Path,
  required,
} from 'nekube/apimachinery';
import { type FieldDecision, isMalformedDecision, parseFieldDecision } from 'nekube/fieldpolicy';
import type { FieldValidation } from './body.ts';
import { isTrue } from './request-info.ts';

/** Options of create, update and patch (metav1.CreateOptions, UpdateOptions, PatchOptions). */
export interface MutateOptions {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
  /** Patch only: conflicts of an apply are overridden. */
  readonly force: boolean;
  /** Apply only: what becomes of its conflicts. */
  readonly decisions: readonly FieldDecision[];
  /** What was given of them, without defaults, as admission sees it. */
  readonly given: JsonObject;
}

/** By which the caller of an apply decides its conflicts, for itself only. */
export const FIELD_DECISION = 'fieldDecision';

const FIELD_VALIDATIONS = ['', 'Ignore', 'Strict', 'Warn'];

/**
 * Reads the options of a write from its query.
 *
 * @param kind whose options they are; `ApplyPatch` and `Patch` both read PatchOptions
 * @throws StatusError Invalid
 */
export function parseMutateOptions(
  kind: 'Create' | 'Update' | 'Patch' | 'ApplyPatch',
  query: URLSearchParams,
): MutateOptions {
  const dryRun = query.getAll('dryRun');
  const fieldManager = query.get('fieldManager') ?? '';
  const fieldValidation = query.get('fieldValidation') ?? '';
  const force = query.get('force');
  const errors: FieldError[] = [];
  if (kind === 'ApplyPatch' && fieldManager === '')
    errors.push(required('fieldManager', 'is required for apply patch'));
  if (kind === 'Patch' && force !== null) errors.push(forbidden('force', 'may not be specified for non-apply patch'));
  const fieldDecisions = query.getAll(FIELD_DECISION);
  if (kind === 'Patch' && fieldDecisions.length > 0)
    errors.push(forbidden(FIELD_DECISION, 'may not be specified for non-apply patch'));
  errors.push(...validateFieldManager(fieldManager, Path.of('fieldManager')), ...checkDryRun(dryRun));
  if (!FIELD_VALIDATIONS.includes(fieldValidation))
    errors.push(notSupported('fieldValidation', fieldValidation, FIELD_VALIDATIONS));
  const decisions = kind === 'ApplyPatch' ? parseDecisions(fieldDecisions, errors) : [];
  if (errors.length > 0) throw invalidOptions(kind === 'ApplyPatch' ? 'PatchOptions' : `${kind}Options`, errors);
  return {
    dryRun: dryRun.length > 0,
    fieldManager,
    fieldValidation: (fieldValidation || 'Warn') as FieldValidation,
    force: isTrue(force),
    decisions,
    given: {
      ...(dryRun.length > 0 && { dryRun }),
      ...(fieldManager !== '' && { fieldManager }),
      ...(fieldValidation !== '' && { fieldValidation }),
    },
  };
}

function parseDecisions(texts: readonly string[], errors: FieldError[]): readonly FieldDecision[] {
  return texts.flatMap((text) => {
    const read = parseFieldDecision(text);
    if (!isMalformedDecision(read)) return [read];
    errors.push(invalid(FIELD_DECISION, text, `${read.malformed}; ${read.fix}`));
    return [];
  });
}

/** Options as admission shows them to webhooks and policies. */
export function admissionOptions(kind: 'CreateOptions' | 'UpdateOptions' | 'DeleteOptions', given: object): JsonObject {
  return { kind, apiVersion: 'meta.k8s.io/v1', ...withoutTypeMeta(given as JsonObject) };
}

function withoutTypeMeta({ kind: _kind, apiVersion: _apiVersion, ...rest }: JsonObject): JsonObject {
  return rest;
}

/** Options that do not hold, as a Status Invalid of `KIND.meta.k8s.io`. */
export function invalidOptions(kind: string, errors: readonly FieldError[]): Error {
  return newInvalid({ group: 'meta.k8s.io', resource: kind }, '', errors);
}

/** Only `All` may be asked for. */
export function checkDryRun(values: readonly string[]): FieldError[] {
  if (values.every((value) => value === 'All')) return [];
  return [
    {
      ...notSupported('dryRun', '', ['All']),
      message: `Unsupported value: [${values.map(goQuote).join(',')}]: supported values: "All"`,
    },
  ];
}

/** Options of list and watch (metav1.ListOptions). */
export interface ListOptions {
  readonly labelSelector: LabelSelector;
  readonly fieldSelector: FieldSelector;
  readonly limit: number;
  readonly continue: string;
  /** As given; empty if not. */
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  readonly timeoutSeconds: number | undefined;
  readonly allowWatchBookmarks: boolean;
  readonly sendInitialEvents: boolean | undefined;
}

/** @throws StatusError BadRequest for what does not parse, Invalid for what does not go together */
export function parseListOptions(query: URLSearchParams, watch: boolean): ListOptions {
  const sendInitial = query.get('sendInitialEvents');
  const options: ListOptions = {
    labelSelector: orBadRequest(() => parseLabelSelector(query.get('labelSelector') ?? '')),
    fieldSelector: orBadRequest(() => parseFieldSelector(query.get('fieldSelector') ?? '')),
    limit: parseIntParameter(query.get('limit')) ?? 0,
    continue: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    timeoutSeconds: parseIntParameter(query.get('timeoutSeconds')),
    allowWatchBookmarks: isTrue(query.get('allowWatchBookmarks')),
    sendInitialEvents: sendInitial === null || sendInitial === '' ? undefined : isTrue(sendInitial),
  };
  const errors = watch ? checkWatchOptions(options) : checkListOptions(options);
  if (errors.length > 0) throw invalidOptions('ListOptions', errors);
  return options;
}

function orBadRequest<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw newBadRequest(errorText(error));
  }
}

/** An integer in a query; undefined if absent. @throws StatusError BadRequest with Go's message */
export function parseIntParameter(text: string | null): number | undefined {
  if (text === null) return undefined;
  const failed = (why: string) => newBadRequest(`strconv.ParseInt: parsing ${goQuote(text)}: ${why}`);
  if (!/^[+-]?\d+$/.test(text)) throw failed('invalid syntax');
  if (BigInt.asIntN(64, BigInt(text.replace('+', ''))) !== BigInt(text.replace('+', '')))
    throw failed('value out of range');
  return Number(text);
}

function checkListOptions(o: ListOptions): FieldError[] {
  const field = 'resourceVersionMatch';
  const errors: FieldError[] = [];
  if (o.resourceVersionMatch !== '') {
    if (o.resourceVersion === '')
      errors.push(forbidden(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
    if (o.continue !== '') errors.push(forbidden(field, 'resourceVersionMatch is forbidden when continue is provided'));
    if (o.resourceVersionMatch !== 'Exact' && o.resourceVersionMatch !== 'NotOlderThan')
      errors.push(notSupported(field, o.resourceVersionMatch, ['Exact', 'NotOlderThan', '']));
    if (o.resourceVersionMatch === 'Exact' && o.resourceVersion === '0')
      errors.push(forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  if (o.sendInitialEvents !== undefined)
    errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  return errors;
}

function checkWatchOptions(o: ListOptions): FieldError[] {
  const field = 'resourceVersionMatch';
  const errors: FieldError[] = [];
  const initial = o.sendInitialEvents !== undefined;
  if (initial && o.resourceVersionMatch !== 'NotOlderThan')
    errors.push(forbidden(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  if (o.resourceVersionMatch !== '') {
    if (!initial)
      errors.push(forbidden(field, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'));
    if (o.resourceVersionMatch !== 'NotOlderThan')
      errors.push(notSupported(field, o.resourceVersionMatch, ['NotOlderThan']));
  }
  // a watch from no revision in particular sends what is there first, as if it had asked so
  const fromNone = !initial && o.resourceVersionMatch === '' && ['', '0'].includes(o.resourceVersion);
  if (o.continue !== '' && (fromNone || o.resourceVersionMatch !== ''))
    errors.push(forbidden(field, 'resourceVersionMatch is forbidden when continue is provided'));
  return errors;
}
