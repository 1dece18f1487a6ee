// Random expressions in CEL: over all operators, functions and macros of Kubernetes' environment, most of them well
// typed, some with a part of another type, some with a broken syntax. The same for the same seed.
import { Random } from '../fuzz/random.mjs';

/** What expressions without a schema can name; values are as values.mjs has them. */
const int = (n) => ({ int: String(n) });
export const VARIABLES = {
  i: { type: 'int', value: int(7) },
  big: { type: 'int', value: int(2n ** 63n - 1n) },
  u: { type: 'uint', value: { uint: '3' } },
  d: { type: 'double', value: { double: '2.5' } },
  nan: { type: 'double', value: { double: 'NaN' } },
  t: { type: 'bool', value: true },
  s: { type: 'string', value: 'abc' },
  wide: { type: 'string', value: 'äöü💯 x' },
  by: { type: 'bytes', value: { bytes: 'aGVsbG//' } },
  ts: { type: 'google.protobuf.Timestamp', value: { timestamp: '2020-02-03T04:05:06.789Z' } },
  du: { type: 'google.protobuf.Duration', value: { duration: '5400000000001' } },
  li: { type: 'list(int)', value: [int(3), int(1), int(2)] },
  ls: { type: 'list(string)', value: ['b', 'a', 'b'] },
  ld: { type: 'list(dyn)', value: [int(1), 'a', { double: '1.5' }, null] },
  ms: { type: 'map(string, int)', value: { map: [['a', int(1)]] } },
  mi: { type: 'map(int, string)', value: { map: [[int(1), 'a']] } },
  md: { type: 'map(string, dyn)', value: { map: [['a', [int(1)]]] } },
  dy: { type: 'dyn', value: int(5) },
  ds: { type: 'dyn', value: 'text' },
  dl: { type: 'dyn', value: [int(1), { uint: '1' }, 'b'] },
  oi: { type: 'optional_type(int)', value: { optional: [int(4)] } },
  on: { type: 'optional_type(string)', value: { optional: [] } },
  wi: { type: 'wrapper(int)', value: null },
  nu: { type: 'null_type', value: null },
  unset: { type: 'int' },
};

const NAMES_OF = (() => {
  const names = {};
  for (const [name, { type }] of Object.entries(VARIABLES)) (names[short(type)] ??= []).push(name);
  return names;
})();

function short(type) {
  return (
    {
      'google.protobuf.Timestamp': 'ts',
      'google.protobuf.Duration': 'dur',
      string: 'str',
      'list(string)': 'list(str)',
      'map(string, int)': 'map(str,int)',
      'map(int, string)': 'map(int,str)',
      'map(string, dyn)': 'map(str,dyn)',
      'optional_type(int)': 'opt(int)',
      'optional_type(string)': 'opt(str)',
      'wrapper(int)': 'int',
      null_type: 'null',
    }[type] ?? type
  );
}

/** Paths in testdata/self.json by their types. */
const SELF = {
  int: [
    'int',
    'int32',
    'int64',
    'nested.dash__dash__ed',
    'nested.for',
    'nested.__for__',
    'nested.int',
    'ints[0]',
    'map[0].value',
    'objects[1].weight',
    'known.a',
    'nested.under__underscores__score',
  ],
  double: ['double', 'doubles[1]'],
  bool: ['bool'],
  str: [
    'string',
    'nullable',
    'absent',
    'enum',
    'uuid',
    'ip',
    'quantity',
    'strings[1]',
    'set[0]',
    'labels["app"]',
    'labels.app',
    'nested.type',
    'nested.__namespace__',
    'map[1].name',
    'objects[2].name',
  ],
  bytes: ['bytes'],
  ts: ['dateTime', 'date'],
  dur: ['duration'],
  dyn: ['intOrString', 'otherIntOrString', 'embedded.metadata.name', 'embedded.kind', 'nosuch', 'free.a'],
  'list(int)': ['ints'],
  'list(str)': ['strings', 'set'],
  'list(double)': ['doubles'],
  'map(str,str)': ['labels'],
  obj: ['map[0]', 'objects[0]', 'nested', 'known', 'embedded', 'free', ''],
  'list(obj)': ['map', 'objects'],
};

