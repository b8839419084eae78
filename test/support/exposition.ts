// Reads the Prometheus text format as far as tests need it: the sum of the series of a metric that carry certain labels.

/** 0 when no such series exists. */
export function metricSum(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return text
    .split('\n')
    .map((line) => /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line))
    .filter((match) => match !== null && match[1] === name)
    .filter((match) => wanted.every((pair) => match?.[2]?.split(/,(?=[a-z_]+=")/).includes(pair) === true))
    .reduce((sum, match) => sum + Number(match?.[3]), 0);
}
