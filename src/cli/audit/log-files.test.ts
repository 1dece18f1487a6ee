import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Io } from '../io.ts';
import { readAuditLogs } from './log-files.ts';

describe('audit logs as files', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'nekube-logs-'));
  after(() => rmSync(cwd, { recursive: true }));

  async function read(bytes: Uint8Array): Promise<{ readonly requests: number; readonly stderr: string }> {
    let stderr = '';
    writeFileSync(join(cwd, 'audit.log.gz'), bytes);
    const io = { cwd, stderr: (text: string) => void (stderr += text) } as unknown as Io;
    const requests = await readAuditLogs(['audit.log.gz'], io);
    return { requests: requests.length, stderr };
  }

  const lines = Array.from({ length: 5000 }, (_, i) =>
    JSON.stringify({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      auditID: `${i}`,
      stage: 'ResponseComplete',
      verb: 'get',
      requestURI: `/api/v1/namespaces/a/secrets/${i}`,
      requestReceivedTimestamp: '2026-01-01T00:00:00Z',
    }),
  );
  const packed = gzipSync(lines.join('\n'));

  test('are read packed', async () => assert.deepEqual(await read(packed), { requests: 5000, stderr: '' }));

  test('that end in the middle are read as far as they go, which is told', async () => {
    const { requests, stderr } = await read(packed.subarray(0, packed.length / 2));
    assert.ok(requests > 0 && requests < 5000, `${requests}`);
    assert.match(stderr, /warning: audit\.log\.gz: unexpected end of file: what comes after is not in here\n$/);
  });

  test('that are not packed, though they are called so, are an error that names the file', async () => {
    await assert.rejects(read(Buffer.from(lines[0]!)), /^CliError: audit\.log\.gz: incorrect header check$/);
  });
});