const LITERALS = {
  int: [
    '0',
    '1',
    '2',
    '-1',
    '-7',
    '10',
    '0x1f',
    '-0x10',
    '9223372036854775807',
    '-9223372036854775808',
    '4294967296',
    '9007199254740993',
  ],
  uint: ['0u', '1u', '2u', '7U', '0xFFu', '18446744073709551615u'],
  double: ['0.0', '1.5', '-2.5', '1e3', '1e308', '5e-324', '-0.0', '.5', '1.0', '9223372036854775808.0', '1e19', '0.1'],
  bool: ['true', 'false'],
  str: [
    '""',
    '"a"',
    "'b'",
    '"abc"',
    '"äöü💯"',
    '"a,b"',
    'r"\\d"',
    '"\\n"',
    '"\\u00e9\\t"',
    '"""q"q"""',
    '"1"',
    '"-5"',
    '"1.5"',
    '"2Gi"',
    '"10.0.0.1"',
    '"true"',
    '"1h"',
    '"2020-01-01T00:00:00Z"',
    '"/a b"',
    '"%s"',
  ],
  bytes: ['b""', 'b"abc"', "b'\\xff\\x00'", 'b"ä"', 'br"\\"', "b'\\303\\277'"],
  null: ['null'],
  type: [
    'int',
    'uint',
    'double',
    'bool',
    'string',
    'bytes',
    'list',
    'map',
    'null_type',
    'type',
    'google.protobuf.Timestamp',
    'google.protobuf.Duration',
    'optional_type',
    'net.IP',
    'net.CIDR',
    'kubernetes.Quantity',
  ],
  ts: [
    'timestamp("2020-01-01T00:00:00Z")',
    'timestamp("1969-12-31T23:59:59.999999999Z")',
    'timestamp(0)',
    'timestamp("9999-12-31T23:59:59.999999999Z")',
    'timestamp("0001-01-01T00:00:00Z")',
    'timestamp("2024-02-29T12:00:00+05:30")',
  ],
  dur: [
    'duration("1h")',
    'duration("-1.5s")',
    'duration("0")',
    'duration("1ns")',
    'duration("2540400h10m10.000000000s")',
    'duration("1h2m3s4ms5us6ns")',
  ],
  q: [
    'quantity("1")',
    'quantity("2Gi")',
    'quantity("-100m")',
    'quantity("1e3")',
    'quantity("0.1")',
    'quantity("9223372036854775807")',
    'quantity("1Ki")',
  ],
  ip: [
    'ip("10.0.0.1")',
    'ip("::1")',
    'ip("fe80::1")',
    'ip("224.0.0.1")',
    'ip("127.0.0.1")',
    'ip("0.0.0.0")',
    'ip("2001:db8::abcd")',
  ],
  cidr: ['cidr("10.0.0.0/8")', 'cidr("::/0")', 'cidr("192.168.1.7/24")', 'cidr("2001:db8::/32")'],
  semver: ['semver("1.2.3")', 'semver("0.0.1-alpha.1")', 'semver("v1.0", true)', 'semver("10.20.30+build")'],
  url: ['url("https://user:pw@example.com:80/path?k=a&k=b#f")', 'url("/p")', 'url("https://[::1]/")'],
  'opt(format)': [
    'format.named("dns1123Label")',
    'format.named("uuid")',
    'format.named("date")',
    'format.named("nosuch")',
  ],
  format: [
    'format.dns1123Label()',
    'format.uri()',
    'format.qualifiedName()',
    'format.byte()',
    'format.datetime()',
    'format.labelValue()',
    'format.dns1035Label()',
    'format.dns1123Subdomain()',
    'format.dns1035LabelPrefix()',
    'format.dns1123LabelPrefix()',
    'format.dns1123SubdomainPrefix()',
    'format.uuid()',
    'format.date()',
  ],
  'list(int)': ['[]', '[1]', '[1, 2, 3]', '[3, 1, 2, 1]', 'lists.range(4)'],
  'list(str)': ['[]', '["a"]', '["b", "a", "b"]'],
  'list(double)': ['[]', '[1.5, -2.0]'],
  'list(dyn)': ['[]', '[dyn(1), dyn("a")]', 'dyn([1, 2u, 3.0])'],
  'map(str,int)': ['{}', '{"a": 1}'],
  'map(int,str)': ['{}', '{1: "a"}'],
  'map(str,str)': ['{}', '{"a": "b"}'],
  'map(str,dyn)': ['{}', '{"a": dyn(1)}', '{"a": dyn([1])}'],
  dyn: [
    'dyn(1)',
    'dyn("a")',
    'dyn(1u)',
    'dyn(1.0)',
    'dyn(null)',
    'dyn([1])',
    'dyn({"a": 1})',
    'dyn(b"a")',
    'dyn(true)',
    'dyn(int)',
    'dyn(duration("1s"))',
    'dyn(optional.of(1))',
  ],
  'opt(int)': ['optional.none()', 'optional.of(1)', '[1][?0]', '[1][?5]'],
  'opt(str)': ['optional.none()', 'optional.of("a")', '{"a": "b"}.?a', '{"a": "b"}[?"c"]'],
};
LITERALS.obj = ['{"a": 1}'];
LITERALS['list(obj)'] = ['[{"name": "a"}]'];

