import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { negotiate, parseAccept, parseMediaType } from './media-type.ts';

const PARTIAL = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/** An Accept header, and what is chosen: media type, `pretty`, and the transform with its version. */
const CASES: readonly (readonly [accept: string | undefined, chosen: string | undefined])[] = [
  [undefined, 'application/json'],
  ['', 'application/json'],
  ['*/*', 'application/json'],
  ['application/*', 'application/json'],
  ['APPLICATION/YAML', 'application/yaml'],
  ['application/vnd.kubernetes.protobuf, application/json', 'application/vnd.kubernetes.protobuf'],
  ['application/json;q=0.5, application/yaml', 'application/yaml'],
  ['text/html, */*;q=0.8', 'application/json'],
  ['application/json;q=0', 'application/json'],
  ['application/json;pretty=1', 'application/json pretty'],
  [PARTIAL, 'application/json PartialObjectMetadata v1'],
  ['application/json;as=Table;v=v1beta1;g=meta.k8s.io', 'application/json Table v1beta1'],
  ['application/json;as=Table;v=v1;g=meta.k8s.io, application/json', 'application/json Table v1'],
  ['application/json;as=Table;v=v2;g=meta.k8s.io, application/json', 'application/json'],
  ['application/json;as=Table;v=v2;g=meta.k8s.io', undefined],
  ['application/json;as=Chair;v=v1;g=meta.k8s.io', undefined],
  ['text/html', undefined],
];

function say(accept: string | undefined): string | undefined {
  const chosen = negotiate(accept);
  if (chosen === undefined) return undefined;
  const { mediaType, pretty, as, asVersion } = chosen;
  return [mediaType, pretty && 'pretty', as, asVersion].filter(Boolean).join(' ');
}

describe('an answer is chosen from the Accept header', () => {
  for (const [accept, chosen] of CASES)
    test(`${accept ?? 'no header'}: ${chosen ?? 'not acceptable'}`, () => assert.equal(say(accept), chosen));
});

test('what is chosen for a header stays when it is asked for again, also with pretty', () => {
  for (const pretty of [false, true, false, true])
    assert.equal(negotiate('application/json', { pretty })?.pretty, pretty);
});

test('parts with stars come after whole types of the same quality', () => {
  const types = parseAccept('*/*, application/*, application/yaml, text/*;q=0.9').map(({ type }) => type);
  assert.deepEqual(types, ['application/yaml', 'application/*', '*/*', 'text/*']);
});

test('parameters lose their quotes, names their case', () => {
  const { type, parameters } = parseMediaType('Text/Plain; Charset="utf-8" ; x');
  assert.deepEqual({ type, parameters: { ...parameters } }, { type: 'text/plain', parameters: { charset: 'utf-8' } });
});
