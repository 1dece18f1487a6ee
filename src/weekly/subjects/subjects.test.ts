import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { subjectOf } from './subject.ts';
import { followUpOf, type Mention, type SubjectState, successorAmong } from './subject-state.ts';

function cases<T>(name: string): readonly T[] {
  return JSON.parse(readFileSync(new URL(`../../../src/weekly/subjects/testdata/${name}`, import.meta.url), 'utf8'));
}

describe('what a story is about, by its address', () => {
  for (const { address, subject } of cases<{ address: string; subject?: object }>('addresses.json'))
    it(address, () => assert.deepEqual(subjectOf(address), subject));
});

describe('what is told again of a subject', () => {
  const subject = { url: 'https://github.com/cilium/cilium/pull/1', title: 'DSR with IPIP' };
  interface Case {
    readonly name: string;
    readonly before: Pick<SubjectState, 'state'>;
    readonly now: Pick<SubjectState, 'state'>;
    readonly reason?: string;
    readonly text?: string;
  }
  for (const { name, before, now, reason, text } of cases<Case>('follow-ups.json'))
    it(name, () => {
      const found = followUpOf({ ...subject, ...before }, { ...subject, ...now });
      assert.deepEqual([found?.reason, found?.text], [reason, text]);
    });
});

describe('the successor of a pull request that was closed', () => {
  const subject = { repository: 'cilium/cilium', number: 3, title: 'datapath: Support DSR with IPIP in CNI mode' };
  for (const { name, mentions, successor } of cases<{
    name: string;
    mentions: readonly Partial<Mention>[];
    successor?: number;
  }>('successors.json'))
    it(name, () => {
      const all = mentions.map((mention) => ({
        repository: subject.repository,
        created: '2022-10-21T00:00:00Z',
        url: `${mention.number}`,
        ...mention,
      })) as readonly Mention[];
      assert.equal(successorAmong(subject, all)?.url, successor === undefined ? undefined : `${successor}`);
    });
});
