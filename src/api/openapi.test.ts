import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { builtinOpenApiV2, builtinOpenApiV3, openApiV3Index } from './index.ts';

const sha512 = (bytes: Uint8Array) => createHash('sha512').update(bytes).digest('hex').toUpperCase();

for (const [path, document] of builtinOpenApiV3())
  test(`the OpenAPI v3 document ${path} is the real one`, () => {
    assert.equal(sha512(document.bytes()), document.hash());
  });

test('the index names every document with its hash', () => {
  const { paths } = openApiV3Index(builtinOpenApiV3().values()) as {
    paths: Record<string, { serverRelativeURL: string }>;
  };
  assert.equal(Object.keys(paths).length, 47);
  const { serverRelativeURL } = paths['apis/apps/v1']!;
  assert.match(serverRelativeURL, /^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{128}$/);
});

test('the OpenAPI v2 document is the real one', () => {
  // the entity tag of kube-apiserver v1.36.3 without custom resources, which is a hash of the document
  const tag =
    '276DB9A3BE4566FA02B4C528171436757D13EF0571E215FEF8FC401A847F24B878CE9B027DB689501A7A2F574EC15897D19280E8653A31FBB735C83D4A91BC01';
  assert.equal(builtinOpenApiV2().etag(), `"${tag}"`);
});

test('the protobuf form of OpenAPI v2 is as long as the real one and starts as it', () => {
  const bytes = Buffer.from(builtinOpenApiV2().protobuf());
  assert.equal(bytes.length, 1_918_069);
  assert.equal(bytes.subarray(0, 25).toString('latin1'), '\n\x032.0\x12\x12\n\nKubernetes\x12\x041.36');
});
