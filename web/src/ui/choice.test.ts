import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signal } from '@preact/signals';
import { Choice } from './choice.ts';

function choiceOf(...ids: readonly string[]) {
  const typed = signal('');
  const all = signal(ids);
  const choice = new Choice(
    () => typed.value,
    () => all.value.filter((id) => id.includes(typed.value)).map((id) => ({ id })),
  );
  return { choice, typed, all };
}

test('the first is chosen until one goes to another, and ends lead round', () => {
  const { choice } = choiceOf('a', 'b', 'c');
  assert.equal(choice.option?.id, 'a');
  choice.step(-1);
  assert.equal(choice.option?.id, 'c');
  choice.step(1);
  choice.step(1);
  assert.equal(choice.option?.id, 'b');
});

test('what was chosen for other letters is chosen no more', () => {
  const { choice, typed } = choiceOf('pod', 'port', 'pot');
  choice.step(1);
  choice.step(1);
  typed.value = 'po';
  assert.equal(choice.option?.id, 'pod');
});

test('what is chosen stays so wherever others put it; where it goes the first is chosen', () => {
  const { choice, all } = choiceOf('a', 'c');
  choice.step(1);
  all.value = ['a', 'b', 'b2', 'c', 'd'];
  assert.equal(choice.option?.id, 'c');
  assert.equal(choice.index.value, 3);
  all.value = ['a', 'b'];
  assert.equal(choice.option?.id, 'a');
});

test('of nothing nothing is chosen', () => {
  const { choice, typed } = choiceOf('a');
  typed.value = 'x';
  choice.step(1);
  assert.equal(choice.option, undefined);
  assert.equal(choice.index.value, -1);
});