const ZONES = ['"UTC"', '"America/New_York"', '"+05:30"', '"-08:00"', '"Nowhere/City"', '"02:00"'];
const SMALL = ['0', '1', '5', '-1', 'dyn(2)', 'size("abc")'];
const PATTERNS = ['"a+"', '"^[a-c]*$"', '"(a)(b)?"', '"\\\\d+"', '"("', '"."', 'r"\\pL"', '""'];

/** What gives a value of a type; `$type` stands for any expression of it, `#list` for one of a fixed list. */
const CALLS = {
  int: [
    '($int + $int)',
    '($int - $int)',
    '($int * $int)',
    '($int / $int)',
    '($int % $int)',
    '-$int',
    '-($int)',
    'int($int)',
    'int($uint)',
    'int($double)',
    'int($str)',
    'int($ts)',
    'size($str)',
    'size($bytes)',
    'size($list)',
    'size($map)',
    '$str.size()',
    '$list.size()',
    '$map.size()',
    '$bytes.size()',
    '$str.indexOf($str)',
    '$str.indexOf($str, $int)',
    '$str.lastIndexOf($str)',
    '$str.lastIndexOf($str, $int)',
    '$ts.getFullYear()',
    '$ts.getMonth()',
    '$ts.getDayOfYear()',
    '$ts.getDayOfMonth()',
    '$ts.getDate(#ZONES)',
    '$ts.getDayOfWeek(#ZONES)',
    '$ts.getHours(#ZONES)',
    '$ts.getHours()',
    '$ts.getMinutes(#ZONES)',
    '$ts.getSeconds()',
    '$ts.getMilliseconds()',
    '$dur.getHours()',
    '$dur.getMinutes()',
    '$dur.getSeconds()',
    '$dur.getMilliseconds()',
    '$list(int).sum()',
    '$list(int).min()',
    '$list(int).max()',
    '$list(int).indexOf($int)',
    '$list(int).lastIndexOf($int)',
    '$q.sign()',
    '$q.asInteger()',
    '$q.compareTo($q)',
    '$ip.family()',
    '$cidr.prefixLength()',
    '$semver.major()',
    '$semver.minor()',
    '$semver.patch()',
    '$semver.compareTo($semver)',
  ],
  uint: [
    '($uint + $uint)',
    '($uint - $uint)',
    '($uint * $uint)',
    '($uint / $uint)',
    '($uint % $uint)',
    'uint($int)',
    'uint($double)',
    'uint($str)',
    'uint($uint)',
  ],
  double: [
    '($double + $double)',
    '($double - $double)',
    '($double * $double)',
    '($double / $double)',
    '-$double',
    'double($int)',
    'double($uint)',
    'double($str)',
    '$list(double).sum()',
    '$list(double).max()',
    '$q.asApproximateFloat()',
  ],
  bool: [
    '$int < $int',
    '$int <= $double',
    '$uint > $int',
    '$double >= $uint',
    '$str < $str',
    '$bytes <= $bytes',
    '$bool > $bool',
    '$ts < $ts',
    '$dur >= $dur',
    '$dyn < $dyn',
    '$dyn == $dyn',
    '$any == $dyn',
    '$int == $int',
    '$double == $double',
    '$str == $str',
    '$str != $str',
    '$bytes == $bytes',
    '$list(int) == $list(int)',
    '$list(str) != $list(str)',
    '$map(str,int) == $map(str,int)',
    '$type == $type',
    'type($any) == $type',
    '$q == $q',
    '$ip == $ip',
    '$cidr == $cidr',
    '$semver == $semver',
    '$url == $url',
    '$opt(int) == $opt(int)',
    '$ts == $ts',
    '$null == $any',
    '($bool && $bool)',
    '($bool || $bool)',
    '($bool && $bool && $bool)',
    '($bool || $bool || $bool)',
    '!$bool',
    '!($bool)',
    '!!$bool',
    'bool($str)',
    'bool($bool)',
    '$int in $list(int)',
    '$str in $list(str)',
    '$str in $map(str,int)',
    '$int in $map(int,str)',
    '$dyn in $list(dyn)',
    '$dyn in $list(int)',
    '$any in $dyn',
    '$double in $list(int)',
    '$str.contains($str)',
    '$str.startsWith($str)',
    '$str.endsWith($str)',
    '$str.matches(#PATTERNS)',
    'matches($str, #PATTERNS)',
    '$str.matches($str)',
    '$list(int).isSorted()',
    '$list(str).isSorted()',
    '$list(dyn).isSorted()',
    'sets.contains($list(int), $list(int))',
    'sets.equivalent($list(str), $list(str))',
    'sets.intersects($list(int), $list(int))',
    'sets.contains($list(dyn), $list(dyn))',
    'isQuantity($str)',
    'isURL($str)',
    'isIP($str)',
    'isCIDR($str)',
    'isSemver($str)',
    'isSemver($str, $bool)',
    'ip.isCanonical($str)',
    '$q.isInteger()',
    '$q.isGreaterThan($q)',
    '$q.isLessThan($q)',
    '$semver.isLessThan($semver)',
    '$semver.isGreaterThan($semver)',
    '$ip.isLoopback()',
    '$ip.isUnspecified()',
    '$ip.isLinkLocalUnicast()',
    '$ip.isLinkLocalMulticast()',
    '$ip.isGlobalUnicast()',
    '$cidr.containsIP($ip)',
    '$cidr.containsIP($str)',
    '$cidr.containsCIDR($cidr)',
    '$cidr.containsCIDR($str)',
    '$opt(int).hasValue()',
    '$opt(str).hasValue()',
    '$format.validate($str).hasValue()',
    'has({"a": $int}.a)',
    'has({"a": $int}.b)',
    'has($map(str,int).a)',
    'has($dyn.a)',
    'has($opt(dyn).a)',
  ],
  str: [
    '($str + $str)',
    'string($int)',
    'string($uint)',
    'string($double)',
    'string($bool)',
    'string($bytes)',
    'string($ts)',
    'string($dur)',
    'string($str)',
    'string($ip)',
    'string($cidr)',
    '$str.charAt($int)',
    '$str.replace($str, $str)',
    '$str.replace($str, $str, $int)',
    '$str.substring($int)',
    '$str.substring($int, $int)',
    '$str.lowerAscii()',
    '$str.upperAscii()',
    '$str.trim()',
    '$list(str).join()',
    '$list(str).join($str)',
    '$str.split($str).join("-")',
    'strings.quote($str)',
    '"%s %d".format([$any, $int])',
    '"%s".format([$any])',
    '"%s".format([$list])',
    '"%s".format([$map])',
    '"%.2f|%e".format([$double, $double])',
    '"%x %X %b %o".format([$int, $str, $int, $int])',
    '"%d %s".format($list(dyn))',
    '$str.format([$any])',
    '$str.find(#PATTERNS)',
    '$str.find($str)',
    '$list(str).min()',
    '$list(str).max()',
    '$url.getScheme()',
    '$url.getHost()',
    '$url.getHostname()',
    '$url.getPort()',
    '$url.getEscapedPath()',
    '$format.validate($str).value()[0]',
  ],
  bytes: ['($bytes + $bytes)', 'bytes($str)', 'bytes($bytes)'],
  ts: ['($ts + $dur)', '($dur + $ts)', '($ts - $dur)', 'timestamp($str)', 'timestamp($int)', 'timestamp($ts)'],
  dur: ['($dur + $dur)', '($dur - $dur)', '($ts - $ts)', 'duration($str)', 'duration($dur)', '-$dur'],
  type: ['type($any)', 'type($type)'],
  q: ['quantity($str)', '$q.add($q)', '$q.sub($q)', '$q.add($int)', '$q.sub($int)'],
  ip: ['ip($str)', '$cidr.ip()'],
  cidr: ['cidr($str)', '$cidr.masked()'],
  semver: ['semver($str)', 'semver($str, $bool)'],
  url: ['url($str)'],
  format: ['$opt(format).value()'],
  'opt(format)': ['format.named($str)'],
  'list(int)': [
    '[$int, $int]',
    '[$int]',
    '[?$opt(int), $int]',
    '($list(int) + $list(int))',
    '$list(int).slice($int, $int)',
    '$list(int).reverse()',
    '$list(int).distinct()',
    '$list(int).sort()',
    'lists.range(#SMALL)',
    '[$list(int), $list(int)].flatten()',
    '$list(str).map(z, size(z))',
    '$map(int,str).map(z, z)',
  ],
  'list(str)': [
    '[$str, $str]',
    '[$str]',
    '[?$opt(str)]',
    '($list(str) + $list(str))',
    '$str.split($str)',
    '$str.split($str, $int)',
    '$str.findAll(#PATTERNS)',
    '$str.findAll(#PATTERNS, $int)',
    '$list(str).sort()',
    '$list(str).distinct()',
    '$list(str).reverse()',
    '$map(str,int).map(z, z)',
    '$url.getQuery()["k"]',
    '$format.validate($str).orValue([])',
  ],
  'list(double)': ['[$double, $double]', '($list(double) + $list(double))', '$list(double).sort()'],
  'list(dyn)': [
    '[$dyn, $dyn]',
    '[dyn($any), dyn($any)]',
    '[$any, $any]',
    '($list(dyn) + $list(dyn))',
    '$list(dyn).distinct()',
    '[[$dyn], [[$dyn]]].flatten($int)',
    '$list(dyn).slice($int, $int)',
    '$list(dyn).sort()',
  ],
  'map(str,int)': [
    '{$str: $int}',
    '{"a": $int, "b": $int}',
    '{?"a": $opt(int)}',
    '$list(int).transformMapEntry(i9, v9, {string(v9): i9})',
  ],
  'map(int,str)': ['{$int: $str}', '{1: $str, 1: $str}', '$list(str).transformMap(i9, v9, v9)'],
  'map(str,str)': ['{$str: $str}'],
  'map(str,dyn)': ['{$str: $dyn}', '{"a": dyn($any)}', '{"a": $any}'],
  dyn: [
    'dyn($any)',
    '$map(str,dyn)["a"]',
    '$dyn.a',
    '$dyn[0]',
    '$dyn["a"]',
    '$dyn[$int]',
    '($dyn + $dyn)',
    '($dyn - $dyn)',
    '($dyn * $dyn)',
    '($dyn / $dyn)',
    '($dyn % $dyn)',
    '-$dyn',
    '!$dyn',
    '$dyn.size()',
    '$dyn ? $any : $dyn',
    '$list(dyn)[$int]',
    '$opt(dyn).orValue($dyn)',
    '$dyn.?a',
    '$dyn[?0]',
    '$dyn.contains($dyn)',
    'int($dyn)',
    'string($dyn)',
    'size($dyn)',
    '$dyn.map(z, z)',
    '$dyn.filter(z, z > 1)',
  ],
  'opt(int)': [
    'optional.of($int)',
    'optional.ofNonZeroValue($int)',
    '$list(int)[?$int]',
    '$map(str,int)[?$str]',
    '$map(str,int).?a',
    '$opt(int).or($opt(int))',
    '$list(int).first()',
    '$list(int).last()',
    '$opt(int).optMap(z, z + $int)',
    '$opt(int).optFlatMap(z, optional.of(z))',
  ],
  'opt(str)': [
    'optional.of($str)',
    'optional.ofNonZeroValue($str)',
    '$list(str)[?$int]',
    '$map(int,str)[?$int]',
    '$opt(str).or($opt(str))',
    '$list(str).first()',
    '$opt(str).optMap(z, z + $str)',
    '$opt(map(str,str)).b',
  ],
  'opt(dyn)': [
    'optional.of($dyn)',
    'optional.ofNonZeroValue($any)',
    '$dyn.?a',
    '$dyn[?$int]',
    '$opt(dyn).?a',
    '$opt(dyn)[?0]',
    '$opt(dyn).a',
  ],
  'opt(map(str,str))': ['optional.of($map(str,str))'],
  null: ['null'],
  obj: ['$list(obj)[$int]', '$obj'],
  'list(obj)': ['$list(obj).filter(z, has(z.name))', '[$obj]', '($list(obj) + $list(obj))'],
};

