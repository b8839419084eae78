// Numbers as Prometheus reads them: text format 0.0.4.
import type { MetricDefinition } from './metric-definition.ts';

export const EXPOSITION_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** One series with the numbers of all threads together. */
export interface SeriesTotals {
  readonly labels: readonly string[];
  /** As laid out by metric-series.ts. */
  readonly values: Float64Array;
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function escapeLabel(value: string): string {
  // A lone surrogate has no UTF-8; the scraper would refuse the whole page.
  return value.toWellFormed().replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}

function labelText(names: readonly string[], values: readonly string[]): string {
  return names.map((name, index) => `${name}="${escapeLabel(values[index])}"`).join(',');
}

function histogramLines(
  name: string,
  bounds: readonly number[],
  series: { labels: string; values: Float64Array },
): string {
  const { labels, values } = series;
  const separator = labels === '' ? '' : ',';
  const own = labels === '' ? '' : `{${labels}}`;
  let total = 0;
  let text = '';
  for (let bucket = 0; bucket <= bounds.length; bucket++) {
    total += values[bucket];
    const bound = bucket < bounds.length ? numberText(bounds[bucket]) : '+Inf';
    text += `${name}_bucket{${labels}${separator}le="${bound}"} ${total}\n`;
  }
  return `${text}${name}_sum${own} ${numberText(values[bounds.length + 1])}\n${name}_count${own} ${total}\n`;
}

/** One metric with all its series; '' when it has none yet. */
export function familyText(definition: MetricDefinition, all: readonly SeriesTotals[]): string {
  if (all.length === 0) return '';
  let text = `# HELP ${definition.name} ${escapeHelp(definition.help)}\n# TYPE ${definition.name} ${definition.kind}\n`;
  for (const { labels, values } of all) {
    const own = labelText(definition.labels, labels);
    if (definition.kind === 'histogram')
      text += histogramLines(definition.name, definition.buckets, { labels: own, values });
    else text += `${definition.name}${own === '' ? '' : `{${own}}`} ${numberText(values[0])}\n`;
  }
  return text;
}
