import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTROLLERS } from 'nekube/controllers';
import { complete } from './complete.ts';
import { controllersOf } from './controllers.ts';
import { CliError } from './io.ts';
import { Command } from 'commander';

test('a controller that there is not is refused, with those that there are', () => {
  assert.throws(
    () => controllersOf('pods'),
    (error) => {
      assert.ok(error instanceof CliError);
      assert.equal(error.message, 'Cannot run the controllers "pods": "pods" is not in the list of known controllers');
      assert.equal(error.hint, `give --controllers all, none, or some of ${CONTROLLERS.join(', ')}`);
      return true;
    },
  );
});

test('a shell completes the names of controllers', () => {
  const root = new Command();
  root.addCommand(new Command('up').option('--controllers <names>'));
  const words = (last: string): string[] =>
    complete(root, ['up', '--controllers', last]).candidates.map(({ word }) => word);
  assert.deepEqual(words(''), ['all', 'none', ...CONTROLLERS]);
  assert.deepEqual(words('namespace-'), ['namespace-controller']);
});
