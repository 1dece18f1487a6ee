// Bodies that a server has to refuse, or to take, without harm. `code` is what the real kube-apiserver 1.36.3 answers.

const configMaps = '/api/v1/namespaces/hostile/configmaps';
const json = 'application/json';
const yaml = 'application/yaml';
const apply = 'application/apply-patch+yaml';
const jsonPatch = 'application/json-patch+json';
const mergePatch = 'application/merge-patch+json';
const strategicPatch = 'application/strategic-merge-patch+json';
const protobuf = 'application/vnd.kubernetes.protobuf';

const head = '"apiVersion":"v1","kind":"ConfigMap"';
const mebibyte = 1024 * 1024;

const post = (name, type, body, code) => ({ name, method: 'POST', path: configMaps, type, body, code });
const put = (name, body, code) => ({ name, method: 'PUT', path: `${configMaps}/target`, type: json, body, code });
const patch = (name, type, body, code, query = '') => ({
  name,
  method: 'PATCH',
  path: `${configMaps}/target${query}`,
  type,
  body,
  code,
});

/** JavaScript's stack ends sooner than Go's: where it does, the request fails with another code, and nothing else. */
const deeper = (row) => ({ ...row, alsoCodes: [400, 500] });

/** Objects in objects: `{"key":{"key":…}}`. */
const nested = (key, depth, inner) => `{"${key}":`.repeat(depth) + inner + '}'.repeat(depth);

/** Nine levels of lists, each of nine references to the one before: a billion scalars when written out. */
function aliasBomb() {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 10; i++)
    lines.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  return `${lines.join('\n')}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\n`;
}

/** An object that contains itself. */
const aliasLoop = 'apiVersion: v1\nkind: ConfigMap\nmetadata: &m\n  name: loop\n  labels: *m\n';

const operations = (count) =>
  JSON.stringify(Array.from({ length: count }, (_, i) => ({ op: 'add', path: '/data/a', value: `${i}` })));

/** Each copy doubles what is there. */
function copyBomb() {
  const first = { op: 'add', path: '/metadata/annotations', value: { a: 'x'.repeat(100_000) } };
  const copies = Array.from({ length: 60 }, (_, i) => ({
    op: 'copy',
    from: '/metadata/annotations/a',
    path: `/data/k${i}`,
  }));
  return JSON.stringify([{ op: 'add', path: '/data', value: {} }, first, ...copies]);
}

