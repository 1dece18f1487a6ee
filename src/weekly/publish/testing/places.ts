import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { IssueDocument } from '../../issue/model.ts';

/** An issue that breaks no rule. */
export const ISSUE: IssueDocument = {
  number: 7,
  date: '2031-05-02',
  language: 'en',
  title: 'Harbor Weekly 7',
  emoji: '🚢',
  type: 'tech',
  topics: ['kubernetes'],
  published: true,
  introduction: [{ id: 'a', kind: 'paragraph', text: 'Hello.' }],
  sections: [],
};
/** The same with another text. */
export const EDITED: IssueDocument = { ...ISSUE, introduction: [{ id: 'a', kind: 'paragraph', text: 'Hello again.' }] };
/** Where it is published. */
export const PATH = 'articles/harbor-weekly-0007.md';

/** A folder that is there as long as the test. */
export function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'nekube-publish-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** What git says. @throws Error if it says no */
export function git(at: string, ...args: string[]): string {
  return execFileSync('git', ['-C', at, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

/** A repository with nothing in it. */
export function repository(t: TestContext): string {
  const at = folder(t);
  git(at, 'init', '--quiet', '--initial-branch=main');
  git(at, 'config', 'user.name', 'Test');
  git(at, 'config', 'user.email', 'test@example.com');
  git(at, 'config', 'commit.gpgsign', 'false');
  return at;
}

/** A repository with the remote `origin`, which has its branch. */
export function repositoryWithRemote(t: TestContext): { readonly to: string; readonly remote: string } {
  const [to, remote] = [repository(t), folder(t)];
  git(remote, 'init', '--quiet', '--bare', '--initial-branch=main');
  git(to, 'remote', 'add', 'origin', remote);
  git(to, 'commit', '--quiet', '--allow-empty', '--message', 'Begin');
  git(to, 'push', '--quiet', '--set-upstream', 'origin', 'main');
  return { to, remote };
}
