import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootstrapObjects } from 'nekube/api';
import type { KubeObject } from 'nekube/apimachinery';
import { parseRequestInfo } from '../request-info.ts';
import { FlowControl } from './flow-control.ts';

/** What an informer shows; counts up when it is given others. */
class Shown {
  generation = 0;
  #objects: readonly KubeObject[];

  constructor(objects: readonly KubeObject[]) {
    this.#objects = objects;
  }

  list(): readonly KubeObject[] {
    return this.#objects;
  }

  show(objects: readonly KubeObject[]): void {
    this.#objects = objects;
    this.generation++;
  }
}

const standard = (name: string): readonly KubeObject[] =>
  bootstrapObjects().find(({ resource }) => resource.resource === name)!.objects;

function control(schemas = standard('flowschemas'), levels = standard('prioritylevelconfigurations')) {
  const shown = { schemas: new Shown(schemas), levels: new Shown(levels) };
  return { ...shown, flow: new FlowControl({ ...shown, seats: 600, waitMs: 1000 }) };
}

const ann = { name: 'ann', groups: ['system:authenticated'] };
const request = (path: string) => parseRequestInfo('GET', path, new URLSearchParams());

test('seats are shared out as kube-apiserver does', () => {
  const nominal = control()
    .flow.levels()
    .map(({ name, config }) => [name, config.nominal]);
  // apiserver_flowcontrol_nominal_limit_seats of kube-apiserver 1.36 with its defaults
  assert.deepEqual(Object.fromEntries(nominal), {
    'catch-all': 13,
    exempt: 0,
    'global-default': 49,
    'leader-election': 25,
    'node-high': 98,
    system: 74,
    'workload-high': 98,
    'workload-low': 245,
  });
});

test('the schema of lowest precedence that matches decides, then the one whose name comes first', () => {
  const { flow, schemas } = control();
  assert.equal(flow.classify(ann, request('/api/v1/pods')).schema, 'global-default');
  const global = standard('flowschemas').find(({ metadata }) => metadata.name === 'global-default')!;
  const named = (name: string, matchingPrecedence: number): KubeObject => ({
    ...global,
    metadata: { name, uid: `uid-${name}` },
    spec: { ...global.spec, matchingPrecedence },
  });
  schemas.show([...standard('flowschemas'), named('later', 50), named('b', 40), named('a', 40)]);
  const { schema, schemaUid, level } = flow.classify(ann, request('/api/v1/pods'));
  assert.deepEqual([schema, schemaUid, level], ['a', 'uid-a', 'global-default']);
});

test('without any object all are served by what is mandatory', () => {
  const { flow } = control([], []);
  assert.equal(flow.classify(ann, request('/version')).schema, 'catch-all');
  assert.equal(flow.classify({ name: 'root', groups: ['system:masters'] }, request('/version')).level, 'exempt');
  assert.equal(flow.classify({ name: 'nobody', groups: [] }, request('/version')).level, 'catch-all');
});

test('a schema whose priority level is not there does not count', () => {
  const { flow, levels } = control();
  levels.show(standard('prioritylevelconfigurations').filter(({ metadata }) => metadata.name !== 'global-default'));
  assert.equal(flow.classify(ann, request('/version')).schema, 'catch-all');
});

test('a level that is changed keeps what it serves', () => {
  const { flow, levels } = control();
  flow.classify(ann, request('/version')).take(new AbortController());
  levels.show(standard('prioritylevelconfigurations').map((level) => structuredClone(level)));
  const level = flow.levels().find(({ name }) => name === 'global-default')!;
  assert.equal(level.executing, 1);
});
