import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from 'nekube/apimachinery';
import { type Convert, withConversions } from './conversions.ts';

const v1: KubeObject = { apiVersion: 'v1', kind: 'Widget', metadata: { name: 'w' } };

/** A converter that has to be waited for, and what it was asked. */
function recorder(fail: readonly string[] = []) {
  const asked: string[] = [];
  const convertLater = async (object: KubeObject, apiVersion: string): Promise<KubeObject> => {
    asked.push(`${object.apiVersion} to ${apiVersion}`);
    if (fail.includes(apiVersion)) throw new Error(`no way to ${apiVersion}`);
    return { ...object, apiVersion };
  };
  return { asked, convertLater };
}

test('a change that needs no conversion is made once and at once', () => {
  const { asked, convertLater } = recorder();
  let made = 0;
  const result = withConversions(convertLater, () => ++made);
  assert.equal(result, 1);
  assert.deepEqual(asked, []);
});

test('every object is converted once to each version, however often a change asks for it', async () => {
  const { asked, convertLater } = recorder();
  let made = 0;
  const change = (convert: Convert): string[] => {
    made++;
    const v2 = convert(v1, 'v2');
    return [v2, convert(v2, 'v3'), convert({ ...v1 }, 'v2')].map((object) => object.apiVersion!);
  };
  assert.deepEqual(await withConversions(convertLater, change), ['v2', 'v3', 'v2']);
  assert.deepEqual(asked, ['v1 to v2', 'v2 to v3']);
  assert.equal(made, 3);
});

test('a conversion that fails is an error where the change asks for it', async () => {
  const { asked, convertLater } = recorder(['v2']);
  const change = (convert: Convert): string => {
    try {
      return convert(v1, 'v2').apiVersion!;
    } catch (error) {
      if ((error as Error).message !== 'no way to v2') throw error;
      return convert(v1, 'v3').apiVersion!;
    }
  };
  assert.equal(await withConversions(convertLater, change), 'v3');
  assert.deepEqual(asked, ['v1 to v2', 'v1 to v3']);
});

test('what a change throws of its own is thrown, before conversions and after', async () => {
  const { convertLater } = recorder();
  const refuse = (): never => {
    throw new TypeError('refused');
  };
  assert.throws(() => withConversions(convertLater, refuse), TypeError);
  const later = withConversions(convertLater, (convert) => (convert(v1, 'v2'), refuse()));
  await assert.rejects(async () => later, TypeError);
});
