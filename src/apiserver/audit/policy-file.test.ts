import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAuditPolicy } from './policy-file.ts';
import cases from './testdata/policies.json' with { type: 'json' };

/** Recorded from kube-apiserver, which does not start, or logs a warning. */
interface Case {
  readonly name: string;
  readonly policy: string;
  readonly error?: string;
  readonly warning?: string;
}

for (const { name, policy, error, warning } of cases as readonly Case[]) {
  test(`a policy file: ${name}`, () => {
    const warnings: string[] = [];
    const parse = (): unknown => parseAuditPolicy(policy, (text) => warnings.push(text));
    if (error === undefined) assert.doesNotThrow(parse);
    else assert.throws(parse, { message: error });
    assert.deepEqual(warnings, warning === undefined ? [] : [warning]);
  });
}
