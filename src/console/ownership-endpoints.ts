import {
  isJsonObject,
  isStatusError,
  type JsonObject,
  type JsonValue,
  type KubeObject,
  newBadRequest,
  parseYaml,
} from 'nekube/apimachinery';
import { discoverResources, each, isNoMatchError, type ServedKind } from 'nekube/client';
import {
  applyDecidedBy,
  blame,
  blamedLineData,
  type Configuration,
  maskSecret,
  matrixData,
  OwnershipTally,
  ownerData,
  planApply,
  planData,
  readOwnership,
} from 'nekube/ownership';
import { applyOptions } from './apply-options.ts';
import { type Endpoints, given, givenName, needed, type PageRequest } from './endpoint.ts';
import { namedObject, statedObject } from './stated-object.ts';

/** Who owns what, and what an apply would do and does. Values of Secrets are masked in all answers. */
export const ownershipEndpoints: Endpoints = {
  'POST /console/blame': async ({ body }) => {
    const { lines, owners, problems } = blame(maskSecret(statedObject(...stated(body))));
    const places = new Map(owners.map((owner, i) => [owner, i]));
    return {
      owners: owners.map(ownerData),
      lines: lines.map((line) => {
        const { owners: _, ...data } = blamedLineData(line);
        return {
          ...data,
          owners: line.owners.map((owner) => places.get(owner)!),
          ...(line.continued && { continued: true }),
        };
      }),
      problems: [...problems],
    };
  },

  'POST /console/plan': async (request) => {
    const configuration = configurationOf(request.body);
    const { unread, ...options } = await applyOptions(request, configuration);
    const plan = await planApply(request.client, configuration, options);
    const data = planData(plan);
    return {
      ...data,
      warnings: [...(data.warnings as JsonObject[]), ...unread],
      manager: plan.fieldManager,
      ...(plan.live !== undefined && { before: shown(plan.live) }),
      ...(plan.after !== undefined && { after: shown(plan.after) }),
      ...(plan.error !== undefined && { status: plan.error.status as unknown as JsonObject }),
    };
  },

  'POST /console/apply': async (request) => {
    const configuration = configurationOf(request.body);
    const { unread: _, ...options } = await applyOptions(request, configuration);
    const result = await applyDecidedBy(request.client, configuration, options);
    if (result.outcome === 'refused') throw result.error;
    return { object: maskSecret(result.object) as unknown as JsonObject };
  },

  'GET /console/conflicts': async (request) => {
    const tally = new OwnershipTally({ withPaths: true });
    const kinds = await kindsAsked(request);
    const refused = new Set<ServedKind>();
    await each(kinds, AT_ONCE, async (kind) => {
      if (!(await count(request, kind, tally))) refused.add(kind);
    });
    const unread = kinds.filter((one) => refused.has(one)).map(({ apiVersion, kind }) => ({ apiVersion, kind }));
    const { objects } = tally;
    return {
      ...matrixData({ objects, parties: tally.parties(), pairs: tally.pairs() }),
      ...(unread.length > 0 && { unread }),
      ...(objects >= MOST_OBJECTS && { incomplete: true }),
    };
  },
};

/** So many objects are counted; of more the first. */
const MOST_OBJECTS = 50_000;
/** So many kinds are read at once: one after the other, those of a cluster that is far away take longer than an answer may. */
const AT_ONCE = 8;

/** `object`, or `yaml`, of which one is stated. @throws StatusError `BadRequest` */
function stated(body: JsonValue | undefined): readonly [value: JsonValue | undefined, place: string] {
  const { object, yaml } = isJsonObject(body) ? body : {};
  return typeof yaml === 'string' ? [parsed(yaml), 'yaml'] : [object, 'object'];
}

function parsed(yaml: string): JsonValue {
  try {
    return parseYaml(yaml);
  } catch (error) {
    throw newBadRequest((error as Error).message);
  }
}

/** What is applied: without what only a server states, which comes along when a live object is edited. */
function configurationOf(body: JsonValue | undefined): Configuration {
  const { status: _, ...object } = namedObject(...stated(body)) as Configuration & { readonly status?: JsonValue };
  const { managedFields: __, creationTimestamp: ___, generation: ____, selfLink: _____, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** An object as it may be shown, without who owns it. */
function shown(object: KubeObject): JsonObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return maskSecret({ ...object, metadata }) as unknown as JsonObject;
}

/** The kind that is asked for; without one all that can be listed, of a namespace where one is named. */
async function kindsAsked({ query, client, signal }: PageRequest): Promise<readonly ServedKind[]> {
  if (query.has('kind')) {
    const kind = { apiVersion: needed(query, 'apiVersion'), kind: needed(query, 'kind') };
    return [await client.served(kind)];
  }
  const namespace = needed(query, 'namespace');
  const seen = new Set<string>();
  return (await discoverResources(client, signal)).filter(({ group, resource, verbs, namespaced }) => {
    const name = `${group}/${resource}`;
    if (!verbs.includes('list') || !namespaced || seen.has(name) || namespace === '') return false;
    seen.add(name);
    return true;
  });
}

/** Counts the objects of a kind, as long as there are not too many. False: they may not be listed. */
async function count(
  { query, client, signal }: PageRequest,
  kind: ServedKind,
  tally: OwnershipTally,
): Promise<boolean> {
  const [namespace, labelSelector] = [givenName(query, 'namespace'), given(query, 'labelSelector')];
  const options = {
    metadataOnly: true,
    signal,
    ...(namespace !== undefined && kind.namespaced && { namespace }),
    ...(labelSelector !== undefined && { labelSelector }),
  };
  try {
    if (tally.objects >= MOST_OBJECTS) return true;
    for await (const { metadata } of client.pages(kind, options)) {
      tally.add(readOwnership({ metadata }).owners);
      if (tally.objects >= MOST_OBJECTS) return true;
    }
  } catch (error) {
    // of all kinds those count that may be read; a cluster that does not answer is no empty one
    if (query.has('kind') || signal.aborted) throw error;
    if (isStatusError(error, 'Forbidden')) return false;
    if (!isStatusError(error, 'NotFound') && !isNoMatchError(error)) throw error;
  }
  return true;
}
