import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtinResources } from 'nekube/api';
import { builtinKind, builtinKinds } from './builtin-kinds.ts';

test('the table of kinds has what the facts have, and nothing else', () => {
  const facts = builtinResources().map(({ apiVersion, kind, resource, namespaced }) => ({
    apiVersion,
    kind,
    resource,
    namespaced,
  }));
  const key = ({ apiVersion, kind }: { apiVersion: string; kind: string }): string => `${apiVersion}/${kind}`;
  const sorted = <T extends { apiVersion: string; kind: string }>(kinds: readonly T[]): T[] =>
    [...kinds].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  assert.deepEqual(sorted(builtinKinds()), sorted(facts));
});

test('what is no kind is not found', () => {
  for (const kind of ['', 'pod', 'Pods', '__proto__']) assert.equal(builtinKind({ apiVersion: 'v1', kind }), undefined);
  assert.equal(builtinKind({ apiVersion: 'constructor', kind: 'Pod' }), undefined);
});
