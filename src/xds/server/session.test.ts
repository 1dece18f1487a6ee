import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Resource } from '../resources/resource.ts';
import { cluster, endpoints, listener, routes } from '../testing/resources.ts';
import { Script } from '../testing/script.ts';

/** What follows one another: what is done, and what is heard then. */
function check(script: Script, steps: readonly (readonly [() => void, ...string[]])[]): void {
  for (const [i, [act, ...heard]] of steps.entries()) {
    act();
    assert.deepEqual(script.heard(), heard, `step ${i + 1}`);
  }
}

describe('changes', () => {
  const begun = (...resources: readonly Resource[]): Script => {
    const script = new Script('delta');
    script.set(...resources);
    return script;
  };

  test('who names no cluster means all, and none is an answer too', () => {
    const s = begun();
    check(s, [
      [() => s.ask('cluster'), 'cluster:'],
      [() => s.answer('cluster')],
      [() => s.set(cluster('a'), cluster('b')), 'cluster: a b'],
      [() => s.answer('cluster')],
      [() => s.set(cluster('b')), 'cluster: -a'],
    ]);
    assert.deepEqual(s.events, ['acked cluster a b']);
  });

  test('a client without a snapshot waits for one', () => {
    const s = new Script('delta');
    check(s, [
      [() => s.ask('cluster')],
      [() => s.ask('route', ['r'])],
      [() => s.set(cluster('a')), 'cluster: a', 'route: -r'],
    ]);
  });

  test('what there is not is said, and what comes of it later', () => {
    const s = begun();
    check(s, [
      [() => s.ask('endpoint', ['a', 'b']), 'endpoint: -a -b'],
      [() => s.answer('endpoint')],
      [() => s.set(endpoints('a', [1])), 'endpoint: a'],
      [() => s.answer('endpoint')],
      [() => s.set(), 'endpoint: -a'],
    ]);
  });

  test('a type that is not known has nothing', () => {
    const s = begun();
    check(s, [[() => s.ask('of.somebody/else', ['a']), 'of.somebody/else: -a']]);
  });

  test('who asks again hears again, and who asks no more hears no more', () => {
    const s = begun(endpoints('a', [1]));
    check(s, [
      [() => s.ask('endpoint', ['a']), 'endpoint: a'],
      [() => s.answer('endpoint')],
      [() => s.ask('endpoint', ['a']), 'endpoint: a'],
      [() => s.answer('endpoint')],
      [() => s.ask('endpoint', [], { unsubscribe: ['a'] })],
      [() => s.set(endpoints('a', [2]))],
    ]);
  });

  test('all and single names are asked for beside each other', () => {
    const s = begun(cluster('a'), cluster('b'));
    check(s, [
      [() => s.ask('cluster', ['*', 'a', 'c']), 'cluster: a b -c'],
      [() => s.answer('cluster')],
      [() => s.ask('cluster', [], { unsubscribe: ['*'] })],
      [() => s.set(cluster('a', '2'), cluster('b', '2')), 'cluster: a'],
    ]);
  });

  test('one response is on its way at a time, and what changes meanwhile comes in one', () => {
    const s = begun(endpoints('a', [1]), endpoints('b', [1]));
    check(s, [
      [() => s.ask('endpoint', ['a', 'b']), 'endpoint: a b'],
      [() => s.set(endpoints('a', [2]), endpoints('b', [1]))],
      [() => s.set(endpoints('a', [3]), endpoints('b', [2]))],
      [() => s.answer('endpoint'), 'endpoint: a b'],
      [() => s.answer('endpoint')],
    ]);
  });

  test('who does not read is sent nothing', () => {
    const s = begun(cluster('a'));
    s.isFull = true;
    check(s, [[() => s.ask('cluster')], [() => s.set(cluster('b'))], [() => s.drain(), 'cluster: b']]);
  });

  test('routes to a new cluster wait until it is accepted, and others do not', () => {
    const s = begun(cluster('a'), routes('r', ['a']), routes('q', ['a']));
    check(s, [
      [() => s.ask('cluster'), 'cluster: a'],
      [() => s.answer('cluster')],
      [() => s.ask('route', ['r', 'q']), 'route: q r'],
      [() => s.answer('route')],
      [
        () => s.set(cluster('a'), cluster('new'), routes('r', ['new']), routes('q', ['a'], 'changed')),
        'cluster: new',
        'route: q',
      ],
      [() => s.answer('route')],
      [() => s.answer('cluster'), 'route: r'],
    ]);
  });

  test('they do not wait for ever', () => {
    const s = begun(cluster('a'));
    check(s, [
      [() => s.ask('cluster'), 'cluster: a'],
      [() => s.ask('route', ['r']), 'route: -r'],
      [() => s.answer('route')],
      [() => s.set(cluster('a'), routes('r', ['a']))],
      [() => s.endHold(), 'route: r'],
    ]);
  });

  test('a cluster goes when the routes that do not name it any more are accepted', () => {
    const s = begun(cluster('a'), cluster('b'), endpoints('a', [1]), routes('r', ['a']));
    check(s, [
      [() => s.ask('cluster'), 'cluster: a b'],
      [() => s.answer('cluster')],
      [() => s.ask('endpoint', ['a']), 'endpoint: a'],
      [() => s.answer('endpoint')],
      [() => s.ask('route', ['r']), 'route: r'],
      [() => s.answer('route')],
      [() => s.set(cluster('b'), routes('r', ['b'])), 'route: r'],
      [() => s.answer('route'), 'cluster: -a'],
      [() => s.answer('cluster'), 'endpoint: -a'],
    ]);
  });

  test('endpoints are sent again after their cluster', () => {
    const s = begun(cluster('a'), endpoints('a', [1]));
    check(s, [
      [() => s.ask('cluster'), 'cluster: a'],
      [() => s.ask('endpoint', ['a']), 'endpoint: a'],
      [() => s.answer('endpoint')],
      [() => s.answer('cluster')],
      [() => s.set(cluster('a', 'changed'), endpoints('a', [1])), 'cluster: a', 'endpoint: a'],
    ]);
  });

  test('what is refused by name is not sent again, until it is another', () => {
    const s = begun(cluster('a'), cluster('bad'), routes('r', ['a', 'bad']));
    check(s, [
      [() => s.ask('cluster'), 'cluster: a bad'],
      [() => s.answer('cluster', 'Error adding/updating cluster(s) bad: no'), 'cluster: a'],
      [() => s.answer('cluster')],
      [() => s.ask('route', ['r']), 'route: r'],
      [() => s.answer('route')],
      [() => s.set(cluster('a', '2'), cluster('bad'), routes('r', ['a', 'bad'])), 'cluster: a'],
      [() => s.answer('cluster')],
      [() => s.set(cluster('a', '2'), cluster('bad', 'better'), routes('r', ['a', 'bad'])), 'cluster: bad'],
    ]);
    assert.deepEqual(s.events.slice(0, 2), [
      'nacked cluster bad: Error adding/updating cluster(s) bad: no',
      'acked cluster a',
    ]);
  });

  test('what is refused without a name is found by halves', () => {
    const names = Array.from({ length: 16 }, (_, i) => `cluster-${i}`);
    const s = begun(...names.map((name) => cluster(name)));
    s.ask('cluster');
    let count = 0;
    for (let heard = s.heard(); heard.length > 0; heard = s.heard()) {
      count++;
      assert.equal(heard.length, 1);
      const has = heard[0]!.split(' ');
      s.answer('cluster', has.includes('cluster-5') ? 'one of them is bad' : undefined);
    }
    // 16, 8, 4, 2, 1 with it, and their other halves
    assert.ok(count <= 9, `${count} responses`);
    const accepted = s.events
      .filter((event) => event.startsWith('acked'))
      .flatMap((event) => event.split(' ').slice(2));
    assert.deepEqual(accepted.sort(), names.filter((name) => name !== 'cluster-5').sort());
    assert.ok(s.events.includes('nacked cluster cluster-5: one of them is bad'));
  });

  test('who comes back hears what differs, and what is gone when all that it has is known', () => {
    const [a, b, c] = [cluster('a'), cluster('b'), cluster('c')];
    const s = begun(a, b, c);
    const initial = { a: a.version, b: 'another', gone: 'was' };
    check(s, [
      [() => s.ask('cluster', [], { initial }), 'cluster: b c'],
      [() => s.answer('cluster')],
      [() => s.endGrace(), 'cluster: -gone'],
    ]);
    assert.equal(s.events[0], 'acked cluster a');
  });
});

