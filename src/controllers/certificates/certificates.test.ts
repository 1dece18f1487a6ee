import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recognized } from './certificatesigningrequest-approving-controller.ts';
import { whyOld } from './old.ts';
import type { CertificateRequestObject, RequestCondition } from './request.ts';

const HOUR_MS = 3_600_000;
const CREATED = '2026-01-01T00:00:00Z';
const request = (conditions?: readonly RequestCondition[], certificate?: string): CertificateRequestObject => ({
  metadata: { name: 'r', creationTimestamp: CREATED },
  spec: { signerName: 'kubernetes.io/kube-apiserver-client', request: '' },
  status: { ...(conditions && { conditions }), ...(certificate && { certificate }) },
});
const since = (type: string): RequestCondition => ({ type, status: 'True', lastUpdateTime: CREATED });
const after = (hours: number) => Date.parse(CREATED) + hours * HOUR_MS + 1;

test('requests are old after an hour if they are answered, and after a day if they are not', () => {
  const cases: [CertificateRequestObject, number, string | undefined][] = [
    [request(), 23, undefined],
    [request(), 24, 'nobody answered it'],
    [request([since('Denied')]), 0.5, undefined],
    [request([since('Denied')]), 1, 'it was denied'],
    [request([since('Failed')]), 1, 'it failed'],
    [request([since('Approved')]), 1, undefined],
    [request([since('Approved')]), 24, 'nobody signed it'],
    [request([since('Approved')], 'bm9uZQ=='), 1, 'its certificate was fetched long ago'],
  ];
  for (const [one, hours, why] of cases) assert.equal(whyOld(one, after(hours)), why);
});

test('what is for another signer is approved by nobody here, and what is no request is told', () => {
  assert.deepEqual(recognized(request()), []);
  const broken = {
    ...request(),
    spec: { signerName: 'kubernetes.io/kube-apiserver-client-kubelet', request: 'bm9uZQ==' },
  };
  assert.throws(() => recognized(broken), /unable to parse csr/);
});
