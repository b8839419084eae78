// What protection costs: the same chat requests through one backend with nothing around it, and through one with circuit breakers,
// outlier detection, active health checks, a retry budget and estimates that its balancer compares by.
// `node bench/macro/guarded.ts [--seconds 3] [--rounds 5] [--save]`
import { type BenchOptions, type Report, runBench } from './lab/bench.ts';
import { CHAT_PATH } from './lab/chat.ts';
import { aiConfig } from './lab/configs.ts';
import { inTurn } from './lab/rounds.ts';
import { pairedRatio } from './lab/statistics.ts';
import { startGateway, startUpstream } from './lab/targets.ts';
import { chatScript, countErrors, LOAD_HEADER, load, loadRow } from './lab/wrk.ts';

const BAR = 0.93;
const WARM_UP_SECONDS = 6;

/** nginx on the other side answers GET / as well, so its checks succeed. */
function guardedConfig(upstream: number): string {
  return `backends:
  mini:
    provider: openai
    base_url: "http://127.0.0.1:${upstream}/v1"
    api_key: sk-bench
    balancer: p2c
    circuit_breaker: {failure_threshold: 5, states: {closed: {success_rate: "> 95%"}}}
    outlier_detection: {}
    health_check: {path: /hello, interval: 1s}
    retry: {attempts: 3, budget: {percent: 20%}}
routes:
  - {name: ai, match: {path: /v1/*}, backend: mini}
`;
}

async function measure({ seconds, rounds, isQuick }: BenchOptions): Promise<Report> {
  const upstream = await startUpstream({ workers: 1, cpu: '1' });
  const place = { workers: 1, cpu: '0' };
  const plain = await startGateway(aiConfig(upstream), place);
  const guarded = await startGateway(guardedConfig(upstream), place);
  const script = chatScript();
  const at = (target: typeof plain, forSeconds: number) =>
    load(target, { path: CHAT_PATH, script, seconds: forSeconds, cpu: '1' });
  for (const target of [plain, guarded]) await at(target, isQuick ? seconds : WARM_UP_SECONDS);
  const [without, within] = await inTurn([plain, guarded], rounds, (target) => at(target, seconds));
  const ratio = pairedRatio(within, without, (result) => result.requestsPerSecond);
  const cost = pairedRatio(within, without, (result) => result.cpuMicrosecondsPerRequest);
  const errors = countErrors([...within, ...without]);
  return {
    verdicts: [
      {
        figure: `guarded: req/s ÷ without ${ratio.toFixed(3)}, CPU per request ÷ without ${cost.toFixed(2)}, errors ${errors}`,
        bar: `≥ ${BAR}, no errors`,
        isMet: ratio >= BAR && errors === 0,
      },
    ],
    lines: [
      `Median of ${rounds} paired rounds of ${seconds} s, 64 connections, 1 worker on CPU 0.`,
      '',
      ...LOAD_HEADER,
      loadRow('plain', without),
      loadRow('guarded', within),
    ],
  };
}

await runBench({ name: 'guarded', defaults: { seconds: 3, rounds: 5 }, quick: { seconds: 2, rounds: 2 }, measure });
