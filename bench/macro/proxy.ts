// Requests per second and CPU per request against nginx proxy_pass, in alternation on the same upstream.
// `node bench/macro/proxy.ts [post|get|plain-post|two-workers] [--with haproxy,envoy] [--seconds 4] [--rounds 5] [--save]`
import { type BenchOptions, type Report, runBench } from './lab/bench.ts';
import { CHAT_PATH } from './lab/chat.ts';
import { aiConfig, plainConfig } from './lab/configs.ts';
import { PEERS } from './lab/peers.ts';
import { inTurn } from './lab/rounds.ts';
import { pairedRatio } from './lab/statistics.ts';
import { type PlaceOptions, startGateway, startNginx, startUpstream, type Target } from './lab/targets.ts';
import { chatScript, countErrors, getScript, LOAD_HEADER, type LoadResult, load, loadRow } from './lab/wrk.ts';

interface Scenario {
  readonly path: string;
  readonly method: 'POST' | 'GET';
  /** With one worker the proxy has CPU 0 to itself, load and upstream share CPU 1; with two all share both. */
  readonly workers: 1 | 2;
  readonly bar: number;
  config(upstream: number): string;
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  post: { path: CHAT_PATH, method: 'POST', workers: 1, bar: 0.65, config: aiConfig },
  get: { path: '/hello', method: 'GET', workers: 1, bar: 0.85, config: plainConfig },
  'plain-post': { path: '/hello', method: 'POST', workers: 1, bar: 0.65, config: plainConfig },
  'two-workers': { path: CHAT_PATH, method: 'POST', workers: 2, bar: 0.65, config: aiConfig },
};

/** Compiled code settles after some 50,000 requests: a first run of 5 s cost a third more CPU per request than the next. */
const WARM_UP_SECONDS = 6;

async function startTargets(scenario: Scenario, peers: readonly string[]): Promise<readonly Target[]> {
  const isPinned = scenario.workers === 1;
  const place: PlaceOptions = { workers: scenario.workers, cpu: isPinned ? '0' : undefined };
  const upstream = await startUpstream({ workers: 1, cpu: isPinned ? '1' : undefined });
  const targets: Target[] = [
    await startGateway(scenario.config(upstream), place),
    await startNginx({ ...place, upstream }),
  ];
  for (const name of peers) {
    if (PEERS[name] === undefined) throw new Error(`no peer ${name}; there are ${Object.keys(PEERS).join(', ')}`);
    targets.push(await PEERS[name]({ ...place, upstream }));
  }
  return targets;
}

async function measure({ words: [word = 'post'], seconds, rounds, peers, isQuick }: BenchOptions): Promise<Report> {
  const scenario = SCENARIOS[word];
  if (scenario === undefined) throw new Error(`no scenario ${word}; there are ${Object.keys(SCENARIOS).join(', ')}`);
  const targets = await startTargets(scenario, peers);
  const script = scenario.method === 'POST' ? chatScript() : getScript();
  const cpu = scenario.workers === 1 ? '1' : undefined;
  const at = (target: Target, forSeconds: number): Promise<LoadResult> =>
    load(target, { path: scenario.path, script, seconds: forSeconds, cpu });
  for (const target of targets) await at(target, isQuick ? seconds : WARM_UP_SECONDS);
  const [ours, theirs, ...others] = await inTurn(targets, rounds, (target) => at(target, seconds));
  const ratio = pairedRatio(ours, theirs, (result) => result.requestsPerSecond);
  const cost = pairedRatio(ours, theirs, (result) => result.cpuMicrosecondsPerRequest);
  const errors = countErrors(ours);
  return {
    verdicts: [
      {
        figure: `${word}: req/s ÷ nginx ${ratio.toFixed(3)}, CPU per request ÷ nginx ${cost.toFixed(2)}, errors ${errors}`,
        bar: `≥ ${scenario.bar}, no errors`,
        isMet: ratio >= scenario.bar && errors === 0,
      },
    ],
    lines: [
      `Median of ${rounds} paired rounds of ${seconds} s, 64 connections, ${scenario.workers} worker(s) each.`,
      '',
      ...LOAD_HEADER,
      ...[ours, theirs, ...others].map((results, index) => loadRow(targets[index].name, results)),
    ],
  };
}

await runBench({ name: 'proxy', defaults: { seconds: 4, rounds: 5 }, quick: { seconds: 2, rounds: 2 }, measure });
