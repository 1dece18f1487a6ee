// The audit events of a long story, compared with those that kube-apiserver wrote of it.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { differencesOf, tellOurs } from './differences.mjs';

/**
 * Steps that are meant to differ: kube-apiserver loses the event of a patch that is no JSON (apply in YAML, for one), as
 * it cannot write the body into its log; here the body of YAML is written as JSON, and what is neither is left out.
 */
const BETTER = /\/(patch-unreadable|apply-yaml)$/;

describe('the audit log of a story', () => {
  let told;
  before(async () => {
    told = await tellOurs();
  });

  test('has the events of kube-apiserver', () => {
    const found = differencesOf(told.events).filter(({ name }) => !BETTER.test(name));
    const lines = found.flatMap(({ name, differences }) => [name, ...differences.map((line) => `    ${line}`)]);
    assert.equal(lines.join('\n'), '');
  });

  test('has no token that somebody came with, and no secret above its level', () => {
    assert.equal(/admintoken|Bearer/.test(told.text), false);
    const secrets = told.text.split('\n').filter((line) => line.includes('"resource":"secrets","namespace":"default"'));
    assert.ok(secrets.length >= 10);
    const hidden = ['hidden', Buffer.from('hidden').toString('base64')];
    assert.deepEqual(
      secrets.filter((line) => hidden.some((text) => line.includes(text))),
      [],
    );
  });
});
