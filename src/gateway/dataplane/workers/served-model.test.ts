import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoints, GatewayModel } from '../../model/index.ts';
import { ServedModel } from './served-model.ts';

const model = (name: string): GatewayModel => ({ gateways: [{ key: name }] }) as unknown as GatewayModel;
const endpoints = (name: string): Endpoints => ({ name, endpoints: [] });

/** One that writes down what it serves, and prepares until it is told that it is ready. */
function noting() {
  const noted: string[] = [];
  const waiting: (() => void)[] = [];
  const plane = {
    update: ({ gateways }: GatewayModel) => void noted.push(`model ${gateways[0]!.key}`),
    updateEndpoints: (changed: readonly Endpoints[]) => void noted.push(...changed.map(({ name }) => name)),
  };
  const served = new ServedModel(plane, () => new Promise((resolve) => waiting.push(resolve)));
  return { served, noted, ready: () => waiting.shift()!() };
}

test('endpoints do not wait for a model that takes long, and are newer than it', async () => {
  const { served, noted, ready } = noting();
  const first = served.update(model('one'));
  served.updateEndpoints([endpoints('a')]);
  assert.deepEqual(noted, ['a']);
  ready();
  await first;
  assert.deepEqual(noted.splice(0), ['a', 'model one', 'a']);
  served.updateEndpoints([endpoints('b')]);
  const second = served.update(model('two'));
  ready();
  await second;
  assert.deepEqual(noted, ['b', 'model two'], 'what came before a model is in it');
});
