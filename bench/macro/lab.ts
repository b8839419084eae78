// The bench's lab: starts nginx as upstream and as yardstick, the gateway beside it, loads them in turn, reads what each cost.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';

const children: ChildProcess[] = [];
const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));

export function tempFile(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

export async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0));
    });
  });
}

/** Starts a program, pinned to a list of CPUs when one is given. */
export function start(command: string, options: { readonly cpus?: string; readonly log?: string; readonly env?: NodeJS.ProcessEnv } = {}): ChildProcess {
  const pinned = options.cpus === undefined ? command : `taskset -c ${options.cpus} ${command}`;
  const child = spawn('sh', ['-c', `exec ${pinned}`], { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...options.env } });
  children.push(child);
  return child;
}

export function stopAll(): void {
  for (const child of children.splice(0)) child.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}

export async function waitFor(url: string, timeoutMs = 15_000): Promise<void> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    try {
      const reply = await fetch(url);
      await reply.arrayBuffer();
      if (reply.ok) return;
    } catch (error) {
      if (Date.now() > until) throw new Error(`${url} did not come up`, { cause: error });
    }
    if (Date.now() > until) throw new Error(`${url} did not come up`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** CPU microseconds used so far by a process and its children (worker processes of nginx). */
export function cpuMicroseconds(pid: number): number {
  return [pid, ...childrenOf(pid)].reduce((sum, each) => sum + ownCpu(each), 0);
}

function ownCpu(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /, '').split(' ');
  // Fields 14 and 15 of proc(5) stat, in ticks of 10 ms.
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

function childrenOf(pid: number): number[] {
  const found: number[] = [];
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const text = readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1').trim();
    if (text !== '') found.push(...text.split(' ').map(Number));
  }
  return found.flatMap((child) => [child, ...childrenOf(child)]);
}

export function residentMegabytes(pid: number): number {
  return [pid, ...childrenOf(pid)].reduce((sum, each) => sum + Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${each}/status`, 'latin1'))?.[1] ?? 0) / 1024, 0);
}

export const CHAT_REPLY =
  '{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"Hello there, how can I help you today?"},"finish_reason":"stop"}],"usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29}}';

/** nginx that answers every request from memory. */
export async function startUpstream(cpu: string | undefined, workers = 1): Promise<number> {
  const port = await freePort();
  const config = `daemon off; worker_processes ${workers}; pid ${folder}/up.pid; error_log /dev/null; events { worker_connections 8192; }
http { access_log off; keepalive_requests 100000000; keepalive_timeout 600s; client_body_buffer_size 64k;
 server { listen 127.0.0.1:${port} reuseport; location / { default_type application/json; return 200 '${CHAT_REPLY}'; } } }\n`;
  start(`nginx -c ${tempFile('upstream.conf', config)}`, cpu === undefined ? {} : { cpus: cpu });
  await waitFor(`http://127.0.0.1:${port}/`);
  return port;
}

/** nginx proxy_pass, the yardstick. */
export async function startNginx(upstream: number, options: { readonly cpu?: string; readonly workers?: number; readonly buffering?: 'on' | 'off' }): Promise<{ port: number; pid: number }> {
  const port = await freePort();
  const config = `daemon off; worker_processes ${options.workers ?? 1}; pid ${folder}/proxy.pid; error_log /dev/null; events { worker_connections 8192; }
http { access_log off; keepalive_requests 100000000; keepalive_timeout 600s; client_body_buffer_size 64k;
 upstream u { server 127.0.0.1:${upstream}; keepalive 512; keepalive_requests 100000000; }
 server { listen 127.0.0.1:${port} reuseport; location / { proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering ${options.buffering ?? 'on'}; proxy_pass http://u; } } }\n`;
  const child = start(`nginx -c ${tempFile(`proxy-${port}.conf`, config)}`, options.cpu === undefined ? {} : { cpus: options.cpu });
  await waitFor(`http://127.0.0.1:${port}/`);
  return { port, pid: child.pid ?? 0 };
}

export interface Gateway {
  readonly port: number;
  readonly adminPort: number;
  readonly pid: number;
}

export async function startGateway(config: string, options: { readonly cpu?: string; readonly workers: number; readonly flags?: string }): Promise<Gateway> {
  const port = await freePort();
  const adminPort = await freePort();
  const file = tempFile(`gateway-${port}.yaml`, config);
  const node = join(import.meta.dirname, '../../node_modules/.bin/node');
  const program = join(import.meta.dirname, '../../bin/switchyard');
  const command = `${node} ${program} run ${file} --workers ${options.workers} --port ${port} --admin-port ${adminPort} ${options.flags ?? ''}`;
  const child = start(command, options.cpu === undefined ? {} : { cpus: options.cpu });
  await waitFor(`http://127.0.0.1:${adminPort}/ready`);
  return { port, adminPort, pid: child.pid ?? 0 };
}

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly requests: number;
  readonly errors: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly cpuMicrosecondsPerRequest: number;
}

