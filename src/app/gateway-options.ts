// What starting a gateway takes and gives: the whole of the public surface of `startGateway`.
import type { AddressInfo } from 'node:net';
import type { StatusView } from '../admin/admin-view.ts';
import type { ReloadResult } from '../control/reload.ts';
import type { SourceDocument } from '../control/sources/file-source.ts';
import type { Finding } from '../model/finding.ts';

export interface GatewayOptions {
  /** Configuration files and folders. */
  readonly paths?: readonly string[];
  /** Configuration texts, beside or instead of files. */
  readonly documents?: readonly SourceDocument[];
  /** Replaces the first listener's port; 0 takes a free one. */
  readonly port?: number;
  /** Default 8001; 0 takes a free one. */
  readonly adminPort?: number;
  /** Default 127.0.0.1. Any other than loopback needs a token. */
  readonly adminAddress?: string;
  readonly adminToken?: string;
  /** Data-plane threads; default the cores available, 0 = everything in this thread. */
  readonly workers?: number;
  /** Reload when a file changes. */
  readonly watch?: boolean;
  readonly dialect?: string;
  /** Default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Where access log lines go: `stdout` (default), `off`, or a file. */
  readonly accessLog?: string;
  /** Between failing readiness and closing listeners, for load balancers to notice. Default 0. */
  readonly drainDelayMs?: number;
  /** For requests and streams to finish. Default 30 s. */
  readonly drainTimeoutMs?: number;
  /** Takes the lines meant for people. Default: stderr. */
  readonly say?: (line: string) => void;
}

export interface RunningGateway {
  /** Addresses of listeners as `host:port`, by id, with the real port. */
  readonly listeners: readonly { readonly id: string; readonly url: string; readonly port: number }[];
  readonly admin: Pick<AddressInfo, 'port' | 'address'>;
  status(): StatusView;
  reload(): Promise<ReloadResult>;
  /** Drains and ends. Asked a second time, it cuts what is left at once. */
  stop(): Promise<void>;
  /** Resolves when the gateway has ended. */
  readonly ended: Promise<void>;
}

/** Why a gateway did not start: expected, so a value. */
export type StartOutcome =
  | { readonly kind: 'running'; readonly gateway: RunningGateway }
  | { readonly kind: 'refused'; readonly reason: string; readonly findings: readonly Finding[] };
