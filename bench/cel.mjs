// Expressions over JSON objects with a schema, as rules of custom resources are: evaluations per second of CPU time, costs
// counted; and compilations.
//
//   npm run bench -- cel [--quick] [--record]
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { adapterOf, baseEnvironment, declareType, sizesOf } from 'nekube/cel';
import { median, printTable, recorded, recordFigures, short } from './table.mjs';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, record: { type: 'boolean', default: false } },
});
const rounds = options.quick ? 3 : 9;
const roundMs = options.quick ? 100 : 500;

const schema = {
  type: 'object',
  properties: {
    name: { type: 'string', maxLength: 63 },
    replicas: { type: 'integer' },
    minReplicas: { type: 'integer' },
    maxReplicas: { type: 'integer' },
    ports: {
      type: 'array',
      maxItems: 20,
      items: { type: 'object', properties: { name: { type: 'string', maxLength: 15 }, port: { type: 'integer' } } },
    },
  },
};
const objects = Array.from({ length: 100 }, (_, i) => ({
  name: `a${i}`,
  replicas: 3 + (i % 5),
  minReplicas: 1,
  maxReplicas: 10,
  ports: Array.from({ length: 5 }, (_, j) => ({ name: `p${j}`, port: 8000 + j })),
}));

const rules = {
  'three clauses':
    'self.replicas >= self.minReplicas && self.replicas <= self.maxReplicas && self.name.startsWith("a")',
  'five elements': 'self.ports.all(p, p.port > 1024 && p.name.size() < 10)',
  'a pattern': 'self.name.matches("^[a-z]([-a-z0-9]*[a-z0-9])?$")',
};

const self = declareType(schema, { name: 'self' });
const environment = baseEnvironment().extend({ variables: { self: self.type } });
const adapt = adapterOf(schema);

/** Calls per second of CPU time: the median of the rounds. */
function measure(call) {
  const figures = [];
  for (let round = -1; round < rounds; round++) {
    const before = process.cpuUsage();
    const end = performance.now() + roundMs;
    let calls = 0;
    while (performance.now() < end) for (let i = 0; i < 200; i++) call(calls++);
    const { user, system } = process.cpuUsage(before);
    // The first round is for warming up.
    if (round >= 0) figures.push((calls * 1e6) / (user + system));
  }
  return { value: median(figures), spread: (Math.max(...figures) - Math.min(...figures)) / median(figures) };
}

const measured = {};
for (const [name, source] of Object.entries(rules)) {
  const { expression } = environment.compile(source);
  const program = expression.program();
  measured[`evaluate ${name}`] = measure((i) => {
    const value = adapt(objects[i % objects.length]);
    const result = program.evaluate(() => value, { costLimit: 1_000_000 });
    if (result.value !== true) throw new Error(`${name}: ${result.value}`);
  });
}
measured['compile three clauses, with its estimate'] = measure(() => {
  const { expression } = environment.compile(rules['three clauses']);
  expression.program();
  expression.estimateCost({ sizeOf: sizesOf(self) });
});

const before = recorded('cel');
const figures = {};
const rows = [['a second of CPU time', 'median', 'spread', 'recorded']];
for (const [name, { value, spread }] of Object.entries(measured)) {
  figures[name] = Number(value.toPrecision(3));
  const last = before[name] === undefined ? '' : short(before[name]);
  rows.push([name, short(value), `${short(spread * 100)} %`, last]);
}
printTable(rows);
const machine = `${availableParallelism()} × ${cpus()[0].model.trim()}, Node ${process.versions.node}`;
if (options.record) recordFigures('cel', machine, figures);
