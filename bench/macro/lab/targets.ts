// The servers of a measurement: an upstream that answers from memory, nginx proxy_pass as the yardstick, other proxies on
// demand, and the gateway.
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { CHAT_REPLY } from './chat.ts';
import { freePort, NODE, start, tempFile, waitFor, workFolder } from './processes.ts';

const PROGRAM = join(import.meta.dirname, '../../../bin/switchyard');

/** Something that answers on a port, with the process whose cost is counted. */
export interface Target {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
}

export interface Gateway extends Target {
  readonly adminPort: number;
  readonly file: string;
}

export interface PlaceOptions {
  readonly cpu?: string | undefined;
  readonly workers: number;
}

/** Keep-alive without an end: a yardstick that closes connections now and then would measure reconnects. */
const NGINX_HTTP = 'access_log off; keepalive_requests 100000000; keepalive_timeout 600s; client_body_buffer_size 64k;';

function nginxFrame(name: string, workers: number, http: string): string {
  return `daemon off; worker_processes ${workers}; pid ${workFolder()}/${name}.pid; error_log /dev/null;
worker_rlimit_nofile 16384; events { worker_connections 8192; }
http { ${NGINX_HTTP}
${http}
}\n`;
}

function startNginxWith(file: string, cpu: string | undefined): number {
  return start({ command: ['nginx', '-c', file], cpu }).pid ?? 0;
}

/** nginx that answers every request with the same text, without a proxy or a disk. */
export async function startUpstream({ cpu, workers }: PlaceOptions, reply = CHAT_REPLY): Promise<number> {
  const port = await freePort();
  const server = ` server { listen 127.0.0.1:${port} reuseport; location / { default_type application/json; return 200 '${reply}'; } }`;
  startNginxWith(tempFile(`upstream-${port}.conf`, nginxFrame(`upstream-${port}`, workers, server)), cpu);
  await waitFor(`http://127.0.0.1:${port}/`);
  return port;
}

export interface ProxyOptions extends PlaceOptions {
  readonly upstream: number;
  /** A path of the upstream that answers at once; the proxy is up when it does. */
  readonly readyPath?: string;
  readonly buffering?: 'on' | 'off';
}

/** The yardstick. With `buffering: 'off'` each read is passed on at once, as streams need it. */
export async function startNginx(options: ProxyOptions): Promise<Target> {
  const { cpu, workers, upstream, readyPath = '/', buffering = 'on' } = options;
  const port = await freePort();
  const proxy = `proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering ${buffering}; proxy_read_timeout 600s;`;
  const http = ` upstream u { server 127.0.0.1:${upstream}; keepalive 1024; keepalive_requests 100000000; }
 server { listen 127.0.0.1:${port} reuseport; location / { ${proxy} proxy_pass http://u; } }`;
  const pid = startNginxWith(tempFile(`proxy-${port}.conf`, nginxFrame(`proxy-${port}`, workers, http)), cpu);
  await waitFor(`http://127.0.0.1:${port}${readyPath}`);
  return { name: 'nginx', port, pid };
}

/** Whether a program is in PATH or among the system's own. */
export function isInstalled(program: string): boolean {
  return `${process.env.PATH ?? ''}:/usr/sbin:/sbin`.split(':').some((place) => {
    try {
      accessSync(join(place, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export interface GatewayPlace extends PlaceOptions {
  readonly watch?: boolean;
  /** Of another checkout, to compare with; none = this one. */
  readonly root?: string;
}

/** The gateway as users run it: access log on (to /dev/null), metrics on. */
export async function startGateway(config: string, place: GatewayPlace): Promise<Gateway> {
  const { cpu, workers, watch = false, root } = place;
  const port = await freePort();
  const adminPort = await freePort();
  const file = tempFile(`gateway-${port}.yaml`, config);
  const flags = ['--workers', workers, '--port', port, '--admin-port', adminPort, '--drain-timeout', '1s'].map(String);
  const program = root === undefined ? PROGRAM : join(root, 'bin/switchyard');
  const command = [NODE, program, 'run', file, ...flags, ...(watch ? ['--watch'] : [])];
  const child = start({ command, cpu, isQuiet: true });
  await waitFor(`http://127.0.0.1:${adminPort}/ready`);
  return { name: 'switchyard', port, adminPort, file, pid: child.pid ?? 0 };
}