describe('the state of the world', () => {
  const begun = (...resources: readonly Resource[]): Script => {
    const script = new Script('world');
    script.set(...resources);
    return script;
  };

  test('has all clusters each time, and only those endpoints that changed', () => {
    const s = begun(cluster('a'), cluster('b'), endpoints('a', [1]), endpoints('b', [1]));
    check(s, [
      [() => s.askExactly('cluster', []), 'cluster: a b'],
      [() => s.answer('cluster')],
      [() => s.askExactly('endpoint', ['a', 'b']), 'endpoint: a b'],
      [() => s.answer('endpoint', undefined, ['a', 'b'])],
      [
        () => s.set(cluster('a'), cluster('b', '2'), endpoints('a', [2]), endpoints('b', [1])),
        'cluster: a b',
        'endpoint: a b',
      ],
      [() => s.answer('endpoint', undefined, ['a', 'b'])],
      [() => s.answer('cluster')],
      [() => s.set(cluster('a'), cluster('b', '2'), endpoints('a', [3]), endpoints('b', [1])), 'endpoint: a'],
    ]);
  });

  test('a request that was sent before the last response was heard is not an answer to it', () => {
    const s = begun(endpoints('a', [1]), endpoints('b', [1]));
    check(s, [
      [() => s.askExactly('endpoint', ['a']), 'endpoint: a'],
      [() => s.askExactly('endpoint', ['a', 'b'], '', 'of long ago')],
      [() => s.answer('endpoint', undefined, ['a', 'b']), 'endpoint: b'],
    ]);
  });

  test('none means none, when names were said before', () => {
    const s = begun(cluster('a'), cluster('b'));
    check(s, [
      [() => s.askExactly('cluster', ['a']), 'cluster: a'],
      [() => s.answer('cluster', undefined, ['a'])],
      [() => s.answer('cluster', undefined, []), 'cluster:'],
    ]);
  });

  test('endpoints that there are not are none', () => {
    const s = begun(cluster('a'));
    check(s, [[() => s.askExactly('endpoint', ['a']), 'endpoint: a']]);
  });

  test('who comes back with the version that there is hears nothing, also when names were dropped', () => {
    const s = begun(endpoints('a', [1]), endpoints('b', [1]));
    s.askExactly('endpoint', ['a', 'b']);
    s.answer('endpoint', undefined, ['a', 'b']);
    s.heard();
    s.answer('endpoint', undefined, ['a']);
    assert.deepEqual(s.heard(), ['endpoint:'], 'a version of what is left');
    const version = s.version('endpoint');
    s.answer('endpoint', undefined, ['a']);
    s.reconnect();
    check(s, [[() => s.askExactly('endpoint', ['a'], version)], [() => s.set(endpoints('a', [2])), 'endpoint: a']]);
  });

  test('what is refused is left out, or as it was', () => {
    const s = begun(listener('a', 'r', 1), listener('b', 'r', 2));
    check(s, [
      [() => s.askExactly('listener', []), 'listener: a b'],
      [() => s.answer('listener')],
      [() => s.set(listener('a', 'r', 1, '2'), listener('b', 'r', 2), listener('c', 'r', 3)), 'listener: a b c'],
      [() => s.answer('listener', 'Error adding/updating listener(s) a: no\nc: no')],
      [() => s.set(listener('a', 'r', 1, '2'), listener('b', 'r', 2, '2'), listener('c', 'r', 3)), 'listener: a b'],
    ]);
  });
});
