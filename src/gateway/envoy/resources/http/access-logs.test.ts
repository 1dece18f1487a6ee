import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccessLog } from '../../../model/index.ts';
import { accessLogs } from './access-logs.ts';

const cases: readonly (readonly [name: string, format: string, sent: string])[] = [
  ['who asks is not told', '%REQ(AUTHORIZATION)% %REQ(:PATH)%', '- %REQ(:PATH)%'],
  ['nor by the first header that is there', '%REQ(X-ID?Cookie):20% %PROTOCOL%', '- %PROTOCOL%'],
  ['nor what is answered', '%RESP(set-cookie)% %RESPONSE_HEADER(Proxy-Authorization)%', '- -'],
  ['a percent sign that is doubled begins nothing', '100%%REQ(COOKIE)%', '100%%REQ(COOKIE)%'],
  [
    'headers whose names go on are others',
    '%REQ(COOKIES)% %REQ(X-AUTHORIZATION)%',
    '%REQ(COOKIES)% %REQ(X-AUTHORIZATION)%',
  ],
];

for (const [name, format, sent] of cases) {
  test(`in lines of access logs ${name}`, () => {
    const sink = { type: 'File', path: '/dev/stdout' } as const;
    const logs = [
      { sink, format: { text: format } },
      { sink, format: { json: { a: format } } },
    ] as readonly AccessLog[];
    const text = JSON.stringify(accessLogs(logs, 'http'));
    assert.ok(text.includes(JSON.stringify(`${sent}\n`)), text);
    assert.ok(text.includes(`"json_format":{"a":${JSON.stringify(sent)}}`), text);
    const collector = { sink: { type: 'OpenTelemetry', backend: 'b' }, format: { json: { a: format } } };
    assert.ok(JSON.stringify(accessLogs([collector] as unknown as AccessLog[], 'http')).includes(JSON.stringify(sent)));
  });
}
