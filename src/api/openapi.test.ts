import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { builtinOpenApiV2, builtinOpenApiV3, openApiV2With, openApiV3Index } from './index.ts';

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

test('schemas of custom resources have their limits in the protobuf form, too', () => {
  const schema = {
    type: 'number',
    title: 't',
    maximum: 10,
    maxLength: 300,
    uniqueItems: true,
    additionalProperties: true,
  };
  const custom = { paths: {}, definitions: { aaa: { ...schema, externalDocs: { url: 'u' }, example: false } } };
  const bytes = Buffer.from(openApiV2With(() => custom).protobuf()).toString('latin1');
  // as gnostic has them: title = 3, maximum = 7, max_length = 11, unique_items = 16, additional_properties = 21, type = 22,
  // external_docs = 29, example = 30
  const fields =
    '\x1a\x01t\x39\0\0\0\0\0\0\x24\x40\x58\xac\x02\x80\x01\x01\xaa\x01\x02\x10\x01\xb2\x01\x08\n\x06number' +
    '\xea\x01\x03\x12\x01u\xf2\x01\x08\x12\x06false\n';
  assert.ok(bytes.includes(`\n\x03aaa\x12${String.fromCharCode(fields.length)}${fields}`));
});
