import { openApiParameters } from 'nekube/api';
import type { JsonObject } from 'nekube/apimachinery';
import type { Definition, DefinitionVersion } from './definition.ts';
import { modelName } from './openapi.ts';

/** What an endpoint does, independent of the words in which a document tells it. */
export interface Operation {
  readonly tag: string;
  readonly id: string;
  readonly description: string;
  readonly action: string;
  /** Names of parameters in the query, those that the path does not have. */
  readonly parameters: readonly string[];
  /** Names of schemas. */
  readonly takes?: string;
  readonly gives: string;
  readonly consumes: readonly string[];
  /** Codes of success with their texts. */
  readonly codes: readonly (readonly [code: string, text: string])[];
  readonly kind: JsonObject;
}

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const SCALE = 'io.k8s.api.autoscaling.v1.Scale';
const OBJECTS = ['application/json', 'application/yaml'];
const PATCHES = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'];
const LIST = [
  'allowWatchBookmarks',
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'shardSelector',
  'timeoutSeconds',
  'watch',
];
const WRITE = ['dryRun', 'fieldManager', 'fieldValidation'];
const DELETE = [
  'dryRun',
  'gracePeriodSeconds',
  'ignoreStoreReadErrorWithClusterBreakingPotential',
  'orphanDependents',
  'propagationPolicy',
];

/** A verb of the API: its action, the word in descriptions and ids, what it takes in the query. */
interface Verb {
  readonly method: string;
  readonly action: string;
  readonly word: string;
  readonly query: readonly string[];
}

const VERBS: Readonly<Record<string, Verb>> = {
  list: { method: 'get', action: 'list', word: 'list', query: LIST },
  create: { method: 'post', action: 'post', word: 'create', query: WRITE },
  deletecollection: { method: 'delete', action: 'deletecollection', word: 'deletecollection', query: LIST },
  read: { method: 'get', action: 'get', word: 'read', query: ['resourceVersion'] },
  replace: { method: 'put', action: 'put', word: 'replace', query: WRITE },
  delete: { method: 'delete', action: 'delete', word: 'delete', query: DELETE },
  patch: {
    method: 'patch',
    action: 'patch',
    word: 'patch',
    query: ['dryRun', 'patchFieldManager', 'fieldValidation', 'force'],
  },
};

/** The words of a document: how it has operations, and parameters of all methods of a path, which come as in v3. */
export interface Teller {
  operation(operation: Operation): JsonObject;
  parameter(parameter: JsonObject): JsonObject;
}

/** The paths of a version's objects, in the words of a document. */
export function pathsOf(definition: Definition, version: DefinitionVersion, tell: Teller): JsonObject {
  const { group, names, scope } = definition.spec;
  const base = `/apis/${group}/${version.name}`;
  const namespaced = scope === 'Namespaced';
  const root = namespaced ? `${base}/namespaces/{namespace}/${names.plural}` : `${base}/${names.plural}`;
  const writer = new PathWriter(definition, version, tell);
  const places = namespaced ? ['namespace'] : [];
  const one = ['read', 'replace', 'patch'];
  return {
    ...(namespaced && {
      [`${base}/${names.plural}`]: writer.item(['list'], { places: [], suffix: 'ForAllNamespaces' }),
    }),
    [root]: writer.item(['list', 'create', 'deletecollection'], { places }),
    [`${root}/{name}`]: writer.item(['read', 'replace', 'delete', 'patch'], { places: [...places, 'name'] }),
    ...(version.subresources?.status && {
      [`${root}/{name}/status`]: writer.item(one, { places: [...places, 'name'], subresource: 'status' }),
    }),
    ...(version.subresources?.scale && {
      [`${root}/{name}/scale`]: writer.item(one, { places: [...places, 'name'], subresource: 'scale' }),
    }),
  };
}

interface Place {
  /** Parameters in the path. */
  readonly places: readonly string[];
  readonly subresource?: string;
  readonly suffix?: string;
}