const SCALARS = ['int', 'uint', 'double', 'bool', 'str', 'bytes', 'ts', 'dur', 'dyn', 'null', 'type'];
const ANY = [...Object.keys(CALLS)];
const LISTS = ['list(int)', 'list(str)', 'list(double)', 'list(dyn)'];
const MAPS = ['map(str,int)', 'map(int,str)', 'map(str,dyn)', 'map(str,str)'];
const BROKEN = [
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  ',',
  '.',
  '?',
  ':',
  '+',
  '!',
  '&&',
  '||',
  '==',
  'in',
  '&',
  '|',
  '=',
  "'",
  '"',
  '\\',
  '@',
  '#',
  '`',
  ';',
  '1',
  'a',
  ' ',
  '\n',
  '\t',
  '..',
  '?.',
  '[?',
  '.?',
  'has(',
  'null',
  'if',
  'true',
  'package',
  '0x',
  '1.',
  '1e',
  'u',
  '9223372036854775808',
  '-',
  '"\\z"',
  '💯',
  'é',
  '%',
  '//',
  'b"',
  '{?',
  '__a__',
  'a.b{',
  'Type{f: 1}',
  '``',
  'x.`a b`',
  'has(a)',
  '1.0u',
  'r',
  'all(x, y)',
];
const LOCALS = ['x', 'y', 'e', 'i', 's', 'acc', 'self'];
const WEIGHTED_ANY = [...SCALARS, ...SCALARS, ...ANY];

