/** Names and values of labels, in the order of the metric. */
export type Labels = readonly string[];

/** `prometheus`, the text format 0.0.4, or `openmetrics`, 1.0.0. */
export type MetricsForm = 'prometheus' | 'openmetrics';

/** Something that shows its lines. */
interface Family {
  lines(form: MetricsForm): string[];
}

/** Counts up. */
export interface Counter {
  add(labels: Labels, by?: number): void;
  /** The same for labels that stay, without writing them anew each time. */
  of(labels: Labels): { add(by?: number): void };
}

/** Counts how many values are below each bound. */
export interface Histogram {
  observe(labels: Labels, value: number): void;
  /** The same for labels that stay, without writing them anew each time. */
  of(labels: Labels): { observe(value: number): void };
}

/** What a metric is: its whole name, what it says, and the names of its labels. */
export interface MetricDescription {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** Metrics in the text formats of Prometheus, by name. A counter or histogram of a name that there is already is that one, which goes on. */
export class Metrics {
  readonly #families = new Map<string, Family>();
  readonly #counters = new Map<string, Counter>();
  readonly #histograms = new Map<string, Histogram>();

  counter(metric: MetricDescription): Counter {
    const known = this.#counters.get(metric.name);
    const counter = known ?? this.#newCounter(metric);
    this.#counters.set(metric.name, counter);
    return counter;
  }

  /** A counter that counts elsewhere. @param read gives labels and value when the metrics are asked for */
  counted(metric: MetricDescription, read: () => Iterable<readonly [Labels, number]>): void {
    const keyOf = labelText(metric.labels);
    this.#addCounter(metric, () => [...read()].map(([labels, value]) => [keyOf(labels), value]));
  }

  #addCounter(metric: MetricDescription, read: () => readonly (readonly [string, number])[]): void {
    this.#families.set(metric.name, {
      lines: (form) => {
        // OpenMetrics names a counter without the ending that its values have
        const family = form === 'openmetrics' ? metric.name.replace(/_total$/, '') : metric.name;
        const sample = form === 'openmetrics' ? `${family}_total` : metric.name;
        return [
          ...head({ ...metric, name: family }, 'counter', form),
          ...read().map(([labels, value]) => `${sample}${labels} ${value}`),
        ];
      },
    });
  }

  #newCounter(metric: MetricDescription): Counter {
    const values = new Map<string, { value: number }>();
    this.#addCounter(metric, () => [...values].sort(byKey).map(([labels, { value }]) => [labels, value]));
    const keyOf = labelText(metric.labels);
    const cellOf = (labels: Labels): { value: number } => {
      const key = keyOf(labels);
      let cell = values.get(key);
      if (cell === undefined) values.set(key, (cell = { value: 0 }));
      return cell;
    };
    return {
      add: (labels, by = 1) => void (cellOf(labels).value += by),
      of: (labels) => {
        const cell = cellOf(labels);
        return { add: (by = 1) => void (cell.value += by) };
      },
    };
  }

  /** @param read gives labels and value when the metrics are asked for */
  gauge(metric: MetricDescription, read: () => Iterable<readonly [Labels, number]>): void {
    const keyOf = labelText(metric.labels);
    this.#families.set(metric.name, {
      lines: (form) => [
        ...head(metric, 'gauge', form),
        ...[...read()].map(([labels, value]) => `${metric.name}${keyOf(labels)} ${value}`),
      ],
    });
  }

  /** @param bounds the upper ones, rising */
  histogram(metric: MetricDescription, bounds: readonly number[]): Histogram {
    const known = this.#histograms.get(metric.name);
    const histogram = known ?? this.#newHistogram(metric, bounds);
    this.#histograms.set(metric.name, histogram);
    return histogram;
  }

  #newHistogram(metric: MetricDescription, bounds: readonly number[]): Histogram {
    const values = new Map<string, { readonly labels: Labels; readonly counts: number[]; sum: number }>();
    const keyOf = labelText(metric.labels);
    const bucketOf = labelText([...metric.labels, 'le']);
    this.#families.set(metric.name, {
      lines: (form) => [
        ...head(metric, 'histogram', form),
        ...[...values].sort(byKey).flatMap(([key, { labels, counts, sum }]) => {
          let below = 0;
          const buckets = [...bounds.map((bound) => boundText(bound, form)), '+Inf'].map((bound, i) => {
            below += counts[i]!;
            return `${metric.name}_bucket${bucketOf([...labels, bound])} ${below}`;
          });
          return [...buckets, `${metric.name}_sum${key} ${sum}`, `${metric.name}_count${key} ${below}`];
        }),
      ],
    });
    const of = (labels: Labels): { observe(value: number): void } => {
      const key = keyOf(labels);
      let one = values.get(key);
      if (one === undefined) {
        one = { labels: [...labels], counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 };
        values.set(key, one);
      }
      const { counts } = one;
      return {
        observe: (value) => {
          const at = bounds.findIndex((bound) => value <= bound);
          counts[at < 0 ? bounds.length : at]!++;
          one.sum += value;
        },
      };
    };
    return { observe: (labels, value) => of(labels).observe(value), of };
  }

  /** All of them, by name. */
  text(form: MetricsForm = 'prometheus'): string {
    const lines = [...this.#families].sort(byKey).flatMap(([, family]) => family.lines(form));
    if (form === 'openmetrics') lines.push('# EOF');
    return `${lines.join('\n')}\n`;
  }
}

function head({ name, help }: MetricDescription, type: string, form: MetricsForm): string[] {
  const text = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return [`# HELP ${name} ${form === 'openmetrics' ? text.replaceAll('"', '\\"') : text}`, `# TYPE ${name} ${type}`];
}

/** A bound as Go writes it, `1e-08`; OpenMetrics wants a point in whole ones, `1.0`. */
function boundText(bound: number, form: MetricsForm): string {
  const digits = bound < 1e-4 && bound > 0 ? bound.toExponential() : String(bound);
  const text = digits.replace(/e([-+])(\d)$/, 'e$10$2');
  return form === 'openmetrics' && /^\d+$/.test(text) ? `${text}.0` : text;
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

/** Writes `{name="value",…}`. */
function labelText(names: readonly string[]): (values: Labels) => string {
  if (names.length === 0) return () => '';
  const last = names.length - 1;
  return (values) => {
    let text = '{';
    for (let i = 0; i <= last; i++) text += `${names[i]}="${escaped(values[i] ?? '')}"${i < last ? ',' : '}'}`;
    return text;
  };
}

function escaped(value: string): string {
  return /["\\\n]/.test(value) ? value.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n') : value;
}