const manyKeys = (count) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${i}`, 'v']));
const named = (name, rest) => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, ...rest });

/** The target, with managedFields whose fields are this JSON. */
function owned(fieldsV1) {
  const entry = `{"manager":"m","operation":"Apply","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":${fieldsV1}}`;
  return `{${head},"metadata":{"name":"target","managedFields":[${entry}]}}`;
}

/** What is sent, and what is answered. */
export const bodies = [
  post('nothing', json, '', 400),
  post('half an object', json, `{${head},"metadata":{"na`, 400),
  post('text after the object', json, `{${head},"metadata":{"name":"x1"}} x`, 400),
  post('something else than JSON', json, '\u0000\u0001\u0002', 400),
  post('bytes that are not UTF-8', json, Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), 422),
  post('a list', json, '[]', 400),
  post('a number too large for any type', json, `{${head},"metadata":{"name":"x2","generation":1e400}}`, 400),
  post(
    'a number with a million digits',
    json,
    `{${head},"metadata":{"name":"x3","generation":${'9'.repeat(mebibyte)}}}`,
    400,
  ),
  post('lists in lists, a million deep', json, '['.repeat(mebibyte), 400),
  post('objects in objects, a hundred thousand deep', json, nested('a', 100_000, '1'), 400),
  post(
    'unknown fields, ten thousand deep',
    json,
    `{${head},"metadata":{"name":"x4"},"x":${'['.repeat(9990)}${']'.repeat(9990)}}`,
    201,
  ),
  post(
    'a key repeated a hundred thousand times',
    json,
    `{${head},"metadata":{"name":"x5"},"data":{${'"a":"b",'.repeat(100_000)}"a":"c"}}`,
    201,
  ),
  post('thirty thousand keys', json, named('x6', { data: manyKeys(30_000) }), 201),
  post('a name of a megabyte', json, named('x'.repeat(mebibyte)), 422),
  post(
    'a key called __proto__',
    json,
    `{${head},"metadata":{"name":"x7"},"data":{"__proto__":"a","constructor":"b"}}`,
    201,
  ),
  post('labels called __proto__', json, `{${head},"metadata":{"name":"x8","labels":{"__proto__":"a"}}}`, 422),
  post('aliases of aliases in YAML', yaml, aliasBomb(), 400),
  post('a loop in YAML', yaml, aliasLoop, 400),
  post('lists in lists in YAML, a hundred thousand deep', yaml, '['.repeat(100_000), 400),
  post(
    'indentation in YAML, two thousand deep',
    yaml,
    Array.from({ length: 2000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
    422,
  ),
  post(
    'tags in YAML',
    yaml,
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x9}\ndata: {a: !!js/function "x"}\n',
    201,
  ),
  post('binary in YAML', yaml, Buffer.from([0x61, 0x3a, 0x20, 0xff, 0xfe, 0x00]), 400),
  post('YAML of two documents', yaml, `${named('x10')}\n---\n${named('x11')}\n`, 201),
  post('a protobuf envelope around nothing', protobuf, Buffer.from([0x6b, 0x38, 0x73, 0x00]), 400),
  post(
    'a protobuf envelope around garbage',
    protobuf,
    Buffer.concat([Buffer.from('k8s\0'), Buffer.alloc(1000, 0xff)]),
    400,
  ),
  post('protobuf without its envelope', protobuf, Buffer.alloc(100, 0x0a), 400),
  post(
    'protobuf that claims to be longer than it is',
    protobuf,
    Buffer.concat([Buffer.from('k8s\0'), Buffer.from([0x12, 0xff, 0xff, 0xff, 0xff, 0x07])]),
    400,
  ),
  post('an unknown content type', 'text/html', '<html>', 415),
  put('ownership that is no field set', owned('{"x:":1,"k:{":{}}'), 200),
  put('ownership that is nested five hundred deep', owned(nested('f:a', 500, '{}')), 200),
  deeper(put('ownership that is nested five thousand deep', owned(nested('f:a', 5000, '{}')), 200), 400),
  patch('a JSON patch of too many operations', jsonPatch, operations(10_001), 413),
  patch('a JSON patch that copies again and again', jsonPatch, copyBomb(), 422),
  patch('a JSON patch that is no list', jsonPatch, '{"op":"add"}', 400),
  patch(
    'a JSON patch with a path ten thousand deep',
    jsonPatch,
    JSON.stringify([{ op: 'add', path: '/a'.repeat(10_000), value: 1 }]),
    422,
  ),
  patch('a JSON patch that moves the root into itself', jsonPatch, '[{"op":"move","from":"","path":"/data"}]', 422),
  patch(
    'a JSON patch with an index beyond all numbers',
    jsonPatch,
    '[{"op":"add","path":"/metadata/finalizers/99999999999999999999","value":"a/b"}]',
    422,
  ),
  patch('a merge patch five hundred deep', mergePatch, nested('data', 500, '1'), 422),
  deeper(patch('a merge patch nine thousand deep', mergePatch, nested('data', 9000, '1'), 422), 500),
  patch('a merge patch that is a list', mergePatch, '[1]', 400),
  patch(
    'a strategic merge patch with bad directives',
    strategicPatch,
    '{"metadata":{"$patch":"explode","$retainKeys":5}}',
    500,
  ),
  patch('a strategic merge patch five hundred deep', strategicPatch, nested('data', 500, '1'), 422),
  deeper(patch('a strategic merge patch nine thousand deep', strategicPatch, nested('data', 9000, '1'), 422), 500),
  patch('an apply of aliases of aliases', apply, aliasBomb(), 400, '?fieldManager=m'),
  patch('an apply of half a document', apply, 'apiVersion: v1\nkind: [', 400, '?fieldManager=m'),
  patch('an apply of ten thousand keys', apply, named('target', { data: manyKeys(10_000) }), 200, '?fieldManager=m'),
];
