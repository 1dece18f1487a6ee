import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from 'nekube/apimachinery';
import { isServed } from './operator-kinds.ts';

const SHOPS = {
  kind: 'CustomResourceDefinition',
  metadata: { name: 'shops.shop.example' },
  spec: { group: 'shop.example', names: { kind: 'Shop' } },
} as unknown as KubeObject;

/** An object, and whether a server with the definition of shops serves its kind. */
const CASES: readonly (readonly [apiVersion: string, kind: string, is: boolean])[] = [
  ['v1', 'ConfigMap', true],
  ['apps/v1', 'Deployment', true],
  ['shop.example/v1', 'Shop', true],
  ['shop.example/v1', 'Mall', false],
  ['cert-manager.io/v1', 'Certificate', false],
  ['apps/v1', 'ConfigMap', false],
];

for (const [apiVersion, kind, is] of CASES)
  test(`manifests with a ${kind} of ${apiVersion} are ${is ? 'installed' : 'left out'}`, () =>
    assert.equal(isServed({ apiVersion, kind, metadata: { name: 'a' } }, [SHOPS]), is));
