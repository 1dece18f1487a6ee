import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressWithoutSecrets, withoutSecrets } from './without-secrets.ts';

const addresses: readonly (readonly [string, string])[] = [
  ['https://feeds.example/a/feed.xml', 'https://feeds.example/a/feed.xml'],
  ['https://feeds.example/a@b?', 'https://feeds.example/a@b?'],
  ['https://anna:s3cret@feeds.example/', 'https://feeds.example/'],
  ['https://s3cret@feeds.example:8443/a', 'https://feeds.example:8443/a'],
  ['https://anna:s3@cret@feeds.example/', 'https://feeds.example/'],
  ['https:\\\\anna:s3cret@feeds.example', 'https:\\\\feeds.example'],
  ['//anna:s3cret@feeds.example/', '//feeds.example/'],
  ['ftp:anna:s3cret@feeds.example', 'ftp:feeds.example'],
  ['https://feeds.example/feed?format=rss&token=s3cret', 'https://feeds.example/feed?format=…&token=…'],
  ['https://feeds.example/feed?token=s3=cret==#top', 'https://feeds.example/feed?token=…#top'],
  ['https://feeds.example/feed?s3cret', 'https://feeds.example/feed?…'],
  ['https://feeds.example/feed?=s3cret;a=?s3cret', 'https://feeds.example/feed?…;a=…'],
  ['https://feeds.example/feed?a%5B%5D=s3cret', 'https://feeds.example/feed?…'],
  ['https://feeds.example/feed?a=s3/cret@x', 'https://feeds.example/feed?a=…'],
];
for (const [address, told] of addresses)
  test(`of ${address} is told ${told}`, () => assert.equal(addressWithoutSecrets(address), told));

const texts: readonly (readonly [string, string])[] = [
  [
    "fatal: unable to access 'https://a:s3cret@h.example/r.git/': no",
    "fatal: unable to access 'https://h.example/r.git/': no",
  ],
  [
    `fatal: unable to access 'https://a:s3'cr"et@h.example/r.git/': no`,
    "fatal: unable to access 'https://h.example/r.git/': no",
  ],
  [
    "'https://h.example' and 'https://i.example', by anna@h.example",
    "'https://h.example' and 'https://i.example', by anna@h.example",
  ],
  ['http:a:s3cret@h.example and <ssh://s3cret@h.example/r>', 'http:h.example and <ssh://h.example/r>'],
  [
    'git@h.example:team/site.git, HEAD:./a@b, mail anna@h.example',
    'git@h.example:team/site.git, HEAD:./a@b, mail anna@h.example',
  ],
];
for (const [text, told] of texts)
  test(`of ${JSON.stringify(text)} is told ${told}`, () => assert.equal(withoutSecrets(text), told));

test('a long text without an end takes no time to speak of', () => {
  const long = `https://${'a:b@'.repeat(100_000)}${'?'.repeat(100_000)}`;
  assert.equal(withoutSecrets(long).includes('b@'), false);
  for (const text of ["https:''".repeat(50_000), 'a-'.repeat(200_000)]) assert.equal(withoutSecrets(text), text);
});
