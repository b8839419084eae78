// Gateway against nginx proxy_pass on the same upstream, in alternation. `node bench/macro/proxy.ts [post|get|two-workers] [rounds] [seconds] [--save]`
import { type LoadResult, load, median, saveResult, startGateway, startNginx, startUpstream, stopAll, wrkScripts } from './lab.ts';

const [scenario = 'post', rounds = '5', seconds = '4'] = process.argv.slice(2).filter((word) => !word.startsWith('--'));

interface Scenario {
  readonly path: string;
  readonly script: 'post' | 'get';
  readonly workers: number;
  readonly config: (upstream: number) => string;
}

const AI = (upstream: number): string =>
  `backends:\n  mini: {provider: openai, base_url: "http://127.0.0.1:${upstream}/v1", api_key: sk-bench}\nroutes:\n  - {name: ai, match: {path: /v1/*}, backend: mini}\n`;
const PLAIN = (upstream: number): string =>
  `backends:\n  up: {endpoints: ["http://127.0.0.1:${upstream}"]}\nroutes:\n  - {name: plain, match: {path: /*}, backend: up}\n`;

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  post: { path: '/v1/chat/completions', script: 'post', workers: 1, config: AI },
  get: { path: '/hello', script: 'get', workers: 1, config: PLAIN },
  'plain-post': { path: '/hello', script: 'post', workers: 1, config: PLAIN },
  'two-workers': { path: '/v1/chat/completions', script: 'post', workers: 2, config: AI },
};

function row(name: string, results: readonly LoadResult[]): string {
  const of = (pick: (result: LoadResult) => number): string => median(results.map(pick)).toFixed(1);
  return `| ${name} | ${of((r) => r.requestsPerSecond)} | ${of((r) => r.cpuMicrosecondsPerRequest)} | ${of((r) => r.p50Ms)} | ${of((r) => r.p95Ms)} | ${of((r) => r.p99Ms)} | ${results.reduce((sum, r) => sum + r.errors, 0)} |`;
}

async function main(): Promise<void> {
  const chosen = SCENARIOS[scenario];
  if (chosen === undefined) throw new Error(`unknown scenario; there are ${Object.keys(SCENARIOS).join(', ')}`);
  const isPinned = chosen.workers === 1;
  const upstream = await startUpstream(isPinned ? '1' : undefined);
  const nginx = await startNginx(upstream, isPinned ? { cpu: '0' } : { workers: 2 });
  const gateway = await startGateway(chosen.config(upstream), { workers: chosen.workers, ...(isPinned ? { cpu: '0' } : {}), flags: '> /dev/null' });
  const scripts = wrkScripts();
  const at = (target: { readonly port: number; readonly pid: number }, runSeconds: number): Promise<LoadResult> =>
    load({
      url: `http://127.0.0.1:${target.port}${chosen.path}`,
      pid: target.pid,
      seconds: runSeconds,
      connections: 64,
      script: scripts[chosen.script],
      ...(isPinned ? { cpu: '1' } : {}),
    });
  await at(gateway, 3);
  await at(nginx, 1);
  const ours: LoadResult[] = [];
  const theirs: LoadResult[] = [];
  for (let round = 0; round < Number(rounds); round++) {
    ours.push(await at(gateway, Number(seconds)));
    theirs.push(await at(nginx, Number(seconds)));
  }
  const ratio = median(ours.map((result, index) => result.requestsPerSecond / theirs[index].requestsPerSecond));
  const cpu = median(ours.map((result, index) => result.cpuMicrosecondsPerRequest / theirs[index].cpuMicrosecondsPerRequest));
  const lines = [
    `${scenario}: req/s ÷ nginx ${ratio.toFixed(3)}, CPU per request ÷ nginx ${cpu.toFixed(2)} (median of ${rounds} paired rounds of ${seconds} s)`,
    '',
    '| target | req/s | CPU µs/req | p50 ms | p95 ms | p99 ms | errors |',
    '|---|---|---|---|---|---|---|',
    row('switchyard', ours),
    row('nginx', theirs),
  ];
  console.log(lines.join('\n'));
  if (process.argv.includes('--save')) saveResult(scenario, lines);
}

try {
  await main();
} finally {
  stopAll();
}
