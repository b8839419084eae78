// The options of a gateway with every default filled in, and the combinations that are refused before anything is opened.
import { availableParallelism } from 'node:os';
import { isLoopback } from '../admin/admin-server.ts';
import type { GatewayOptions } from './gateway-options.ts';
import { canSharePorts } from './port-probe.ts';

export type Settings = Required<Omit<GatewayOptions, 'port' | 'dialect' | 'adminToken'>> &
  Pick<GatewayOptions, 'port' | 'dialect' | 'adminToken'> & {
    /** Listeners of several threads may share a port here. */
    readonly reusePort: boolean;
  };

export const DEFAULT_ADMIN_PORT = 8001;
export const DEFAULT_DRAIN_TIMEOUT_MS = 30_000;

/** The settings, or why these options cannot be used. */
export async function resolveSettings(options: GatewayOptions): Promise<Settings | string> {
  const say = options.say ?? ((line) => process.stderr.write(`${line}\n`));
  const environment = options.environment ?? process.env;
  const reusePort = await canSharePorts();
  let workers = options.workers ?? availableParallelism();
  if (workers > 1 && !reusePort) {
    say('This platform cannot share a port between threads: one worker thread is used.');
    workers = 1;
  }
  const adminToken = options.adminToken ?? (environment.SWITCHYARD_ADMIN_TOKEN || undefined);
  const adminAddress = options.adminAddress ?? '127.0.0.1';
  if (!isLoopback(adminAddress) && adminToken === undefined)
    return `The admin server may listen on ${adminAddress} only with a token: set SWITCHYARD_ADMIN_TOKEN or --admin-token.`;
  return {
    paths: options.paths ?? [],
    documents: options.documents ?? [],
    adminPort: options.adminPort ?? DEFAULT_ADMIN_PORT,
    adminAddress,
    watch: options.watch ?? false,
    accessLog: options.accessLog ?? 'stdout',
    drainDelayMs: options.drainDelayMs ?? 0,
    drainTimeoutMs: options.drainTimeoutMs ?? DEFAULT_DRAIN_TIMEOUT_MS,
    port: options.port,
    dialect: options.dialect,
    adminToken,
    environment,
    workers,
    reusePort,
    say,
  };
}
