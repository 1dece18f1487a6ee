import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CliError } from './io.ts';
import { parseObjectArguments } from './object-arguments.ts';

const READ: Readonly<Record<string, readonly (readonly [resource: string, name?: string])[]>> = {
  deploy: [['deploy']],
  'deploy,svc': [['deploy'], ['svc']],
  'deploy web db': [
    ['deploy', 'web'],
    ['deploy', 'db'],
  ],
  'deploy,svc web': [
    ['deploy', 'web'],
    ['svc', 'web'],
  ],
  'deploy/web deployments.v1.apps/db': [
    ['deploy', 'web'],
    ['deployments.v1.apps', 'db'],
  ],
};

for (const [line, expected] of Object.entries(READ)) {
  test(`"${line}" is read as kubectl reads it`, () => {
    const read = parseObjectArguments(line.split(' ')).map(({ resource, name }) =>
      name === undefined ? [resource] : [resource, name],
    );
    assert.deepEqual(read, expected);
  });
}

const REFUSED: Readonly<Record<string, RegExp>> = {
  '': /not said/,
  'deploy,': /No kind in "deploy,"/,
  'deploy deploy/web': /"deploy" beside "deploy\/web"/,
  'deploy/web web': /"web" beside "deploy\/web"/,
  'deploy/': /Cannot read "deploy\/"/,
  '/web': /Cannot read "\/web"/,
  'a/b/c': /Cannot read "a\/b\/c"/,
  'deploy,svc/web': /Cannot read/,
};

for (const [line, message] of Object.entries(REFUSED)) {
  test(`"${line}" is refused, and how to mend it is said`, () => {
    assert.throws(
      () => parseObjectArguments(line === '' ? [] : line.split(' ')),
      (error: unknown) => error instanceof CliError && message.test(error.message) && error.hint !== undefined,
    );
  });
}