/** A type in a template, or the name of a list. */
const PARTS = /\$(list\((?:int|str|double|dyn|obj)\)|map\(\w+,\w+\)|opt\((?:map\(\w+,\w+\)|\w+)\)|[a-z]+)|#([A-Z]+)/g;

export class Generator {
  constructor(seed, { broken = 0.15 } = {}) {
    this.random = new Random(seed);
    this.brokenShare = broken;
  }

  /** A case: an expression with what it may name. */
  next() {
    const { random } = this;
    this.hasSelf = random.chance(0.4);
    this.scope = [];
    this.wrong = random.chance(0.25) ? 0.06 : 0;
    const type = random.chance(0.4) ? 'bool' : random.pick(WEIGHTED_ANY);
    let expression = this.of(type, 1 + random.below(4));
    if (random.chance(this.brokenShare)) expression = this.broken(expression);
    return { expression, isSelf: this.hasSelf };
  }

  of(type, depth) {
    const { random } = this;
    if (type === 'any') return this.of(random.pick(WEIGHTED_ANY), depth);
    if (type === 'list') return this.of(random.pick(LISTS), depth);
    if (type === 'map') return this.of(random.pick(MAPS), depth);
    if (random.chance(this.wrong)) return this.of(random.pick(WEIGHTED_ANY), depth - 1);
    const locals = this.scope.filter((local) => local.type === type);
    if (locals.length > 0 && random.chance(0.35)) return random.pick(locals).name;
    if (depth <= 0) return this.leaf(type);
    if (random.chance(0.04)) return `dyn(${this.of(type, depth - 1)})`;
    if (random.chance(0.28)) return this.generic(type, depth - 1);
    const calls = CALLS[type];
    return calls === undefined ? this.leaf(type) : this.fill(random.pick(calls), depth - 1);
  }

