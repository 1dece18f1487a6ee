// What the commands of an editor refuse, with the way out that they name: each is typed, and then its fix.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connect } from 'nekube/client';
import { installWeekly } from 'nekube/weekly';
import { startNekube } from '../servers.mjs';
import { weekly } from './processes.mjs';

const FEED = 'https://feeds.example/feed.xml';
const PAGE = 'http://127.0.0.1:9/page';

describe('an editor is told the way out', () => {
  let server;

  before(async () => {
    server = await startNekube();
    const client = await connect({ kubeconfig: server.kubeconfig });
    await installWeekly(client);
    await client.close();
    await weekly(server.kubeconfig, 'new', '1', '--title', 'One');
  });
  after(() => server?.stop());

  const CASES = [
    {
      name: 'who says otherwise of a feed than another editor',
      before: ['subscribe', FEED, '--name', 'example', '--weight', '50', '--as', 'ben'],
      refused: ['subscribe', FEED, '--name', 'example', '--weight', '70'],
      why: 'error: Cannot change feed example: Apply failed with 1 conflict: conflict with "ben": .spec.weightPercent',
      fix: '--force changes it all the same; --name NAME follows the source as a feed of its own',
      next: ['subscribe', FEED, '--name', 'example', '--weight', '70', '--force'],
      said: 'feed.weekly.nekube.dev/example serverside-applied\n',
    },
    {
      name: 'who proposes a page of a private network',
      refused: ['add', PAGE],
      why: `error: Cannot read ${PAGE}: 127.0.0.1 is at 127.0.0.1, which is not public; allow its network to read it`,
      fix: "--allow-network CIDR, if you trust what is there; --title 'TEXT' adds it without reading it",
      next: ['add', PAGE, '--title', 'What we learned'],
      said: 'story.weekly.nekube.dev/127-0-0-1-2433f2ca8c created: What we learned\n',
    },
    {
      name: 'who decides otherwise of a story than another editor',
      before: ['accept', '127-0-0-1', '--issue', '1', '--as', 'ben'],
      refused: ['decline', '127-0-0-1'],
      why: 'error: Apply failed with 1 conflict: conflict with "ben.decisions": .spec.state',
      fix: '--force decides it all the same',
      next: ['decline', '127-0-0-1', '--force'],
      said: '"What we learned" is declined\n',
    },
  ];

  for (const { name, before: first, refused, why, fix, next, said } of CASES)
    test(name, async () => {
      if (first) await weekly(server.kubeconfig, ...first);
      await assert.rejects(weekly(server.kubeconfig, ...refused), { code: 2, stderr: `${why}\n  fix: ${fix}\n` });
      assert.equal((await weekly(server.kubeconfig, ...next)).stdout, said);
    });

  test('who begins an issue on a day that there is none of', async () => {
    await assert.rejects(weekly(server.kubeconfig, 'new', '2', '--date', '2026-02-30'), ({ code, stderr }) => {
      assert.match(stderr, /'2026-02-30' is invalid\. It must be a day of the calendar, as 2006-01-31\./);
      return code === 2;
    });
  });

  test('who begins an issue with a title that Zenn will refuse, which other forms do not', async () => {
    const begun = await weekly(server.kubeconfig, 'new', '3', '--title', 'x'.repeat(71));
    assert.equal(begun.stdout, 'issue.weekly.nekube.dev/issue-3 created\n');
    assert.match(begun.stderr, /^Warning: --title: must have at most 70 characters; it has 71 where .* Zenn, which/);
    assert.equal((await weekly(server.kubeconfig, 'new', '4', '--title', 'x'.repeat(70))).stderr, '');
  });

  test('who votes by a name that is too long for one', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'nekube-refusals-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const kubeconfig = join(folder, 'kubeconfig');
    const text = readFileSync(server.kubeconfig, 'utf8');
    writeFileSync(kubeconfig, text.replace(/^( *)(token|client-key-data): /m, `$1as: ${'n'.repeat(111)}\n$&`));
    await assert.rejects(weekly(kubeconfig, 'vote', '127-0-0-1'), ({ code, stderr }) => {
      assert.match(
        stderr,
        /^error: "n+" is too long: .* more than 110 characters\n {2}fix: --as NAME is another name;/,
      );
      return code === 2;
    });
  });

  test('who lists stories where there are none is told where that is', async () => {
    const { stdout, stderr } = await weekly(server.kubeconfig, 'list', '-n', 'nowhere');
    assert.deepEqual([stdout, stderr], ['', 'No stories found in nowhere namespace.\n']);
  });

  test('whose feeds could all not be read', async () => {
    await weekly(server.kubeconfig, 'subscribe', 'https://127.0.0.1:9/feed.xml', '--name', 'private');
    const collecting = weekly(server.kubeconfig, 'collect', '--all', '--progress', 'plain');
    await assert.rejects(collecting, ({ code, stderr }) => {
      assert.match(stderr, /^private: .*not public.*\n {2}fix: --allow-network CIDR, if you trust what is there$/m);
      assert.match(stderr, /^nekube: no feed could be read$/m);
      return code === 1;
    });
    const waiting = await weekly(server.kubeconfig, 'collect', '--progress', 'none');
    assert.match(waiting.stdout, /^0 feeds: .*; 2 not due;/);
    assert.equal(waiting.stderr, 'note: --all reads those that are not due, too\n');
  });

  test('whose feed is read at once, though it is not due, when its network is allowed after all', async () => {
    const collecting = weekly(server.kubeconfig, 'collect', '--allow-network', '127.0.0.0/8', '--progress', 'none');
    await assert.rejects(collecting, ({ stderr }) => {
      assert.match(stderr, /^private: .*ECONNREFUSED/m);
      return true;
    });
  });

  test('who publishes what breaks rules of Zenn, which are mended in the text', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nekube-refusals-'));
    try {
      await assert.rejects(
        weekly(server.kubeconfig, 'publish', '1', '--to', folder, '--published'),
        ({ code, stderr }) => {
          assert.match(stderr, /^topics: must be a list of 1 to 5; there are 0 \[topics\]$/m);
          assert.match(
            stderr,
            /broken; nekube weekly render 1 > issue\.md has its text to change, and nekube weekly import issue\.md --apply/,
          );
          return code === 1;
        },
      );
      await assert.rejects(weekly(server.kubeconfig, 'new', '1'), ({ code, stderr }) => {
        assert.match(
          stderr,
          /^error: Issue 1 was begun before\n {2}fix: nekube weekly render 1 > issue\.md has its text/,
        );
        return code === 2;
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
