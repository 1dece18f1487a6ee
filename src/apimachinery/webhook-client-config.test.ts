import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isSameService, type WebhookClientConfig, webhookService, webhookUrl } from './webhook-client-config.ts';

const at = (path?: string) => ({ service: { namespace: 'a', name: 'hooks', ...(path !== undefined && { path }) } });

describe('where a webhook is called', () => {
  const cases: readonly (readonly [name: string, config: WebhookClientConfig, url: string])[] = [
    ['a service is called by its name', at('/x'), 'https://hooks.a.svc:443/x'],
    ['without a path at the root', at(), 'https://hooks.a.svc:443/'],
    ['at its own port', { service: { ...at().service, port: 8443 } }, 'https://hooks.a.svc:8443/'],
    ['the path has one slash where there were several', at('//x//y/'), 'https://hooks.a.svc:443/x/y'],
    ['and nothing that goes to and fro', at('x/../y/./z'), 'https://hooks.a.svc:443/y/z'],
    ['a URL stays, without its query', { url: 'https://127.0.0.1:9443//x/?a=1' }, 'https://127.0.0.1:9443/x'],
    ['with its port as it is spelled', { url: 'https://hooks.example:443' }, 'https://hooks.example:443/'],
  ];
  for (const [name, config, url] of cases) test(name, () => assert.equal(webhookUrl(config), url));
});

test('a service is the same by namespace, name and port', () => {
  const one = webhookService(at('/x'))!;
  assert.deepEqual(one, { namespace: 'a', name: 'hooks', port: 443 });
  assert.equal(isSameService(one, webhookService(at('/y'))!), true);
  for (const other of [{ namespace: 'b' }, { name: 'other' }, { port: 1 }])
    assert.equal(isSameService(one, { ...one, ...other }), false);
  assert.equal(webhookService({ url: 'https://hooks.example' }), undefined);
});