  leaf(type) {
    const { random } = this;
    if (type === 'any') return this.leaf(random.pick(SCALARS));
    const paths = this.hasSelf ? SELF[type] : NAMES_OF[type];
    if (paths !== undefined && random.chance(0.6)) {
      const path = random.pick(paths);
      if (!this.hasSelf) return path;
      const root = random.chance(0.2) ? 'oldSelf' : 'self';
      return path === '' ? root : `${root}.${path}`;
    }
    const literals = LITERALS[type];
    if (literals !== undefined) return random.pick(literals);
    const inner = /^(?:opt|list)\((.*)\)$/.exec(type)?.[1];
    const made = inner === undefined ? 'null' : this.leaf(inner);
    return type.startsWith('opt') ? `optional.of(${made})` : `[${made}]`;
  }

  /** Fills in the parts of a template; parts have balanced parentheses. */
  fill(template, depth) {
    return template.replace(PARTS, (_, type, list) => {
      if (list !== undefined) return this.random.pick({ ZONES, PATTERNS, SMALL }[list]);
      return this.of(type, depth);
    });
  }

  /** What any type can come of: conditions, elements, macros. */
  generic(type, depth) {
    const { random } = this;
    const forms = [
      () => `(${this.of('bool', depth)} ? ${this.of(type, depth)} : ${this.of(type, depth)})`,
      () => `[${this.of(type, depth)}, ${this.of(type, depth)}][${this.of('int', 0)}]`,
      () => `{"a": ${this.of(type, depth)}}.a`,
      () => `{"a": ${this.of(type, depth)}}["a"]`,
      () => `optional.of(${this.of(type, depth)}).orValue(${this.of(type, depth)})`,
      () => `{"a": ${this.of(type, depth)}}.?a.orValue(${this.of(type, depth)})`,
      () => `{"a": ${this.of(type, depth)}}[?${this.of('str', 0)}].value()`,
      () => `[${this.of(type, depth)}].first().value()`,
      () => this.of(type, depth),
    ];
    if (LISTS.includes(type)) for (let i = 0; i < 4; i++) forms.push(() => this.listMacro(type, depth));
    if (type === 'bool') for (let i = 0; i < 8; i++) forms.push(() => this.boolMacro(depth));
    if (type.startsWith('map(')) for (let i = 0; i < 4; i++) forms.push(() => this.mapMacro(type, depth));
    return random.pick(forms)();
  }

