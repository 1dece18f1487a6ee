import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metrics } from './registry.ts';

test('metrics are text, by name and labels, and values of labels are escaped', () => {
  const metrics = new Metrics();
  const requests = metrics.counter({ name: 'requests_total', help: 'All.', labels: ['code', 'verb'] });
  requests.add(['404', 'GET']);
  requests.add(['200', 'a"b\\c\nd'], 2);
  requests.add(['404', 'GET']);
  const durations = metrics.histogram({ name: 'durations', help: 'Seconds.', labels: ['verb'] }, [0.1, 1]);
  for (const value of [0.05, 0.1, 0.5, 7]) durations.observe(['GET'], value);
  metrics.gauge({ name: 'current', help: 'Now.', labels: [] }, () => [[[], 3]]);
  assert.equal(
    metrics.text(),
    [
      '# HELP current Now.',
      '# TYPE current gauge',
      'current 3',
      '# HELP durations Seconds.',
      '# TYPE durations histogram',
      'durations_bucket{verb="GET",le="0.1"} 2',
      'durations_bucket{verb="GET",le="1"} 3',
      'durations_bucket{verb="GET",le="+Inf"} 4',
      'durations_sum{verb="GET"} 7.65',
      'durations_count{verb="GET"} 4',
      '# HELP requests_total All.',
      '# TYPE requests_total counter',
      'requests_total{code="200",verb="a\\"b\\\\c\\nd"} 2',
      'requests_total{code="404",verb="GET"} 2',
      '',
    ].join('\n'),
  );
});

test('OpenMetrics names counters without their ending, writes whole bounds with a point, and ends', () => {
  const metrics = new Metrics();
  metrics.counter({ name: 'requests_total', help: 'All "of" them.', labels: [] }).add([]);
  metrics.histogram({ name: 'waits', help: 'Seconds.', labels: [] }, [1e-8, 0.01, 1]).observe([], 0.5);
  assert.equal(
    metrics.text('openmetrics'),
    [
      '# HELP requests All \\"of\\" them.',
      '# TYPE requests counter',
      'requests_total 1',
      '# HELP waits Seconds.',
      '# TYPE waits histogram',
      'waits_bucket{le="1e-08"} 0',
      'waits_bucket{le="0.01"} 0',
      'waits_bucket{le="1.0"} 1',
      'waits_bucket{le="+Inf"} 1',
      'waits_sum 0.5',
      'waits_count 1',
      '# EOF',
      '',
    ].join('\n'),
  );
});

test('what is registered again goes on, and a gauge is read anew', () => {
  const metrics = new Metrics();
  const register = (now: number): void => {
    metrics.counter({ name: 'requests_total', help: 'All.', labels: [] }).add([]);
    metrics.histogram({ name: 'durations', help: 'Seconds.', labels: [] }, [1]).observe([], 0.5);
    metrics.gauge({ name: 'current', help: 'Now.', labels: [] }, () => [[[], now]]);
  };
  register(1);
  register(2);
  const text = metrics.text();
  for (const line of ['requests_total 2', 'durations_count 2', 'current 2'])
    assert.match(text, new RegExp(`^${line}$`, 'm'));
});