export interface LoadOptions {
  readonly url: string;
  readonly pid: number;
  readonly seconds: number;
  readonly connections: number;
  readonly threads?: number;
  readonly script: string;
  readonly cpu?: string;
}

/** One run of wrk against one target. */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const before = cpuMicroseconds(options.pid);
  const pin = options.cpu === undefined ? '' : `taskset -c ${options.cpu} `;
  const output = await run(`${pin}wrk -t${options.threads ?? 1} -c${options.connections} -d${options.seconds}s -s ${options.script} ${options.url}`);
  const cpu = cpuMicroseconds(options.pid) - before;
  const report = /REPORT (\{.*\})/.exec(output);
  if (report === null) throw new Error(`wrk said:\n${output}`);
  const figures = JSON.parse(report[1]) as { requests: number; duration: number; errors: number; p50: number; p95: number; p99: number };
  return {
    requests: figures.requests,
    requestsPerSecond: figures.requests / (figures.duration / 1e6),
    errors: figures.errors,
    p50Ms: figures.p50 / 1000,
    p95Ms: figures.p95 / 1000,
    p99Ms: figures.p99 / 1000,
    cpuMicrosecondsPerRequest: cpu / figures.requests,
  };
}

export function run(command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', () => resolve(output));
  });
}

const REPORT = `
done = function(s, l, r)
  local e = s.errors
  io.write(string.format('REPORT {"requests":%d,"duration":%d,"errors":%d,"p50":%d,"p95":%d,"p99":%d}\\n', s.requests, s.duration,
    e.connect + e.read + e.write + e.status + e.timeout, l:percentile(50), l:percentile(95), l:percentile(99)))
end\n`;

export const CHAT_REQUEST =
  '{"model":"gpt-4o-mini","messages":[{"role":"system","content":"You are a helpful assistant that answers briefly and to the point, without any extra words, in plain English."},{"role":"user","content":"What is the capital of France, and what is it known for? Please answer in one or two sentences and mention at least one landmark that visitors enjoy, with a short reason why it is worth seeing in spring."}],"max_tokens":100,"temperature":0.7}';

/** wrk scripts: a chat completion of about 500 bytes, and a plain GET. */
export function wrkScripts(): { readonly post: string; readonly get: string } {
  const post = `wrk.method="POST"\nwrk.headers["content-type"]="application/json"\nwrk.headers["authorization"]="Bearer k"\nwrk.body='${CHAT_REQUEST}'\n${REPORT}`;
  return { post: tempFile('post.lua', post), get: tempFile('get.lua', REPORT) };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function machine(): string {
  return `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} CPUs, Linux ${release()}, Node ${process.versions.node}`;
}

/** Writes a result file; its name says what and when. */
export function saveResult(name: string, lines: readonly string[]): void {
  const results = join(import.meta.dirname, '../results');
  mkdirSync(results, { recursive: true });
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(join(results, `${date}-${name}.md`), `# ${name}, ${date}\n\n${machine()}\n\n${lines.join('\n')}\n`);
}
