// The same requests through 10 and through 10,000 routes: by path, and by host. Finding a route must not depend on how many
// there are. `node bench/macro/routes.ts [--seconds 3] [--rounds 5] [--save]`
import { type BenchOptions, type Report, runBench, type Verdict } from './lab/bench.ts';
import { inTurn } from './lab/rounds.ts';
import { pairedRatio } from './lab/statistics.ts';
import { type Gateway, startGateway, startUpstream } from './lab/targets.ts';
import { countErrors, LOAD_HEADER, load, loadRow, manyRequestsScript } from './lab/wrk.ts';

const BAR = 0.9;
const GROUPS = 10;
const MANY = 10_000;
/** Every route must have been taken, and its code compiled, before the first round. */
const WARM_UP_RUNS = 2;

interface Variant {
  readonly name: string;
  /** What each of the few routes matches, and each of the many: every request fits one of both. */
  few(group: number): string;
  many(index: number): string;
  /** Lua that fills `requests` with all 10,000, shuffled by a fixed stride so that neighbours are not alike. */
  readonly formats: string;
}

const EACH = `for k = 1, ${MANY} do
    local i = (k * 7919) % ${MANY}
    local g = i % ${GROUPS}`;

const VARIANTS: readonly Variant[] = [
  {
    name: 'paths',
    few: (group) => `{path: /g${group}/*}`,
    many: (index) => `{path: /g${index % GROUPS}/r${index}/*}`,
    formats: `${EACH}
    requests[k] = wrk.format("GET", "/g" .. g .. "/r" .. i .. "/items")
  end`,
  },
  {
    name: 'hosts',
    few: (group) => `{host: "*.g${group}.example.test", path: /*}`,
    many: (index) => `{host: "t${index}.g${index % GROUPS}.example.test", path: /*}`,
    formats: `${EACH}
    requests[k] = wrk.format("GET", "/items", { Host = "t" .. i .. ".g" .. g .. ".example.test" })
  end`,
  },
];

function config(upstream: number, matches: readonly string[]): string {
  const routes = matches.map((match, index) => `  - {name: r${index}, match: ${match}, backend: up}`);
  return `backends:\n  up: {endpoints: ["http://127.0.0.1:${upstream}"]}\nroutes:\n${routes.join('\n')}\n`;
}

async function compare(variant: Variant, upstream: number, options: BenchOptions): Promise<[Verdict, string[]]> {
  const { seconds, rounds } = options;
  const few = Array.from({ length: GROUPS }, (_, group) => variant.few(group));
  const many = Array.from({ length: MANY }, (_, index) => variant.many(index));
  const place = { workers: 1, cpu: '0' };
  const gateways: readonly Gateway[] = [
    await startGateway(config(upstream, few), place),
    await startGateway(config(upstream, many), place),
  ];
  const script = manyRequestsScript(variant.name, variant.formats);
  const at = (gateway: Gateway) => load(gateway, { path: '/', script, seconds, cpu: '1' });
  for (const gateway of gateways) for (let run = 0; run < WARM_UP_RUNS; run++) await at(gateway);
  const [withFew, withMany] = await inTurn(gateways, rounds, at);
  const ratio = pairedRatio(withMany, withFew, (result) => result.requestsPerSecond);
  const cost = pairedRatio(withMany, withFew, (result) => result.cpuMicrosecondsPerRequest);
  const errors = countErrors([...withFew, ...withMany]);
  const verdict = {
    figure: `${variant.name}: req/s with ${MANY} routes ÷ with ${GROUPS} ${ratio.toFixed(3)}, CPU per request ${cost.toFixed(2)}, errors ${errors}`,
    bar: `≥ ${BAR}, no errors`,
    isMet: ratio >= BAR && errors === 0,
  };
  const rows = [loadRow(`${variant.name}, ${GROUPS} routes`, withFew), loadRow(`${variant.name}, ${MANY}`, withMany)];
  return [verdict, rows];
}

async function measure(options: BenchOptions): Promise<Report> {
  const upstream = await startUpstream({ workers: 1, cpu: '1' });
  const compared: [Verdict, string[]][] = [];
  for (const variant of VARIANTS) compared.push(await compare(variant, upstream, options));
  return {
    verdicts: compared.map(([verdict]) => verdict),
    lines: [
      `Median of ${options.rounds} paired rounds of ${options.seconds} s; ${MANY} different GET requests in turn, 1 worker on CPU 0.`,
      '',
      ...LOAD_HEADER,
      ...compared.flatMap(([, rows]) => rows),
    ],
  };
}

await runBench({ name: 'routes', defaults: { seconds: 3, rounds: 5 }, quick: { seconds: 2, rounds: 2 }, measure });
