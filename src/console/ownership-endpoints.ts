import {
  isJsonObject,
  isStatusError,
  type JsonObject,
  type JsonValue,
  type KubeObject,
  parseYaml,
} from 'nekube/apimachinery';
import { discoverResources, isNoMatchError, type ServedKind } from 'nekube/client';
import {
  API_VERSION,
  compilePolicies,
  compilePolicy,
  type FieldDecision,
  isMalformedDecision,
  parseFieldDecision,
} from 'nekube/fieldpolicy';
import {
  applyDecidedBy,
  blame,
  blamedLineData,
  type Configuration,
  type Decide,
  decideByPolicies,
  maskSecret,
  matrixData,
  OwnershipTally,
  ownerData,
  planApply,
  planData,
  readOwnership,
  readPolicies,
} from 'nekube/ownership';
import { failure } from './answers.ts';
import { USER_AGENT } from './cluster.ts';
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
    const plan = await planApply(request.client, configuration, await applyOptions(request));
    return {
      ...planData(plan),
      manager: plan.fieldManager,
      ...(plan.live !== undefined && { before: shown(plan.live) }),
      ...(plan.after !== undefined && { after: shown(plan.after) }),
      ...(plan.error !== undefined && { status: plan.error.status as unknown as JsonObject }),
    };
  },

  'POST /console/apply': async (request) => {
    const configuration = configurationOf(request.body);
    const result = await applyDecidedBy(request.client, configuration, await applyOptions(request));
    if (result.outcome === 'refused') throw result.error;
    return { object: maskSecret(result.object) as unknown as JsonObject };
  },

  'GET /console/conflicts': async (request) => {
    const tally = new OwnershipTally({ withPaths: true });
    let left = MOST_OBJECTS;
    for (const kind of await kindsAsked(request)) {
      for await (const { metadata } of objectsOf(request, kind)) {
        if (left-- === 0) return { ...matrixOf(tally), incomplete: true };
        tally.add(readOwnership({ metadata }).owners);
      }
    }
    return matrixOf(tally);
  },

  'GET /console/policies': async ({ client, signal }) => {
    const policies = await readPolicies(client, signal);
    return {
      policies: policies.map((policy) => ({
        policy: policy as unknown as JsonObject,
        problems: [...compilePolicy(policy).problems],
      })),
      waiting: (await waitingApplies(client, signal)) as unknown as JsonValue[],
    };
  },
};

/** So many objects are counted; of more the first. */
const MOST_OBJECTS = 50_000;
const PARKED = { apiVersion: API_VERSION, kind: 'ApplyConflict' };

/** `object`, or `yaml`, of which one is stated. @throws StatusError `BadRequest` */
function stated(body: JsonValue | undefined): readonly [value: JsonValue | undefined, place: string] {
  const { object, yaml } = isJsonObject(body) ? body : {};
  return typeof yaml === 'string' ? [parsed(yaml), 'yaml'] : [object, 'object'];
}

function parsed(yaml: string): JsonValue {
  try {
    return parseYaml(yaml);
  } catch (error) {
    throw failure(400, 'BadRequest', (error as Error).message);
  }
}

/** What is applied: without what only a server states, which comes along when a live object is edited. */
function configurationOf(body: JsonValue | undefined): Configuration {
  const { status: _, ...object } = namedObject(...stated(body)) as Configuration & { readonly status?: JsonValue };
  const { managedFields: __, creationTimestamp: ___, generation: ____, selfLink: _____, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** How an apply is made: as the console, and policies decide before what the user forces field by field. */
export async function applyOptions({ body, client, session: { person }, signal }: PageRequest): Promise<{
  readonly fieldManager: string;
  readonly fieldValidation: 'Strict';
  readonly decide: Decide;
  readonly signal: AbortSignal;
}> {
  const decisions = decisionsIn(body);
  const user = { name: person.username, groups: person.groups };
  const policies = compilePolicies(await readPolicies(client, signal));
  const decide = decideByPolicies({ policies, decisions, force: false, user, now: () => new Date() });
  return { fieldManager: USER_AGENT, fieldValidation: 'Strict', decide, signal };
}

/** The paths of `force`, and what `decide` says: `yield=.spec.replicas`. @throws StatusError `BadRequest` */
function decisionsIn(body: JsonValue | undefined): FieldDecision[] {
  const { force = [], decide = [] } = isJsonObject(body) ? body : {};
  if (!isTexts(force) || !isTexts(decide)) throw failure(400, 'BadRequest', 'force and decide must be lists of texts');
  return [...force.map((path) => `force=${path}`), ...decide].map((text) => {
    const decision = parseFieldDecision(text);
    if (isMalformedDecision(decision)) throw failure(400, 'BadRequest', `${decision.malformed}: ${decision.fix}`);
    return decision;
  });
}

function isTexts(value: JsonValue): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
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

async function* objectsOf({ query, client, signal }: PageRequest, kind: ServedKind): AsyncGenerator<KubeObject> {
  const [namespace, labelSelector] = [givenName(query, 'namespace'), given(query, 'labelSelector')];
  const options = {
    metadataOnly: true,
    signal,
    ...(namespace !== undefined && kind.namespaced && { namespace }),
    ...(labelSelector !== undefined && { labelSelector }),
  };
  try {
    yield* client.pages(kind, options);
  } catch (error) {
    // of all kinds those count that may be read
    if (query.has('kind') || signal.aborted || !isLeftOut(error)) throw error;
  }
}

/** A kind that may not be listed, or went meanwhile; a cluster that does not answer is no empty one. */
function isLeftOut(error: unknown): boolean {
  return isStatusError(error, 'Forbidden') || isStatusError(error, 'NotFound') || isNoMatchError(error);
}

function matrixOf(tally: OwnershipTally): JsonObject {
  return matrixData({ objects: tally.objects, parties: tally.parties(), pairs: tally.pairs() });
}

async function waitingApplies(client: PageRequest['client'], signal: AbortSignal): Promise<KubeObject[]> {
  const found: KubeObject[] = [];
  try {
    for await (const one of client.pages(PARKED, { signal })) found.push({ ...one, ...PARKED });
  } catch (error) {
    if (!isNoMatchError(error)) throw error;
  }
  return found;
}