class PathWriter {
  readonly #definition: Definition;
  readonly #version: DefinitionVersion;
  readonly #tell: Teller;

  constructor(definition: Definition, version: DefinitionVersion, tell: Teller) {
    this.#definition = definition;
    this.#version = version;
    this.#tell = tell;
  }

  /** Parameters that all methods have are those of the path. */
  item(verbs: readonly string[], place: Place): JsonObject {
    const all = verbs.map((verb) => VERBS[verb]!);
    const shared = all[0]!.query.filter((name) => all.every(({ query }) => query.includes(name)));
    const operations = all.map(
      (verb) => [verb.method, this.#tell.operation(this.#operation(verb, shared, place))] as const,
    );
    const inPath = [...shared, 'pretty'].map((name) => openApiParameters()[name]!);
    const parameters = [...inPath, ...place.places.map((name) => this.#pathParameter(name))];
    const byName = (a: JsonObject, b: JsonObject) => ((a.name as string) < (b.name as string) ? -1 : 1);
    return {
      ...Object.fromEntries(operations),
      parameters: parameters.sort(byName).map((parameter) => this.#tell.parameter(parameter)),
    };
  }

  #pathParameter(name: string): JsonObject {
    const description =
      name === 'name'
        ? `name of the ${this.#definition.spec.names.kind}`
        : 'object name and auth scope, such as for teams and projects';
    return { name, in: 'path', description, required: true, schema: { type: 'string', uniqueItems: true } };
  }

  #operation(verb: Verb, shared: readonly string[], { subresource = '', suffix = '' }: Place): Operation {
    const { group, names, scope } = this.#definition.spec;
    const { name: version } = this.#version;
    const { kind, listKind = `${kind}List` } = names;
    const own = modelName(group, version, kind);
    const sample = subresource === 'scale' ? SCALE : own;
    const { action, word } = verb;
    const groupWord = group
      .replace(/\.k8s\.io$/, '')
      .split(/[.-]/)
      .map(capital)
      .join('');
    const place = scope === 'Namespaced' && suffix === '' ? 'Namespaced' : '';
    const takes =
      action === 'patch'
        ? `${META}.Patch`
        : action === 'delete'
          ? `${META}.DeleteOptions`
          : ['post', 'put'].includes(action)
            ? sample
            : undefined;
    const gives =
      action === 'list' ? modelName(group, version, listKind) : action.startsWith('delete') ? `${META}.Status` : sample;
    return {
      tag: `${groupWord.slice(0, 1).toLowerCase()}${groupWord.slice(1)}_${version}`,
      id: `${word}${groupWord}${capital(version)}${word === 'deletecollection' ? 'Collection' : ''}${place}${kind}${capital(subresource)}${suffix}`.replace(
        /^deletecollection/,
        'delete',
      ),
      description: describe(word, kind, subresource),
      action,
      parameters: verb.query.filter((name) => !shared.includes(name)),
      ...(takes && { takes }),
      gives,
      consumes: action === 'patch' ? PATCHES : OBJECTS,
      codes: codesOf(action),
      kind: { group, version, kind },
    };
  }
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function describe(word: string, kind: string, subresource: string): string {
  const of = subresource === '' ? '' : ` ${subresource} of`;
  switch (word) {
    case 'list':
      return `list${of} objects of kind ${kind}`;
    case 'patch':
      return `partially update${of} the specified ${kind}`;
    case 'deletecollection':
      return `delete collection of ${kind}`;
    case 'create':
    case 'delete':
      return `${word}${of} ${/^[AEIOU]/i.test(kind) ? 'an' : 'a'} ${kind}`;
    default:
      return `${word}${of} the specified ${kind}`;
  }
}

function codesOf(action: string): readonly (readonly [string, string])[] {
  const ok = ['200', 'OK'] as const;
  const created = ['201', 'Created'] as const;
  const accepted = ['202', 'Accepted'] as const;
  if (action === 'post') return [ok, created, accepted];
  if (action === 'put') return [ok, created];
  return action === 'delete' ? [ok, accepted] : [ok];
}
