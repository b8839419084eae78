// What a metric is before anything was counted: one line of metric-definitions.ts, or a metric that a filter declares.

interface MetricBase<L extends readonly string[]> {
  readonly name: string;
  readonly help: string;
  readonly labels: L;
  /** Label sets a thread keeps apart before it folds the rest into one; 2,000 when not given. */
  readonly maxSeries?: number;
  /** Further names that the same numbers are shown under, with labels that are called otherwise there. */
  readonly aliases?: readonly MetricAlias[];
}

export interface MetricAlias {
  readonly name: string;
  /** Label here → label there. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Only grows; the name ends in `_total`. */
export interface CounterDefinition<L extends readonly string[] = readonly string[]> extends MetricBase<L> {
  readonly kind: 'counter';
}

/** Goes up and down. `merge` says what the figures of several threads make together: their sum, or that of the newest thread. */
export interface GaugeDefinition<L extends readonly string[] = readonly string[]> extends MetricBase<L> {
  readonly kind: 'gauge';
  readonly merge: 'sum' | 'last';
}

/** `buckets` are upper bounds in rising order; `+Inf` is implied. */
export interface HistogramDefinition<L extends readonly string[] = readonly string[]> extends MetricBase<L> {
  readonly kind: 'histogram';
  readonly buckets: readonly number[];
}

export type MetricDefinition = CounterDefinition | GaugeDefinition | HistogramDefinition;

/** One string per label, in the order of the definition; the compiler counts them. */
export type LabelValues<L extends readonly string[]> = { readonly [I in keyof L]: string };

/** Value of every label of the series that takes what came after the cap. */
export const OTHER_LABEL = '_other';

/** Numbers a series is kept in: a histogram has its buckets, `+Inf` and the sum. */
export function slotsPerSeries(definition: MetricDefinition): number {
  return definition.kind === 'histogram' ? definition.buckets.length + 2 : 1;
}

/** The metric as it is shown: under its own name, then under its aliases. */
export function shownAs(definition: MetricDefinition): readonly MetricDefinition[] {
  const aliases = (definition.aliases ?? []).map(({ name, labels }) => {
    const renamed = definition.labels.map((label) => labels[label] ?? label);
    return { ...definition, name, labels: renamed, help: `${definition.name} under another name. ${definition.help}` };
  });
  return [definition, ...aliases];
}
