import { findResourceOfKind } from 'nekube/api';
import type { KubeObject } from 'nekube/apimachinery';
import { CliError } from '../io.ts';

/** The definitions among objects, of the kinds that are asked for. @throws CliError: one of these is not defined, or is several */
export function definitionsOf(all: readonly KubeObject[], kinds: readonly string[] | undefined): readonly KubeObject[] {
  const definitions = all.filter(({ kind }) => kind === 'CustomResourceDefinition');
  if (kinds === undefined) return definitions;
  const asked = kinds.map((kind) => {
    const [found, ...more] = definitions.filter((one) => namesOf(one).includes(kind.toLowerCase()));
    const named = JSON.stringify(kind);
    if (found === undefined) throw new CliError(`No kind ${named} is defined`, { hint: oneOf(definitions) });
    if (more.length > 0) throw new CliError(`${named} is several kinds`, { hint: oneOf([found, ...more]) });
    return found;
  });
  return [...new Set(asked)];
}

interface Names {
  readonly kind?: string;
  readonly plural?: string;
  readonly singular?: string;
  readonly shortNames?: readonly string[];
}

/** All that a kind may be called, in small letters. */
function namesOf({ spec, metadata }: KubeObject): string[] {
  const { kind, plural, singular, shortNames = [] } = (spec?.names ?? {}) as Names;
  const names = [kind, plural, singular, ...shortNames, metadata.name, `${kind}.${spec?.group}`];
  return names.filter((name) => name !== undefined).map((name) => name.toLowerCase());
}

/** The way out where it is not clear which kind is meant. */
export function oneOf(definitions: readonly KubeObject[]): string {
  return `--kind with one of ${definitions.map(({ metadata }) => metadata.name).join(', ') || 'none'}`;
}

/** Whether a server that has these definitions and no others serves an object's kind; not so a Certificate of cert-manager. */
export function isServed(object: KubeObject, all: readonly KubeObject[]): boolean {
  const { apiVersion = '', kind = '' } = object;
  if (findResourceOfKind(apiVersion, kind) !== undefined) return true;
  return definitionsOf(all, undefined).some((one) => definedKind(one) === kindOf(object));
}

/** Where resources to probe an operator with may be taken from. */
export interface SampleSources {
  /** Those that were named. */
  readonly given: readonly KubeObject[];
  /** All objects of the manifests. */
  readonly all: readonly KubeObject[];
  /** Of the kinds that are wanted. */
  readonly definitions: readonly KubeObject[];
  /** No others are wanted, also if they were named. */
  readonly isNarrow: boolean;
}

/** One resource of a kind: of those that were named, else of the manifests. */
export function samplesOf({ given, all, definitions, isNarrow }: SampleSources): readonly KubeObject[] {
  const defined = new Set(definitions.map(definedKind));
  const wanted = isNarrow ? given.filter((one) => defined.has(kindOf(one))) : given;
  const byKind = new Map<string, KubeObject>();
  for (const one of [...wanted, ...all.filter((object) => defined.has(kindOf(object)))])
    if (!byKind.has(kindOf(one))) byKind.set(kindOf(one), one);
  return [...byKind.values()];
}

function definedKind({ spec }: KubeObject): string {
  return `${spec?.names?.kind}.${spec?.group}`;
}

function kindOf({ apiVersion = '', kind }: KubeObject): string {
  return `${kind}.${apiVersion.split('/')[0]}`;
}
