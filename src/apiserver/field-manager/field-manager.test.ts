import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { load } from 'js-yaml';
import { builtinResources, type WriteRules } from 'nekube/api';
import {
  applyMergePatch,
  isStatusError,
  type JsonObject,
  type KubeObject,
  type ManagedFieldsEntry,
  type StatusCause,
} from 'nekube/apimachinery';
import { serveBuiltin } from '../registry/builtin.ts';
import { subresourceFieldManager } from '../registry/field-managers.ts';
import type { ServedResource } from '../registry/served.ts';
import { ignoreManagedFieldsTimestamps, scaleEntriesOf, withScaleEntries } from './index.ts';

/** A request of testdata/*.yaml. */
interface Request {
  readonly manager: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly force?: boolean;
  readonly object?: JsonObject;
  readonly patch?: JsonObject;
}

interface Scenario {
  readonly name: string;
  readonly resource?: string;
  readonly steps: readonly Readonly<Record<string, Request>>[];
}

/** What kube-apiserver answered; times of entries are the number of the step that set them. */
interface Recorded {
  readonly code: number;
  readonly message?: string;
  readonly causes?: readonly StatusCause[];
  readonly unchanged?: boolean;
  readonly managedFields?: readonly unknown[];
  readonly labels?: unknown;
  readonly annotations?: unknown;
  readonly data?: unknown;
}

const folder = new URL('../../../src/apiserver/field-manager/testdata/', import.meta.url);
const user = { name: 'admin', groups: ['system:masters'] };
const replicas = { 'apps/v1': ['spec', 'replicas'] };

/** Keeps one object as a store does, and writes it through the field managers of its kind. */
class ScenarioRun {
  private readonly scenario: Scenario;
  private readonly served = new Map<string, ServedResource>();
  private readonly scale = subresourceFieldManager('autoscaling/v1', 'Scale', 'scale', () => this.now());
  private stored: KubeObject | undefined;
  private number = 0;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
  }

  /** The time is the number of the step, in seconds. */
  private now(): Date {
    return new Date(this.number * 1000);
  }

  step(step: Readonly<Record<string, Request>>): Recorded {
    this.number++;
    const [verb, request] = Object.entries(step)[0]!;
    if (verb === 'get') return this.answer(this.stored!, 200, true);
    const before = JSON.stringify(this.stored);
    const created = this.stored === undefined;
    try {
      if (request.subresource === 'scale')
        return { code: 200, unchanged: false, managedFields: this.writeScale(verb, request) };
      const object = this.write(verb, request);
      return this.answer(object, created ? 201 : 200, JSON.stringify(this.stored) === before);
    } catch (error) {
      if (!isStatusError(error)) throw error;
      const { code, message, details } = error.status;
      return { code: code!, message: message!, ...(details?.causes && { causes: details.causes }) };
    }
  }

  private write(verb: string, request: Request): KubeObject {
    const served = this.resource(request.resource ?? this.scenario.resource ?? 'v1/configmaps');
    const subresource = request.subresource ?? '';
    const live = this.stored && served.fromHub(structuredClone(this.stored));
    const fields = served.fieldManager(subresource);
    const object =
      verb === 'apply'
        ? fields.apply(live, objectOf(request, served), request.manager, request.force ?? false)
        : fields.update(live, served.decode(bodyOf(verb, request, served, live)).object, request.manager);
    const hub = served.toHub(structuredClone(object));
    this.finish(hub, subresource === '' ? served.rules : (served.rules.subresources?.[subresource] ?? {}));
    this.stored = served.normalizeHub(hub);
    return served.fromHub(this.stored);
  }

  /** What the store does between the field manager and storage. */
  private finish(hub: KubeObject, rules: WriteRules): void {
    const context = { now: this.now(), user };
    hub.metadata.name ??= 'a';
    hub.metadata.uid = 'uid';
    if (this.stored === undefined) rules.prepareForCreate?.(hub, context);
    else {
      rules.prepareForUpdate?.(hub, this.stored, context);
      ignoreManagedFieldsTimestamps(hub, this.stored);
    }
  }

  /** Writes through /scale; gives the entries of the Scale as the answer has them: none. */
  private writeScale(verb: string, request: Request): [] {
    const object = this.stored!;
    const live: KubeObject = { kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: { name: 'a', uid: 'uid' } };
    live.spec = { replicas: object.spec.replicas };
    live.status = { replicas: 0 };
    const entries = scaleEntriesOf(object.metadata.managedFields, replicas);
    if (entries !== undefined) live.metadata.managedFields = entries;
    const body = { ...live, spec: (request.object ?? request.patch)!.spec } as unknown as KubeObject;
    const config = { kind: 'Scale', apiVersion: 'autoscaling/v1', ...request.object } as unknown as KubeObject;
    const scale =
      verb === 'apply'
        ? this.scale.apply(live, config, request.manager, request.force ?? false)
        : this.scale.update(live, body, request.manager);
    object.spec.replicas = scale.spec.replicas;
    const owners = withScaleEntries(object.metadata.managedFields, scale.metadata.managedFields, 'apps/v1', replicas);
    object.metadata.managedFields = owners!;
    return [];
  }

  private answer({ metadata, data }: KubeObject, code: number, unchanged: boolean): Recorded {
    return {
      code,
      unchanged,
      managedFields: (metadata.managedFields ?? []).map(showEntry),
      ...(metadata.labels && { labels: metadata.labels }),
      ...(metadata.annotations && { annotations: metadata.annotations }),
      ...(data && { data }),
    };
  }

  private resource(name: string): ServedResource {
    let served = this.served.get(name);
    if (served === undefined) {
      const facts = builtinResources().find((r) => `${r.apiVersion}/${r.resource}` === name)!;
      served = serveBuiltin(facts, () => this.now());
      this.served.set(name, served);
    }
    return served;
  }
}

