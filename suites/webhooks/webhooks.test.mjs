// A webhook server in JavaScript against `nekube up`.
import { after, before, describe, test } from 'node:test';
import { startNekube } from '../servers.mjs';
import { tellStory } from './story.mjs';

describe('a webhook server in JavaScript', () => {
  for (const [title, byService] of [
    ['by its URL', false],
    ['by a service', true],
  ]) {
    describe(title, () => {
      let server;
      before(async () => {
        server = await startNekube();
      });
      after(() => server?.stop());
      test('changes and refuses pods', () => tellStory(server, { byService }));
    });
  }
});
