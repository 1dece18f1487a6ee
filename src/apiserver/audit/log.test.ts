import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { StagedEvent } from './event.ts';
import { type AuditLogOptions, openAuditLog } from './log.ts';

const folder = mkdtempSync(join(tmpdir(), 'nekube-log-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const received = new Date('2026-01-02T03:04:05.670Z');

function eventOf(more: Partial<StagedEvent['event']> = {}): StagedEvent {
  const event: StagedEvent['event'] = {
    level: 'RequestResponse',
    auditID: 'id-1',
    requestURI: '/version?a=<b>',
    verb: 'get',
    user: { name: 'ann', groups: ['dev'], extra: { b: ['2'], a: ['1'] } },
    sourceIPs: ['127.0.0.1'],
    userAgent: 'test',
    received,
    annotations: new Map([
      ['b', { value: '2', level: 'Metadata' }],
      ['a', { value: '1', level: 'Metadata' }],
    ]),
    ...more,
  };
  return { event, stage: 'ResponseComplete', time: new Date(received.getTime() + 8) };
}

let opened = 0;

/** What is in the log after the events, and what was complained of. */
async function logged(options: Partial<AuditLogOptions>, events: readonly StagedEvent[]): Promise<[string, string[]]> {
  const path = options.path ?? join(folder, `audit-${opened++}.log`);
  const complaints: string[] = [];
  const log = openAuditLog(
    { ...options, path },
    () => received,
    (line) => complaints.push(line),
  );
  for (const event of events) log.take(event);
  await log.close();
  return [readFileSync(path, 'utf8'), complaints];
}

const LINE =
  '{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"id-1","stage":"ResponseComplete",' +
  '"requestURI":"/version?a=\\u003cb\\u003e","verb":"get","user":{"username":"ann","groups":["dev"],"extra":{"a":["1"],"b":["2"]}},' +
  '"sourceIPs":["127.0.0.1"],"userAgent":"test","requestReceivedTimestamp":"2026-01-02T03:04:05.670000Z",' +
  '"stageTimestamp":"2026-01-02T03:04:05.678000Z","annotations":{"a":"1","b":"2"}}\n';

test('an event is a line of JSON', async () => {
  assert.deepEqual(await logged({}, [eventOf()]), [LINE, []]);
});

test('in batch mode all events are there at the end', async () => {
  assert.deepEqual(await logged({ mode: 'batch' }, [eventOf(), eventOf()]), [LINE + LINE, []]);
});

test('in batch mode events above the buffer are lost, and that is told', async () => {
  const [text, complaints] = await logged({ mode: 'batch', bufferSize: 1 }, [eventOf(), eventOf()]);
  assert.equal(text, LINE);
  assert.deepEqual(complaints, [
    "Error in audit plugin 'buffered' affecting 1 audit events: audit buffer queue blocked",
  ]);
});

test('the legacy format is one line of text', async () => {
  const [text] = await logged({ format: 'legacy' }, [eventOf({ responseStatus: { code: 200 } })]);
  assert.equal(
    text,
    '2026-01-02T03:04:05.67Z AUDIT: id="id-1" stage="ResponseComplete" ip="127.0.0.1" method="get" user="ann" ' +
      'groups="\\"dev\\"" as="<self>" asgroups="<lookup>" user-agent="test" namespace="<none>" uri="/version?a=<b>" response="200"\n',
  );
});

test('annotations that belong to bodies are not shown at the level of metadata', async () => {
  const annotations = new Map([['patch', { value: 'secret', level: 'Request' } as const]]);
  const [text] = await logged({}, [
    eventOf({ level: 'Metadata', annotations }),
    eventOf({ level: 'Request', annotations }),
  ]);
  assert.deepEqual(
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.includes('secret')),
    [false, true],
  );
});

test('an event that is too large loses its objects, and is left out when that is not enough', async () => {
  const large = JSON.stringify({ data: 'x'.repeat(1000) });
  const events = [eventOf({ requestObject: large }), eventOf({ userAgent: 'x'.repeat(1000) })];
  const [text, complaints] = await logged({ truncate: true, maxEventSize: 700 }, events);
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal(lines.length, 1);
  assert.equal('requestObject' in lines[0]!, false);
  assert.deepEqual(lines[0]!.annotations, { a: '1', 'audit.k8s.io/truncated': 'true', b: '2' });
  assert.equal(complaints.length, 1);
});

const FULL = '/dev/full';

for (const [mode, goesOn] of [
  ['blocking', true],
  ['blocking-strict', false],
] as const) {
  test(`on a full disk a request ${goesOn ? 'goes on' : 'fails'} in mode ${mode}, and it is told once`, {
    skip: existsSync(FULL) ? false : `there is no ${FULL}`,
  }, async () => {
    const complaints: string[] = [];
    const log = openAuditLog(
      { path: FULL, mode },
      () => received,
      (line) => complaints.push(line),
    );
    assert.deepEqual([log.take(eventOf()), log.take(eventOf())], [goesOn, goesOn]);
    await log.close();
    assert.equal(complaints.length, 1);
    assert.match(complaints[0]!, /^Error in audit plugin 'log' affecting 1 audit events: ENOSPC/);
  });
}