  within(locals, make) {
    this.scope.push(...locals);
    const made = make();
    this.scope.length -= locals.length;
    return made;
  }

  /** What can be gone through, and the types of its indices or keys, and of its elements or values. */
  range(depth) {
    const [range, key, value] = this.random.pick([
      ['list(int)', 'int', 'int'],
      ['list(str)', 'int', 'str'],
      ['list(dyn)', 'int', 'dyn'],
      ['list(double)', 'int', 'double'],
      ['map(str,int)', 'str', 'int'],
      ['map(int,str)', 'int', 'str'],
      ['map(str,dyn)', 'str', 'dyn'],
      ['dyn', 'dyn', 'dyn'],
    ]);
    return { source: this.of(range, depth), key, value, first: range.startsWith('map') ? key : value };
  }

  boolMacro(depth) {
    const { random } = this;
    const { source, key, value, first } = this.range(depth);
    const [a, b] = random.shuffled(LOCALS);
    const body = (locals) => this.within(locals, () => this.of('bool', depth));
    const one = [{ name: a, type: first }];
    const two = [
      { name: a, type: key },
      { name: b, type: value },
    ];
    return random.pick([
      () => `${source}.all(${a}, ${body(one)})`,
      () => `${source}.exists(${a}, ${body(one)})`,
      () => `${source}.exists_one(${a}, ${body(one)})`,
      () => `${source}.existsOne(${a}, ${body(one)})`,
      () => `${source}.all(${a}, ${b}, ${body(two)})`,
      () => `${source}.exists(${a}, ${b}, ${body(two)})`,
      () => `${source}.existsOne(${a}, ${b}, ${body(two)})`,
      () => `${source}.exists_one(${a}, ${b}, ${body(two)})`,
    ])();
  }

