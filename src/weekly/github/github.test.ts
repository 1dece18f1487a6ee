import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, it } from 'node:test';
import { GitHubClient, type GitHubError } from './client.ts';
import { readGitHubExport } from './export-file.ts';
import { recordOf } from './record.ts';

function cases<T>(name: string): readonly T[] {
  return JSON.parse(readFileSync(new URL(`../../../src/weekly/github/testdata/${name}`, import.meta.url), 'utf8'));
}

describe('what GitHub says of one thing', () => {
  for (const { name, json, record } of cases<{ name: string; json: unknown; record?: object }>('records.json'))
    it(name, () => assert.deepEqual(recordOf(json), record));
});

describe('a file of an export', () => {
  interface Case {
    readonly name: string;
    readonly text: string;
    readonly numbers?: readonly number[];
    readonly defects?: readonly string[];
    readonly error?: string;
  }
  for (const { name, text, numbers, defects = [], error } of cases<Case>('exports.json'))
    it(name, () => {
      if (error !== undefined) return assert.throws(() => readGitHubExport(text), { message: error });
      const found = readGitHubExport(text);
      assert.deepEqual([found.records.map((record) => record.number), found.defects], [numbers, defects]);
    });
});

type Answering = (request: IncomingMessage, response: ServerResponse) => void;

