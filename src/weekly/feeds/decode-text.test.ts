import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeText } from './decode-text.ts';

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const ascii = (text: string) => Buffer.from(text, 'latin1').toString('hex');

/** 日本のあれ in the three encodings. */
const SJIS = '93fa 967b 82cc 82a0 82ea';
const EUC = 'c6fc cbdc a4ce a4a2 a4ec';
const JIS = `1b2442 467c 4b5c 244e 2422 246c 1b2842`;
const UTF8 = Buffer.from('日本のあれ').toString('hex');
const TEXT = '日本のあれ';

interface Case {
  readonly name: string;
  readonly hex: string;
  readonly contentType?: string;
  readonly text?: string;
  readonly encoding: string;
  readonly codes?: readonly string[];
}

const cases: readonly Case[] = [
  { name: 'UTF-8 needs no declaration', hex: UTF8, encoding: 'utf-8' },
  { name: 'Shift_JIS is seen without a declaration', hex: SJIS, encoding: 'shift_jis', codes: ['EncodingUndeclared'] },
  { name: 'EUC-JP is seen without a declaration', hex: EUC, encoding: 'euc-jp', codes: ['EncodingUndeclared'] },
  {
    name: 'ISO-2022-JP is seen without a declaration',
    hex: JIS,
    encoding: 'iso-2022-jp',
    codes: ['EncodingUndeclared'],
  },
  {
    name: 'Shift_JIS is seen after much ASCII',
    hex: `${ascii('a'.repeat(100_000))}${SJIS}`,
    text: 'a'.repeat(100_000) + TEXT,
    encoding: 'shift_jis',
    codes: ['EncodingUndeclared'],
  },
  {
    name: 'ISO-2022-JP is seen after much ASCII',
    hex: `${ascii('a'.repeat(100_000))}${JIS}`,
    text: 'a'.repeat(100_000) + TEXT,
    encoding: 'iso-2022-jp',
    codes: ['EncodingUndeclared'],
  },
  { name: 'the header is believed', hex: SJIS, contentType: 'text/xml; charset=x-sjis', encoding: 'shift_jis' },
  {
    name: 'a header in quotes with a name that no standard has is believed',
    hex: SJIS,
    contentType: 'application/rss+xml; Charset="cp932"',
    encoding: 'shift_jis',
  },
  {
    name: 'the declaration is believed',
    hex: `${ascii('<?xml version="1.0" encoding="EUC-JP"?>')}${EUC}`,
    text: `<?xml version="1.0" encoding="EUC-JP"?>${TEXT}`,
    encoding: 'euc-jp',
  },
  {
    name: 'a declaration of UTF-8 on Shift_JIS is wrong',
    hex: `${ascii('<?xml version="1.0" encoding="UTF-8"?>')}${SJIS}`,
    text: `<?xml version="1.0" encoding="UTF-8"?>${TEXT}`,
    encoding: 'shift_jis',
    codes: ['EncodingWrong'],
  },
  {
    name: 'a header of ISO-8859-1 on UTF-8 is wrong',
    hex: UTF8,
    contentType: 'text/xml; charset=ISO-8859-1',
    encoding: 'utf-8',
    codes: ['EncodingWrong'],
  },
  {
    name: 'where header and declaration differ, the one that the bytes can be is believed',
    hex: `${ascii('<?xml version="1.0" encoding="EUC-JP"?>')}${EUC}`,
    contentType: 'text/xml; charset=Shift_JIS',
    text: `<?xml version="1.0" encoding="EUC-JP"?>${TEXT}`,
    encoding: 'euc-jp',
    codes: ['EncodingConflict', 'EncodingWrong'],
  },
  {
    name: 'a byte order mark is before the header',
    hex: `efbbbf${UTF8}`,
    contentType: 'text/xml; charset=shift_jis',
    encoding: 'utf-8',
  },
  { name: 'UTF-16 by its mark', hex: `fffe${Buffer.from(TEXT, 'utf16le').toString('hex')}`, encoding: 'utf-16le' },
  {
    name: 'UTF-16 by its zeros',
    hex: Buffer.from('<rss version="2.0">', 'utf16le').toString('hex'),
    text: '<rss version="2.0">',
    encoding: 'utf-16le',
    codes: ['EncodingUndeclared'],
  },
  {
    name: 'UTF-16 that is declared and evidently not there is UTF-8',
    hex: ascii('<?xml version="1.0" encoding="utf-16"?><rss/>'),
    text: '<?xml version="1.0" encoding="utf-16"?><rss/>',
    encoding: 'utf-8',
    codes: ['EncodingWrong'],
  },
  { name: 'UTF-32 by its mark', hex: `fffe0000 e5650000`, text: '日', encoding: 'utf-32le' },
  {
    name: 'quotes of windows-1252 that call themselves ISO-8859-1 are quotes',
    hex: '93 41 94 20 e9',
    contentType: 'text/xml; charset=iso-8859-1',
    text: '“A” é',
    encoding: 'windows-1252',
  },
  {
    name: 'one wrong byte in UTF-8 does not change the encoding',
    hex: `${UTF8}ff${UTF8}`,
    text: `${TEXT}\ufffd${TEXT}`,
    encoding: 'utf-8',
    codes: ['InvalidBytes'],
  },
  {
    name: 'a character that the end cuts off is left out',
    hex: UTF8.slice(0, -2),
    text: '日本のあ',
    encoding: 'utf-8',
  },
  {
    name: 'an encoding that nobody knows is named',
    hex: UTF8,
    contentType: 'text/xml; charset=martian',
    encoding: 'utf-8',
    codes: ['EncodingUnknown'],
  },
];

for (const { name, hex, contentType, text = TEXT, encoding, codes = [] } of cases)
  test(name, () => {
    const decoded = decodeText(bytes(hex), { contentType });
    assert.equal(decoded.text, text);
    assert.equal(decoded.encoding, encoding);
    assert.deepEqual(
      decoded.defects.map(({ code }) => code),
      codes,
    );
  });