  listMacro(type, depth) {
    const { random } = this;
    const element = type.slice(5, -1);
    const { source, key, value, first } = this.range(depth);
    const [a, b] = random.shuffled(LOCALS);
    const body = (locals, of) => this.within(locals, () => this.of(of, depth));
    const one = [{ name: a, type: first }];
    const two = [
      { name: a, type: key },
      { name: b, type: value },
    ];
    return random.pick([
      () => `${source}.map(${a}, ${body(one, element)})`,
      () => `${source}.map(${a}, ${body(one, 'bool')}, ${body(one, element)})`,
      () => `${this.of(type, depth)}.filter(${a}, ${body([{ name: a, type: element }], 'bool')})`,
      () => `${source}.transformList(${a}, ${b}, ${body(two, element)})`,
      () => `${source}.transformList(${a}, ${b}, ${body(two, 'bool')}, ${body(two, element)})`,
      () =>
        `${this.of(type, depth)}.sortBy(${a}, ${body([{ name: a, type: element }], random.pick(['int', 'str', 'double']))})`,
    ])();
  }

  mapMacro(type, depth) {
    const { random } = this;
    const [keyType, valueType] = type.slice(4, -1).split(',');
    const { source, key, value } = this.range(depth);
    const [a, b] = random.shuffled(LOCALS);
    const two = [
      { name: a, type: key },
      { name: b, type: value },
    ];
    const body = (of) => this.within(two, () => this.of(of, depth));
    return random.pick([
      () => `${source}.transformMap(${a}, ${b}, ${body(valueType)})`,
      () => `${source}.transformMap(${a}, ${b}, ${body('bool')}, ${body(valueType)})`,
      () => `${source}.transformMapEntry(${a}, ${b}, {${body(keyType)}: ${body(valueType)}})`,
      () => `${source}.transformMapEntry(${a}, ${b}, ${body('bool')}, {${body(keyType)}: ${body(valueType)}})`,
    ])();
  }

  /** One or two places of the text changed. */
  broken(text) {
    const { random } = this;
    const parts = [...text];
    for (let n = 1 + random.below(2); n > 0; n--) {
      const at = random.below(parts.length + 1);
      const kind = random.below(4);
      if (kind === 0) parts.splice(at, 1);
      else if (kind === 1) parts.splice(at, 0, random.pick(BROKEN));
      else if (kind === 2) parts.splice(at, 1 + random.below(3), random.pick(BROKEN));
      else parts.length = at;
    }
    return parts.join('');
  }
}