describe('the API', () => {
  const closings: (() => void)[] = [];
  after(() => closings.forEach((close) => close()));

  /** A client of a server on loopback that answers as it is told. */
  async function clientOf(
    answer: Answering,
    now = new Date('2026-01-01T00:00:00Z'),
  ): Promise<{ client: GitHubClient; seen: IncomingMessage[] }> {
    const seen: IncomingMessage[] = [];
    const server = createServer((request, response) => {
      seen.push(request);
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closings.push(() => (server.closeAllConnections(), server.close()));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { client: new GitHubClient({ baseUrl, token: 'secret-token', fetch, now: () => now }), seen };
  }

  const pull = { html_url: 'https://github.com/o/r/pull/7', number: 7, title: 'One', state: 'open' };

  it('is sent the token, and asked with the etag that it gave', async () => {
    const { client, seen } = await clientOf(({ headers }, response) => {
      response.writeHead(headers['if-none-match'] === '"1"' ? 304 : 200, { etag: '"1"' });
      response.end(headers['if-none-match'] === '"1"' ? undefined : JSON.stringify(pull));
    });
    const first = await client.numbered('PullRequest', 'o/r', 7);
    assert.deepEqual([first.value?.title, first.etag], ['One', '"1"']);
    assert.deepEqual(await client.numbered('PullRequest', 'o/r', 7, { etag: '"1"' }), { etag: '"1"' });
    assert.deepEqual(
      seen.map(({ url, headers }) => [url, headers.authorization]),
      Array(2).fill(['/repos/o/r/pulls/7', 'Bearer secret-token']),
    );
  });

  it('is asked no more until its limit begins anew', async () => {
    const { client, seen } = await clientOf((_, response) => {
      response.writeHead(403, {
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': `${Date.parse('2026-01-01T01:00:00Z') / 1000}`,
      });
      response.end('{"message": "API rate limit exceeded"}');
    });
    for (let i = 0; i < 2; i++)
      await assert.rejects(client.numbered('Issue', 'o/r', 1), ({ retryAt, message }: GitHubError) => {
        assert.ok(!message.includes('secret-token'));
        return retryAt?.toISOString() === '2026-01-01T01:00:00.000Z';
      });
    assert.equal(seen.length, 1);
  });

  it('is asked again the next day, whatever it says', async () => {
    const { client } = await clientOf((_, response) =>
      response.writeHead(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '99999999999999' }).end(),
    );
    await assert.rejects(
      client.numbered('Issue', 'o/r', 1),
      ({ retryAt }: GitHubError) => retryAt?.toISOString() === '2026-01-02T00:00:00.000Z',
    );
  });

  const limits: readonly (readonly [
    name: string,
    status: number,
    said: string,
    headers: Record<string, string>,
    again: string,
  ])[] = [
    ['that says nothing of when', 403, 'You have exceeded a secondary rate limit.', {}, '00:01:00'],
    ['in another status, that says nothing at all', 429, '', {}, '00:01:00'],
    ['that says for how long', 403, 'You have exceeded a secondary rate limit.', { 'retry-after': '90' }, '00:01:30'],
    [
      'that was not of all it may ask',
      429,
      'slow',
      { 'x-ratelimit-remaining': '17', 'x-ratelimit-reset': '1' },
      '00:01:00',
    ],
  ];
  for (const [name, status, message, headers, again] of limits)
    it(`is left alone after a limit ${name}`, async () => {
      const { client, seen } = await clientOf((_, response) =>
        response.writeHead(status, headers).end(JSON.stringify({ message })),
      );
      for (let i = 0; i < 2; i++)
        await assert.rejects(
          client.newest('pulls', 'o/r'),
          ({ retryAt }: GitHubError) => retryAt?.toISOString() === `2026-01-01T${again}.000Z`,
        );
      assert.equal(seen.length, 1);
    });

  it('is asked again at once where it refuses one thing, or fails', async () => {
    const { client, seen } = await clientOf((_, response) =>
      response
        .writeHead(seen.length === 1 ? 403 : 502)
        .end(seen.length === 1 ? '{"message": "Must have rights"}' : '<html>'),
    );
    await assert.rejects(client.newest('pulls', 'o/r'), /: 403 Must have rights$/);
    await assert.rejects(client.newest('pulls', 'o/r'), /: 502 Bad Gateway$/);
    assert.equal(seen.length, 2);
  });

  const broken: readonly (readonly [name: string, body: string, why: RegExp])[] = [
    ['an object where a list should be', '{"message": "odd"}', /its answer is no list/],
    ['nothing where a list should be', 'null', /its answer is no list/],
    ['half of a list', '[{"html_url": "https://git', /its answer is no JSON/],
  ];
  for (const [name, body, why] of broken)
    it(`that answers with ${name} is not taken to have no news`, async () => {
      const { client } = await clientOf((_, response) => response.writeHead(200, { etag: '"1"' }).end(body));
      await assert.rejects(client.newest('pulls', 'o/r'), why);
    });

  it('that ends in the middle of an answer is an error', async () => {
    const { client } = await clientOf((_, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('[');
      setImmediate(() => response.destroy());
    });
    await assert.rejects(client.newest('pulls', 'o/r'));
  });

  it('that tells the token in its answer is not quoted with it', async () => {
    const { client } = await clientOf(({ headers }, response) =>
      response.writeHead(401).end(JSON.stringify({ message: `Bad credentials: ${headers.authorization}` })),
    );
    await assert.rejects(client.newest('pulls', 'o/r'), { message: /401 Bad credentials: Bearer …$/ });
  });

  for (const token of ['secret\ntoken', 'secret\u200btoken', 'secret token', ''])
    it(`is not asked with ${JSON.stringify(token)} for a token, which no error tells`, () =>
      assert.throws(
        () => new GitHubClient({ token, fetch, now: () => new Date(0) }),
        ({ message }: Error) => message.startsWith('the token must be one word') && !message.includes('secret'),
      ));

  it('is asked no longer than whoever asks wants to wait', async () => {
    const { client } = await clientOf(() => undefined);
    const ending = new AbortController();
    const asked = [
      client.numbered('PullRequest', 'o/r', 1, { signal: ending.signal }),
      client.newest('pulls', 'o/r', { signal: ending.signal }),
      client.mentions('o/r', 1, { signal: ending.signal }),
    ];
    setTimeout(() => ending.abort(new Error('enough')), 50);
    for (const { status, reason } of (await Promise.allSettled(asked)) as PromiseRejectedResult[])
      assert.deepEqual([status, (reason as Error).message], ['rejected', 'enough']);
    await assert.rejects(client.numbered('Issue', 'o/r', 1, { signal: ending.signal }), /^Error: enough$/);
  });

  it('is followed to where a repository was renamed, by no more than its own redirects', async () => {
    const { client, seen } = await clientOf((request, response) => {
      if (request.url === '/repos/o/old/pulls/7')
        response.writeHead(301, { location: '/repositories/1/pulls/7' }).end();
      else if (request.url === '/repositories/1/pulls/7') response.end(JSON.stringify(pull));
      else response.writeHead(302, { location: request.url }).end();
    });
    assert.equal((await client.numbered('PullRequest', 'o/old', 7)).value?.title, 'One');
    await assert.rejects(client.numbered('PullRequest', 'o/loop', 7), /redirects without end/);
    assert.equal(seen.length, 6);
  });

  it('that is not reached says so, with where it is', async () => {
    const client = new GitHubClient({ baseUrl: 'http://127.0.0.1:9', fetch, now: () => new Date(0) });
    await assert.rejects(client.numbered('Issue', 'o/r', 1), /^Error: Cannot reach http:\/\/127\.0\.0\.1:9: /);
  });

  it('that answers with a page says so', async () => {
    const { client } = await clientOf((_, response) => response.end('<html>'));
    await assert.rejects(client.numbered('Issue', 'o/r', 1), /its answer is no JSON/);
  });

  it('does not lead to another place', async () => {
    const { client } = await clientOf((_, response) =>
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    );
    await assert.rejects(client.numbered('Issue', 'o/r', 1));
  });

  it('gives issues without the pull requests among them', async () => {
    const issue = { ...pull, html_url: 'https://github.com/o/r/issues/8', number: 8 };
    const { client } = await clientOf((_, response) =>
      response.end(JSON.stringify([issue, { ...pull, pull_request: {} }])),
    );
    assert.deepEqual(
      (await client.newest('issues', 'o/r')).value?.map(({ number }) => number),
      [8],
    );
  });

  it('gives what names a pull request, over all pages', async () => {
    const event = (number: number) => ({
      event: 'cross-referenced',
      source: {
        issue: {
          html_url: `https://github.com/o/r/pull/${number}`,
          number,
          state: 'open',
          pull_request: {},
          created_at: 'x',
        },
      },
    });
    const { client } = await clientOf(({ url }, response) => {
      const page = Number(new URL(url!, 'http://x').searchParams.get('page'));
      response.end(JSON.stringify(page === 1 ? [...Array(99).fill({ event: 'labeled' }), event(9)] : [event(10)]));
    });
    assert.deepEqual(
      (await client.mentions('o/r', 7)).map(({ number }) => number),
      [9, 10],
    );
  });

  it('is refused a token in the clear', () => {
    const options = { baseUrl: 'http://git.example.org/api/v3', token: 'secret-token', fetch, now: () => new Date() };
    assert.throws(() => new GitHubClient(options), /a token must not be sent to http:\/\/git.example.org in the clear/);
  });
});
