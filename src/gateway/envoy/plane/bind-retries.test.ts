import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindFailure, isBindFailure } from './bind-retries.ts';

test('what Envoy says of an address is told with what to do, and known again', () => {
  const said = "error adding listener '127.0.0.2:80': cannot bind '127.0.0.2:80': Address already in use";
  const told = bindFailure('127.0.0.2:80', said);
  assert.match(told, /^Cannot listen on 127\.0\.0\.2:80: another program has that port: stop it/);
  assert.ok(isBindFailure(told));
  assert.match(
    bindFailure('[::]:80/udp', "cannot bind '[::]:80': Permission denied"),
    /ip_unprivileged_port_start=80 /,
  );
  assert.equal(bindFailure('[::]:80', 'no such filter'), 'no such filter');
});