function objectOf(request: Request, served: ServedResource): KubeObject {
  const { apiVersion, kind } = served;
  const object = { apiVersion, kind, ...structuredClone(request.object) } as unknown as KubeObject;
  if (typeof (object.metadata ?? {}) === 'object') object.metadata = { name: 'a', ...object.metadata };
  return object;
}

function bodyOf(verb: string, request: Request, served: ServedResource, live: KubeObject | undefined): JsonObject {
  if (verb === 'patch') return applyMergePatch(live as unknown as JsonObject, request.patch!) as JsonObject;
  const object = objectOf(request, served);
  if (live?.metadata.uid !== undefined) object.metadata.uid = live.metadata.uid;
  return object as unknown as JsonObject;
}

/** An entry with the number of the step in place of its time. */
function showEntry({ time, ...entry }: ManagedFieldsEntry): unknown {
  if (time === undefined) return entry;
  return { ...entry, time: time.startsWith('1970') ? Date.parse(time) / 1000 : time };
}

for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
  const scenarios = load(readFileSync(new URL(file, folder), 'utf8')) as Scenario[];
  const recorded = JSON.parse(readFileSync(new URL(file.replace('.yaml', '.recorded.json'), folder), 'utf8')) as Record<
    string,
    Recorded[]
  >;
  describe(file, () => {
    for (const scenario of scenarios) {
      test(scenario.name, () => {
        const run = new ScenarioRun(scenario);
        for (const [i, step] of scenario.steps.entries()) {
          const expected = recorded[scenario.name]![i]!;
          const actual = run.step(step);
          assert.deepEqual(normal(actual), normal(expected), `step ${i + 1}`);
          // the order of fields in an entry is theirs too
          const fields = (r: Recorded) =>
            JSON.stringify((r.managedFields ?? []).map((e) => (e as ManagedFieldsEntry).fieldsV1));
          assert.equal(fields(actual), fields(expected), `step ${i + 1}`);
        }
      });
    }
  });
}

/** Causes across managers come in any order. */
function normal(recorded: Recorded): unknown {
  const copy = JSON.parse(JSON.stringify(recorded)) as { causes?: unknown[] };
  copy.causes?.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return copy;
}
