import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type KubeObject, type Status, StatusError } from 'nekube/apimachinery';
import { type Client, ConnectionError, FakeClock } from 'nekube/client';
import { applyManifests } from './apply-manifests.ts';
import type { Manifest } from './manifest.ts';
import type { ObjectWriter, Outlook } from './object-writer.ts';
import type { ApplyReport, ReportedConflict } from './report.ts';
import type { ApplyRunOptions } from './run-context.ts';

const manifest = (kind: string, name: string, namespace?: string): Manifest => ({
  configuration: {
    apiVersion: kind === 'Deployment' ? 'apps/v1' : 'v1',
    kind,
    metadata: { name, ...(namespace !== undefined && { namespace }) },
  },
  place: `"${name}.yaml", document 1`,
});

const shop = [manifest('Namespace', 'shop'), manifest('ConfigMap', 'a', 'shop'), manifest('Deployment', 'b', 'shop')];
const others = [manifest('ConfigMap', 'c', 'default'), manifest('Deployment', 'd', 'default')];

/** A cluster in which nothing is, as long as nobody says otherwise. */
class ScriptedWriter implements ObjectWriter {
  readonly written: string[] = [];
  readonly asked: string[] = [];
  /** What `KIND NAME` is looked at as, or how looking or writing fails; what is thrown once is a list. */
  readonly looks = new Map<string, Outlook | Error[]>();
  readonly writes = new Map<string, readonly ReportedConflict[] | Error[] | (() => Promise<void>)>();

  async look(configuration: Manifest['configuration']): Promise<Outlook> {
    const scripted = this.looks.get(nameOf(configuration));
    if (scripted !== undefined && !Array.isArray(scripted)) return scripted;
    const error = scripted?.shift();
    if (error !== undefined) throw error;
    return { live: undefined, result: configuration, conflicts: [] };
  }

  async ask(configuration: Manifest['configuration']): Promise<string> {
    this.asked.push(nameOf(configuration));
    return 'waits';
  }

  async write(
    configuration: Manifest['configuration'],
  ): Promise<{ object: KubeObject } | { refused: ReportedConflict[] }> {
    const name = nameOf(configuration);
    const scripted = this.writes.get(name);
    if (typeof scripted === 'function') await scripted();
    else if (scripted?.[0] instanceof Error) throw (scripted as Error[]).shift()!;
    else if (scripted !== undefined && scripted.length > 0) return { refused: scripted as ReportedConflict[] };
    this.written.push(name);
    return { object: { ...configuration, metadata: { ...configuration.metadata, uid: name, resourceVersion: '2' } } };
  }
}

function nameOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.name}`;
}

/** Time passes as fast as it is waited for. */
class HastyClock extends FakeClock {
  override after(ms: number, call: () => void): () => void {
    const cancel = super.after(ms, call);
    if (ms < 60_000) setImmediate(() => void this.advance(ms));
    return cancel;
  }
}

async function run(
  manifests: readonly Manifest[],
  writer: ScriptedWriter,
  more: Partial<ApplyRunOptions> = {},
): Promise<{ report: ApplyReport; actions: string[] }> {
  const client = {} as Client;
  const report = await applyManifests(client, manifests, {
    manager: 'ci',
    writer,
    mode: 'apply',
    parallel: 1,
    clock: new HastyClock(),
    random: () => 0.5,
    signal: new AbortController().signal,
    ...more,
  });
  return { report, actions: report.objects.map(({ kind, name, action }) => `${kind} ${name} ${action}`) };
}

function failure(code: number, reason: Status['reason'], message: string): StatusError {
  return new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code, reason, message });
}

const conflict: ReportedConflict = {
  path: '.data.a',
  manager: 'other',
  operation: 'Apply',
  subresource: undefined,
  since: undefined,
  live: '"1"',
  applied: '"2"',
  decision: 'fail',
  by: undefined,
};
const lost = () => new ConnectionError('https://it', { method: 'PATCH', path: '/' }, new Error('ECONNRESET'));

describe('before anything is written', () => {
  test('one conflict keeps all from being written', async () => {
    const writer = new ScriptedWriter();
    const live = { ...others[0]!.configuration };
    writer.looks.set('ConfigMap c', { live, result: undefined, conflicts: [conflict] });
    const { report, actions } = await run([...shop, ...others], writer);
    assert.deepEqual(writer.written, []);
    assert.equal(report.outcome, 'conflicts');
    assert.deepEqual(actions, [
      'Namespace shop not applied',
      'ConfigMap c conflict',
      'ConfigMap a not applied',
      'Deployment d not applied',
      'Deployment b not applied',
    ]);
  });

  test('what is in a namespace that is about to come is not there yet, which is no failure', async () => {
    const writer = new ScriptedWriter();
    for (const name of ['ConfigMap a', 'Deployment b'])
      writer.looks.set(name, [failure(404, 'NotFound', 'namespaces "shop" not found')]);
    const { report } = await run(shop, writer);
    assert.deepEqual([report.outcome, writer.written], ['applied', ['Namespace shop', 'ConfigMap a', 'Deployment b']]);
  });

  test('what is not found although its namespace is there is a failure', async () => {
    const writer = new ScriptedWriter();
    const live = { ...shop[0]!.configuration };
    writer.looks.set('Namespace shop', { live, result: live, conflicts: [] });
    writer.looks.set('ConfigMap a', [failure(404, 'NotFound', 'not found')]);
    const { report, actions } = await run([shop[0]!, shop[1]!], writer);
    assert.deepEqual([report.outcome, writer.written], ['failed', []]);
    assert.ok(actions.includes('ConfigMap a failed'), actions.join());
  });

  test('what is in a namespace that is nowhere is a failure', async () => {
    const writer = new ScriptedWriter();
    writer.looks.set('ConfigMap a', [failure(404, 'NotFound', 'namespaces "shop" not found')]);
    const { report } = await run([shop[1]!], writer);
    assert.deepEqual([report.outcome, report.objects[0]!.reason], ['failed', 'namespaces "shop" not found']);
  });

  test('a server that does not answer ends it', async () => {
    const writer = new ScriptedWriter();
    writer.looks.set('ConfigMap c', Array.from({ length: 20 }, lost));
    await assert.rejects(run(others, writer), { name: 'ConnectionError' });
    assert.deepEqual(writer.written, []);
  });

  test('what passes is tried again', async () => {
    const writer = new ScriptedWriter();
    writer.looks.set('ConfigMap c', [
      lost(),
      failure(503, 'ServiceUnavailable', 'busy'),
      failure(429, 'TooManyRequests', 'slow'),
    ]);
    writer.writes.set('Deployment d', [failure(500, 'InternalError', 'failed calling webhook'), lost()]);
    const { report } = await run(others, writer);
    assert.equal(report.outcome, 'applied');
  });

  test('what cannot pass is not tried again: the server calls it an internal error that a field is not in the schema', async () => {
    const writer = new ScriptedWriter();
    const message = 'failed to create typed patch object (a; e.com/v1, Kind=A): .spec.b: field not declared in schema';
    const failures = [failure(500, 'InternalError', message), failure(500, 'InternalError', 'another')];
    writer.looks.set('ConfigMap c', failures);
    const { report } = await run(others, writer);
    assert.deepEqual([report.outcome, report.objects[0]!.reason, failures.length], ['failed', message, 1]);
  });

  test('what is as it should be is not written', async () => {
    const writer = new ScriptedWriter();
    const live = { ...others[0]!.configuration, metadata: { name: 'c', resourceVersion: '1' } };
    writer.looks.set('ConfigMap c', { live, result: { ...live }, conflicts: [] });
    const { actions } = await run(others, writer);
    assert.deepEqual(writer.written, ['Deployment d']);
    assert.deepEqual(actions, ['ConfigMap c unchanged', 'Deployment d created']);
  });

  test('what only a person can decide is sent as it is, but not by a plan, nor where more is in the way', async () => {
    const { configuration } = others[0]!;
    const outlook = { live: configuration, result: undefined, conflicts: [conflict] };
    for (const [mode, asks, asked] of [
      ['apply', true, ['ConfigMap c']],
      ['apply', false, []],
      ['plan', true, []],
    ] as const) {
      const writer = new ScriptedWriter();
      writer.looks.set('ConfigMap c', { ...outlook, asks });
      const { report } = await run(others, writer, { mode });
      assert.deepEqual([report.outcome, writer.asked, writer.written], ['conflicts', asked, []]);
      assert.deepEqual(report.notes, asked.length === 0 ? [] : ['ConfigMap default/c waits']);
    }
  });

  test('a plan writes nothing', async () => {
    const writer = new ScriptedWriter();
    const { report, actions } = await run(others, writer, { mode: 'plan' });
    assert.deepEqual([report.outcome, writer.written], ['planned', []]);
    assert.deepEqual(actions, ['ConfigMap c created', 'Deployment d created']);
  });
});

describe('while objects are written', () => {
  test('one that fails keeps only those back that cannot be without it', async () => {
    const writer = new ScriptedWriter();
    writer.writes.set('Namespace shop', [failure(403, 'Forbidden', 'not yours')]);
    const { report, actions } = await run([...shop, ...others], writer);
    assert.equal(report.outcome, 'failed');
    assert.deepEqual(writer.written, ['ConfigMap c', 'Deployment d']);
    assert.deepEqual([...actions].sort(), [
      'ConfigMap a skipped',
      'ConfigMap c created',
      'Deployment b skipped',
      'Deployment d created',
      'Namespace shop failed',
    ]);
    const reasons = new Set(report.objects.filter(({ action }) => action === 'skipped').map(({ reason }) => reason));
    assert.deepEqual([...reasons], ['it needs Namespace shop']);
  });

  test('a conflict that comes about meanwhile is heeded, too, and the others are written', async () => {
    const writer = new ScriptedWriter();
    writer.writes.set('ConfigMap c', [conflict]);
    const { report, actions } = await run(others, writer);
    assert.equal(report.outcome, 'conflicts');
    assert.deepEqual(actions, ['ConfigMap c conflict', 'Deployment d created']);
    assert.deepEqual(report.objects[0]!.conflicts, [conflict]);
  });

  test('when the server is gone the rest is not tried', async () => {
    const writer = new ScriptedWriter();
    writer.writes.set('ConfigMap c', Array.from({ length: 20 }, lost));
    const { report, actions } = await run(others, writer);
    assert.equal(report.outcome, 'failed');
    assert.deepEqual(actions, ['ConfigMap c failed', 'Deployment d not applied']);
    assert.equal(report.objects[1]!.reason, 'the server does not answer any more');
  });

  test('who is asked to end writes the object to its end, and no other', async () => {
    const writer = new ScriptedWriter();
    const stop = new AbortController();
    writer.writes.set('ConfigMap c', async () => stop.abort());
    const { report, actions } = await run(others, writer, { signal: stop.signal });
    assert.equal(report.outcome, 'interrupted');
    assert.deepEqual(actions, ['ConfigMap c created', 'Deployment d not applied']);
  });

  test('an answer that does not come is not waited for when somebody ends it', async () => {
    const writer = new ScriptedWriter();
    const stop = new AbortController();
    const scripted: ObjectWriter = {
      look: (configuration) => writer.look(configuration),
      ask: (configuration) => writer.ask(configuration),
      write: (_configuration, signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
          stop.abort();
        }),
    };
    const { report, actions } = await run(others, writer, { signal: stop.signal, writer: scripted });
    assert.equal(report.outcome, 'interrupted');
    assert.deepEqual(actions, ['ConfigMap c unknown', 'Deployment d not applied']);
  });

  test('no more are written at the same time than was said', async () => {
    const writer = new ScriptedWriter();
    let now = 0;
    let most = 0;
    const many = Array.from({ length: 20 }, (_, i) => manifest('ConfigMap', `m${i}`, 'default'));
    for (const { configuration } of many)
      writer.writes.set(nameOf(configuration), async () => {
        most = Math.max(most, ++now);
        await new Promise(setImmediate);
        now--;
      });
    await run(many, writer, { parallel: 4 });
    assert.equal(most, 4);
  });
});
